// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Beat, tempo, bar and metre of what is heard, and when the next beat comes, so that one can play on it.
///
/// A network hears how likely a beat is just now (hear/beat_network.h), a state space follows tempo and phase forward
/// in time (hear/beat_pointer.h), another one the bar (hear/beat_metre.h). A beat is stated once, at the latest when it
/// sounds, from what was heard before it; a wrong one is not taken back, the following ones are where they belong.
///
/// Times are in frames of the stream that is pushed, counted from its first frame, which is 0. One thread at a time.
#pragma once

#include "core/realtime.h"
#include "core/status.h"

#include <stdbool.h>
#include <stddef.h>

/// A beat that is stated.
struct beat_event {
    double frame;          ///< when it sounds: a tenth of a step to a little more than a step ahead
    double confidence;     ///< 0 to 1: probability that it comes then
    unsigned number;       ///< in the bar, 1 is the downbeat
    unsigned beats;        ///< in the bar
    double bar_confidence; ///< 0 to 1: probability that number and beats are right
};

/// What is known now.
struct beat_state {
    bool known;            ///< whether there is a beat; when not, the rest is a guess
    double tempo;          ///< BPM
    double confidence;     ///< 0 to 1, as of the next beat
    double phase;          ///< beats since the latest one, 0 to 1
    double next;           ///< frame of the next beat
    unsigned beats;        ///< in the bar: 2, 3 or 4
    unsigned number;       ///< in the bar, of the beat that sounds now, 1 to beats
    unsigned division;     ///< of a beat: 2, or 3 (6/8 has two beats that are divided in three)
    double bar_confidence; ///< 0 to 1
};

struct beat;

/// \p rate of the stream in Hz, 8000 to 80000: else STATUS_RANGE. STATUS_NO_MEMORY, or STATUS_CORRUPT where beat.txt is
/// not what was learned. Not for audio callbacks.
MUST_USE enum status beat_new(double rate, struct beat **beat, struct complaint *complaint);

void beat_free(struct beat *beat);

/// Takes \p count frames, up to INTAKE_BLOCK of them. True when a beat is stated, in \p event.
bool beat_push(struct beat *beat, const float *frames, size_t count, struct beat_event *event) REALTIME;

/// Frames from one step of the tracker to the next: a hundredth of a second, rounded.
size_t beat_step(const struct beat *beat) REALTIME;

/// For an ear that does not hear sound (MIDI), instead of beat_push() and never mixed with it: to be called once every
/// beat_step() frames with what the network is to see of them, BEAT_BANDS_VALUES numbers as beat_bands.h has them.
bool beat_push_values(struct beat *beat, const float *values, struct beat_event *event) REALTIME;

/// What is known after the latest push.
void beat_state(const struct beat *beat, struct beat_state *state) REALTIME;
