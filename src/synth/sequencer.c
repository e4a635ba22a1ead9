// SPDX-License-Identifier: GPL-3.0-or-later
// Sounding notes are an array sorted by their end, last to end first, so the next to end is at the back; it is short,
// and being retriggered or cut takes a walk through it anyway. A note that starts again is first ended and leaves the
// array, so its old end cannot reach the new note. What waits (event_queue.h) and what sounds are in ticks, so a change
// of tempo moves the end of a note that sounds; the timeline says on which frame a tick falls.
//
// While it skips, notes come and go in the array alone. What is left of them when sound is asked for again is started
// as it would have been, the oldest first, with its length so far between: a pad that has been held for half a minute
// is then where it would be in its envelope, its loop and its vibrato.
#include "synth/sequencer.h"

#include "synth/event_queue.h"
#include "synth/timeline.h"

#include <stdlib.h>
#include <string.h>

enum { ALL_NOTES_OFF = 123 };

static const double BPM_DEFAULT = 120;
static const double HELD_S = 120; // a note that has been held for longer than this is started so long ago

struct sounding {
    int64_t end;   ///< tick
    int64_t begun; ///< frame
    uint8_t channel;
    uint8_t key;
    uint8_t velocity;
};

_Static_assert((int)SEQUENCER_EVENTS == (int)EVENT_QUEUE_ROOM, "as many may wait as the header says");

struct sequencer {
    struct instrument *instrument;
    struct sequencer_watch watch;
    struct timeline timeline;
    int64_t frame;
    bool skipping;   ///< the instrument does not know of the notes that sound
    int64_t skipped; ///< the first frame that it was not asked for
    uint64_t dropped;
    size_t sounding_count;
    struct sounding sounding[SEQUENCER_NOTES];
    struct event_queue waiting;
};

struct sequencer *sequencer_new(struct instrument *instrument, double rate, double bpm,
                                const struct sequencer_watch *watch)
{
    struct sequencer *sequencer = calloc(1, sizeof *sequencer);
    if (!sequencer) {
        return NULL;
    }
    sequencer->instrument = instrument;
    timeline_init(&sequencer->timeline, rate, timeline_bpm_valid(bpm) ? bpm : BPM_DEFAULT);
    if (watch) {
        sequencer->watch = *watch;
    }
    return sequencer;
}

void sequencer_free(struct sequencer *sequencer)
{
    free(sequencer);
}

int64_t sequencer_tick(const struct sequencer *sequencer)
{
    return timeline_tick(&sequencer->timeline, sequencer->frame);
}

int64_t sequencer_tick_after(const struct sequencer *sequencer, size_t frames)
{
    const uint64_t room = (uint64_t)(TIMELINE_END - sequencer->frame);
    return timeline_tick(&sequencer->timeline, sequencer->frame + (int64_t)(frames < room ? frames : room));
}

uint64_t sequencer_frame(const struct sequencer *sequencer)
{
    return (uint64_t)sequencer->frame;
}

bool sequencer_idle(const struct sequencer *sequencer)
{
    return sequencer->waiting.count == 0 && sequencer->sounding_count == 0;
}

uint64_t sequencer_dropped(const struct sequencer *sequencer)
{
    return sequencer->dropped;
}

void sequencer_set_bpm(struct sequencer *sequencer, double bpm)
{
    if (timeline_bpm_valid(bpm)) {
        timeline_turn_at_frame(&sequencer->timeline, sequencer->frame, bpm);
    }
}

// The queue of events.

static bool event_valid(const struct event *event)
{
    if (event->tick < 0 || event->tick >= TIMELINE_END || event->channel >= INSTRUMENT_CHANNELS ||
        (unsigned)event->kind > EVENT_RESET) {
        return false;
    }
    if (event->kind == EVENT_NOTE) {
        return event->note.key < 128 && event->note.velocity > 0 && event->note.velocity < 128 &&
               event->note.duration > 0;
    }
    if (event->kind == EVENT_RESET) {
        return (unsigned)event->reset < MIDI_RESETS;
    }
    return event->kind != EVENT_TEMPO || timeline_bpm_valid(event->bpm);
}

enum status sequencer_add(struct sequencer *sequencer, const struct event *event)
{
    if (!event_valid(event)) {
        return STATUS_INVALID;
    }
    return event_queue_add(&sequencer->waiting, event) ? STATUS_OK : STATUS_FULL;
}

// The notes that sound.

static void end_note(struct sequencer *sequencer, size_t index)
{
    struct sounding *note = &sequencer->sounding[index];
    if (!sequencer->skipping) {
        instrument_note_off(sequencer->instrument, note->channel, note->key);
    }
    sequencer->sounding_count--;
    memmove(note, note + 1, (sequencer->sounding_count - index) * sizeof *note);
}

