// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Plays a score on an instrument: from ticks to frames, sample-exact, at a tempo that may change at any moment.
///
/// The owner feeds events ahead of the position and asks for frames; the sequencer cuts the block at every event. One
/// thread owns it; nothing is allocated after sequencer_new().
#pragma once

#include "core/status.h"
#include "music/event.h"
#include "synth/instrument.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Events that may wait, and notes that may sound, at once.
enum { SEQUENCER_EVENTS = 4096, SEQUENCER_NOTES = 256 };

struct sequencer;

/// Told of what is played, at the frame where it is played: for a display, a recording, a measurement. \p end is the
/// frame on which the note will end if the tempo stays and nothing cuts or retriggers it. The members may add events.
struct sequencer_watch {
    void (*note)(void *user, const struct event *event, uint64_t frame, uint64_t end);
    void (*cut)(void *user, int channel, uint64_t frame);
    void (*chord)(void *user, const struct event *event, uint64_t frame);
    void *user;
};

/// A sequencer at frame 0, tick 0, at \p bpm (120 where that is no tempo). It plays \p instrument, which stays the
/// caller's and must outlive it. \p watch is copied; NULL, or a NULL member, for no interest. NULL when memory is out.
struct sequencer *sequencer_new(struct instrument *instrument, double rate, double bpm,
                                const struct sequencer_watch *watch);

/// Queues \p event, behind those of the same tick. An event whose tick has passed plays at once, a note at its whole
/// length. A tick plays on the first frame that is not before it; notes that end there go first. A note that starts
/// while the same key of its channel sounds ends that one first. EVENT_TEMPO changes the tempo at its tick, and with it
/// the ends of what sounds. EVENT_CUT releases also what EVENT_MIDI started (controller 123).
/// EVENT_RESET ends all notes and resets the instrument; the watch hears of it as a cut of every channel.
///
/// In the order of their ticks events are added at once; one amid others moves the fewer of those before and behind it
/// (some microseconds at most). STATUS_FULL when SEQUENCER_EVENTS wait: render first, then add it again. STATUS_INVALID
/// for what event.h does not allow, or a tick beyond TIMELINE_END.
MUST_USE enum status sequencer_add(struct sequencer *sequencer, const struct event *event);

/// Changes the tempo from the present frame on, in quarter notes a minute, above 0; anything else is ignored.
void sequencer_set_bpm(struct sequencer *sequencer, double bpm);

/// The tick that the next frame falls on or follows.
int64_t sequencer_tick(const struct sequencer *sequencer);

/// Frames rendered so far.
uint64_t sequencer_frame(const struct sequencer *sequencer);

/// The tick that will have been reached \p frames frames from now if the tempo stays.
int64_t sequencer_tick_after(const struct sequencer *sequencer, size_t frames);

/// Whether nothing waits and no note of a queued EVENT_NOTE sounds.
bool sequencer_idle(const struct sequencer *sequencer);

/// Notes that could not start because SEQUENCER_NOTES sounded, since the start.
uint64_t sequencer_dropped(const struct sequencer *sequencer);

/// Plays and renders the next \p frames frames.
void sequencer_render(struct sequencer *sequencer, float *left, float *right, size_t frames);

/// Plays the next \p frames frames without sound, which takes as long as their events do: the watch hears of
/// everything, the instrument of all but notes, and what sounds on it is released. The next sequencer_render() first
/// starts the notes that sound by then as if they had been played, those of EVENT_MIDI left out: it renders and throws
/// away what they have sounded so far, 120 s at most. What ended before stays unheard, and so does its reverb.
void sequencer_skip(struct sequencer *sequencer, uint64_t frames);

/// NULL is fine.
void sequencer_free(struct sequencer *sequencer);
