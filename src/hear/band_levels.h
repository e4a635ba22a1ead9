// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What the beat's network sees of how loud the bands are: logarithms against the loudest that was lately heard, and
/// how much they have risen.
#pragma once

#include "core/realtime.h"

enum { BEAT_BANDS = 30, BEAT_BANDS_VALUES = 2 * BEAT_BANDS, BAND_LEVELS_BACK = 2 };

/// The owner's to hold, its own to touch.
struct band_levels {
    float level, sink, forget;                ///< and what a row leaves of it, of music and of a glitch
    float usual, ebb, rise;                   ///< and what a row makes of it at least and at most
    int begun;                                ///< rows of the beginning that are yet to come
    float past[BAND_LEVELS_BACK][BEAT_BANDS]; ///< the latest first
    float values[BEAT_BANDS_VALUES];
};

/// The window through which a row is seen: its length in seconds, and how much of that is its falling part.
extern const double band_levels_window, band_levels_fall;

/// The edges of the bands in Hz: band \p i begins at edge \p i, is fullest at the next and ends at the one after that.
double band_levels_edge(int i);

/// How much of a sine of \p hz counts in band \p i, 0 to 1.
double band_levels_weight(int i, double hz);

/// Nothing was heard; rows of \p seconds each follow.
void band_levels_init(struct band_levels *levels, double seconds);

/// Takes the next row's \p sums: of the bands' amplitudes, 1 for full scale.
void band_levels_push(struct band_levels *levels, const float sums[BEAT_BANDS]) REALTIME;