static void end_same(struct sequencer *sequencer, int channel, int key)
{
    for (size_t i = 0; i < sequencer->sounding_count; i++) {
        if (sequencer->sounding[i].channel == channel && sequencer->sounding[i].key == key) {
            end_note(sequencer, i);
            return;
        }
    }
}

static void remember(struct sequencer *sequencer, struct sounding note)
{
    size_t i = sequencer->sounding_count++;
    while (i > 0 && sequencer->sounding[i - 1].end <= note.end) {
        sequencer->sounding[i] = sequencer->sounding[i - 1];
        i--;
    }
    sequencer->sounding[i] = note;
}

// Events by kind. `tick` is where the event takes effect: its own tick, or now if that has passed.

static void play_note(struct sequencer *sequencer, const struct event *event, int64_t tick)
{
    end_same(sequencer, event->channel, event->note.key);
    if (sequencer->sounding_count == SEQUENCER_NOTES) {
        sequencer->dropped++;
        return;
    }
    const int64_t end = tick + event->note.duration;
    remember(sequencer, (struct sounding){.end = end,
                                          .begun = sequencer->frame,
                                          .channel = event->channel,
                                          .key = event->note.key,
                                          .velocity = event->note.velocity});
    if (!sequencer->skipping) {
        instrument_note_on(sequencer->instrument, event->channel, event->note.key, event->note.velocity);
    }
    if (sequencer->watch.note) {
        sequencer->watch.note(sequencer->watch.user, event, (uint64_t)sequencer->frame,
                              (uint64_t)timeline_frame(&sequencer->timeline, end));
    }
}

static void play_cut(struct sequencer *sequencer, const struct event *event, int64_t tick)
{
    (void)tick;
    for (size_t i = sequencer->sounding_count; i > 0; i--) {
        if (sequencer->sounding[i - 1].channel == event->channel) {
            end_note(sequencer, i - 1);
        }
    }
    // What EVENT_MIDI started is not in the array.
    instrument_message(sequencer->instrument, MIDI_CONTROLLER, event->channel, ALL_NOTES_OFF, 0);
    if (sequencer->watch.cut) {
        sequencer->watch.cut(sequencer->watch.user, event->channel, (uint64_t)sequencer->frame);
    }
}

static void play_midi(struct sequencer *sequencer, const struct event *event, int64_t tick)
{
    (void)tick;
    if (sequencer->skipping && event->midi.status <= MIDI_NOTE_ON) {
        return;
    }
    instrument_message(sequencer->instrument, event->midi.status, event->channel, event->midi.data[0],
                       event->midi.data[1]);
}

static void play_tempo(struct sequencer *sequencer, const struct event *event, int64_t tick)
{
    if (tick == event->tick) {
        timeline_turn_at_tick(&sequencer->timeline, tick, event->bpm);
    } else {
        timeline_turn_at_frame(&sequencer->timeline, sequencer->frame, event->bpm);
    }
}

static void play_chord(struct sequencer *sequencer, const struct event *event, int64_t tick)
{
    (void)tick;
    if (sequencer->watch.chord) {
        sequencer->watch.chord(sequencer->watch.user, event, (uint64_t)sequencer->frame);
    }
}

static void play_reset(struct sequencer *sequencer, const struct event *event, int64_t tick)
{
    (void)tick;
    while (sequencer->sounding_count > 0) {
        end_note(sequencer, sequencer->sounding_count - 1);
    }
    instrument_reset(sequencer->instrument, event->reset);
    for (int channel = 0; channel < INSTRUMENT_CHANNELS && sequencer->watch.cut; channel++) {
        sequencer->watch.cut(sequencer->watch.user, channel, (uint64_t)sequencer->frame);
    }
}

static void play_event(struct sequencer *sequencer, const struct event *event)
{
    static void (*const plays[])(struct sequencer *, const struct event *, int64_t) = {
        [EVENT_NOTE] = play_note,   [EVENT_CUT] = play_cut,     [EVENT_MIDI] = play_midi,
        [EVENT_TEMPO] = play_tempo, [EVENT_CHORD] = play_chord, [EVENT_RESET] = play_reset,
    };
    const bool late = timeline_frame(&sequencer->timeline, event->tick) < sequencer->frame;
    plays[event->kind](sequencer, event, late ? sequencer_tick(sequencer) : event->tick);
}

/// Plays all that is due on this frame, notes that end before what starts; returns the frame of what comes next.
static int64_t play_due(struct sequencer *sequencer)
{
    for (;;) {
        const struct sounding *note =
            sequencer->sounding_count > 0 ? &sequencer->sounding[sequencer->sounding_count - 1] : NULL;
        const struct event *event = sequencer->waiting.count > 0 ? event_queue_at(&sequencer->waiting, 0) : NULL;
        if (!note && !event) {
            return TIMELINE_END;
        }
        const bool ends = note && (!event || note->end <= event->tick);
        const int64_t frame = timeline_frame(&sequencer->timeline, ends ? note->end : event->tick);
        if (frame > sequencer->frame) {
            return frame;
        }
        if (ends) {
            end_note(sequencer, sequencer->sounding_count - 1);
        } else {
            const struct event due = event_queue_take(&sequencer->waiting);
            play_event(sequencer, &due);
        }
    }
}

