// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// How strongly is played: level, loudness, whether it grows or fades, and how densely notes begin.
#pragma once

#include "core/realtime.h"
#include "core/status.h"
#include "hear/loudness.h"

#include <stddef.h>

/// What can be said at a moment. Levels of silence are LOUDNESS_SILENCE.
struct dynamics_report {
    double rms;  ///< dBFS of the last 100 ms, the mean of all channels; a full-scale square is 0
    double peak; ///< dBFS of the last 100 ms, the highest sample of any channel
    double momentary, short_term, integrated; ///< LUFS (loudness.h)
    double slope;            ///< dB a second that the loudness grows by, over the last 4 s: a crescendo is above 0
    double slope_confidence; ///< 0 to 1: 1 for a slope without doubt, 0.5 for one known to within 1 dB a second
    double density;          ///< onsets a second over the last 4 s
};

struct dynamics;

/// NULL without memory or when an option is outside its range. Not for audio callbacks.
struct dynamics *dynamics_new(const struct loudness_options *options);

void dynamics_free(struct dynamics *dynamics);

/// Takes \p count interleaved frames of the device, which are numbers.
void dynamics_push(struct dynamics *dynamics, const float *frames, size_t count) REALTIME;

/// Says that something began at \p frame of the device. Of more than 255 onsets in 4 s the latest count.
void dynamics_onset(struct dynamics *dynamics, double frame) REALTIME;

/// What can be said now. It is new each 10 ms, the slope and the integrated loudness each 100 ms; the call is cheap.
void dynamics_read(const struct dynamics *dynamics, struct dynamics_report *report) REALTIME;
