// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// When something begins to sound: a drum, a plucked or a struck string, a sung or blown note.
///
/// A small network looks at how the bands of the fast stream have risen (hear/flux.h) and says how sure it is that
/// something began a few milliseconds ago, and how many; it has learned this from renderings in which that is known to
/// the sample (tools/learn_onset). An onset is told as soon as it is believed, and not again for 30 ms (after Böck,
/// Arzt, Krebs and Schedl, "Online real-time onset detection with recurrent neural networks", DAFx 2012, who do without
/// looking ahead; here a feed-forward network whose inputs reach 64 ms back takes the recurrent one's place).
///
/// The moment that is told is where listeners mark an onset, which is some 10 ms after its first sound: the perceptual
/// attack (Vos and Rasch, "The perceptual onset of musical tones", Perception & Psychophysics 29, 1981).
#pragma once

#include "core/realtime.h"
#include "core/status.h"

#include <stdbool.h>
#include <stddef.h>

enum onset_band {
    ONSET_LOW,  ///< most new below 300 Hz: a bass drum, a bass
    ONSET_MID,  ///< 300 Hz to 2.4 kHz
    ONSET_HIGH, ///< above: a cymbal, a hi-hat
    ONSET_BANDS
};

struct onset_event {
    double frame;    ///< of the stream, when it was heard to begin; never before the last one's
    double strength; ///< 0 to 1, the level against the loudest of the last seconds: 0.11 is 6 dB
    enum onset_band band;
    bool pitched; ///< more like a tone than like a drum
};

struct onset;

/// \p rate of the fast stream, 8000 to 80000 Hz: else STATUS_RANGE. STATUS_NO_MEMORY, or STATUS_CORRUPT where onset.txt
/// is not what was learned. Not for audio callbacks.
MUST_USE enum status onset_new(double rate, struct onset **onset, struct complaint *complaint);

void onset_free(struct onset *onset);

/// Takes \p count frames, at most INTAKE_BLOCK. Whether an onset was found, and then which; there is never a second one
/// in so short a time.
bool onset_push(struct onset *onset, const float *frames, size_t count, struct onset_event *event) REALTIME;

/// How sure it was at the last look, 0 to 1, that something has just begun.
double onset_activation(const struct onset *onset) REALTIME;