/// The frames, \p frames at most, until something happens.
static uint64_t quiet_frames(struct sequencer *sequencer, uint64_t frames)
{
    const uint64_t gap = (uint64_t)(play_due(sequencer) - sequencer->frame);
    return gap < frames ? gap : frames;
}

// Skipping.

static int older_first(const void *a, const void *b)
{
    const struct sounding *one = a;
    const struct sounding *two = b;
    return (one->begun > two->begun) - (one->begun < two->begun);
}

static void render_unheard(struct instrument *instrument, int64_t frames)
{
    float left[256];
    float right[256];
    const int64_t room = sizeof left / sizeof *left;
    for (; frames > 0; frames -= room) {
        instrument_render(instrument, left, right, (size_t)(frames < room ? frames : room));
    }
}

static void stop_skipping(struct sequencer *sequencer)
{
    struct sounding notes[SEQUENCER_NOTES];
    const size_t count = sequencer->sounding_count;
    memcpy(notes, sequencer->sounding, count * sizeof *notes);
    qsort(notes, count, sizeof *notes, older_first);
    const int64_t longest = (int64_t)(HELD_S * sequencer->timeline.rate);
    const int64_t latest = sequencer->frame > longest ? sequencer->frame - longest : 0;
    int64_t at = count > 0 && notes[0].begun < sequencer->frame ? notes[0].begun : sequencer->frame;
    at = at > latest ? at : latest;
    const int64_t missed = at > sequencer->skipped ? at - sequencer->skipped : 0;
    at = sequencer->skipped + missed - missed % INSTRUMENT_GRID;
    instrument_skip(sequencer->instrument, (uint64_t)(at - sequencer->skipped));
    for (size_t i = 0; i < count; i++) {
        const int64_t wait = notes[i].begun > at ? notes[i].begun - at : 0;
        render_unheard(sequencer->instrument, wait);
        at += wait;
        instrument_note_on(sequencer->instrument, notes[i].channel, notes[i].key, notes[i].velocity);
    }
    render_unheard(sequencer->instrument, sequencer->frame - at);
    sequencer->skipping = false;
}

void sequencer_skip(struct sequencer *sequencer, uint64_t frames)
{
    if (!sequencer->skipping) {
        for (size_t i = 0; i < sequencer->sounding_count; i++) {
            const struct sounding *note = &sequencer->sounding[i];
            instrument_note_off(sequencer->instrument, note->channel, note->key);
        }
        sequencer->skipping = true;
        sequencer->skipped = sequencer->frame;
    }
    while (frames > 0) {
        const uint64_t part = quiet_frames(sequencer, frames);
        sequencer->frame += (int64_t)part;
        frames -= part;
    }
}

/// The note that \p event starts, in \p note; false where it starts none.
static bool starts_note(const struct event *event, struct instrument_note *note)
{
    const uint8_t *midi = event->midi.data;
    switch (event->kind) {
    case EVENT_NOTE:
        *note = (struct instrument_note){event->channel, event->note.key, event->note.velocity};
        return true;
    case EVENT_MIDI:
        *note = (struct instrument_note){event->channel, midi[0], midi[1]};
        return event->midi.status == MIDI_NOTE_ON && midi[1] > 0 && ((midi[0] | midi[1]) & 0x80) == 0;
    default:
        return false;
    }
}

/// Tells the instrument of the notes that start within \p frames frames, a chord's worth of them.
static void announce(struct sequencer *sequencer, size_t frames)
{
    struct instrument_note notes[INSTRUMENT_EXPECTED];
    int count = 0;
    for (size_t i = 0; i < sequencer->waiting.count && count < INSTRUMENT_EXPECTED; i++) {
        const struct event *event = event_queue_at(&sequencer->waiting, i);
        if (timeline_frame(&sequencer->timeline, event->tick) >= sequencer->frame + (int64_t)frames) {
            break;
        }
        count += starts_note(event, &notes[count]);
    }
    if (count > 0) {
        instrument_expect(sequencer->instrument, notes, count);
    }
}

void sequencer_render(struct sequencer *sequencer, float *left, float *right, size_t frames)
{
    if (sequencer->skipping && frames > 0) {
        stop_skipping(sequencer);
    }
    if (frames > 0) {
        announce(sequencer, frames);
    }
    while (frames > 0) {
        const size_t part = (size_t)quiet_frames(sequencer, frames);
        instrument_render(sequencer->instrument, left, right, part);
        sequencer->frame += (int64_t)part;
        left += part;
        right += part;
        frames -= part;
    }
}
