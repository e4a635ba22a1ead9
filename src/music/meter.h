// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Musical time: ticks, beats and bars. Pure; any thread.
#pragma once

#include <stdint.h>

/// Ticks of a quarter note. 480 divides by every subdivision that Tutti plays.
enum { TICKS_PER_BEAT = 480 };

/// A time signature: \p beats notes of 1/\p unit a bar, as 4/4, 3/4, 6/8.
struct meter {
    uint8_t beats; ///< 1 to 32
    uint8_t unit;  ///< 1, 2, 4, 8, 16 or 32
};

/// Where a tick falls.
struct meter_position {
    int64_t bar;  ///< 0 is the first
    int32_t beat; ///< 0 to beats - 1, in units of the meter
    int32_t tick; ///< ticks into that beat
};

/// Ticks of one unit of the meter (an eighth in 6/8) and of one bar.
int32_t meter_beat_ticks(struct meter meter);
int32_t meter_bar_ticks(struct meter meter);

/// \p tick at least 0.
struct meter_position meter_locate(struct meter meter, int64_t tick);

/// How strong a place in the bar is: 3 the downbeat, 2 the middle of an even bar (the second dotted beat of 6/8) or a
/// later dotted beat of 9/8, 1 another beat, 0 between beats. \p tick at least 0.
int meter_strength(struct meter meter, int64_t tick);

/// Frames that \p ticks last at \p bpm quarter notes a minute and \p rate frames a second, not rounded.
double meter_frames(double ticks, double bpm, double rate);
