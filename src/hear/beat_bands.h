// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What the beat tracker's network sees of the sound: how loud each band of hearing is, and how much louder it just
/// became, a hundred times a second.
///
/// Triangular bands, evenly spaced on an axis that is linear below 400 Hz and logarithmic above, of a transform of the
/// last 40 ms; compressed by a logarithm, as Böck, Krebs and Widmer do ("Joint beat and downbeat tracking with
/// recurrent neural networks", ISMIR 2016, section 2.1). Levels are relative to the loudest moment of the last
/// seconds, so that the player's gain does not matter.
#pragma once

#include "core/realtime.h"
#include "hear/band_levels.h"

#include <stdbool.h>
#include <stddef.h>

struct beat_bands;

/// \p rate in Hz, 8000 to 80000. NULL when there is no memory or \p rate is another. Not for audio callbacks.
struct beat_bands *beat_bands_new(double rate);

void beat_bands_free(struct beat_bands *bands);

/// Frames between two rows of values: a hundredth of a second, rounded.
size_t beat_bands_hop(const struct beat_bands *bands) REALTIME;

/// Takes frames until a row of values is due or all \p count are taken; returns how many, and whether there is a new
/// row in \p made.
size_t beat_bands_push(struct beat_bands *bands, const float *frames, size_t count, bool *made) REALTIME;

/// The latest row, BEAT_BANDS_VALUES from 0 to 1 (the levels, then their rises), which ends with the frame that was
/// taken last.
const float *beat_bands_values(const struct beat_bands *bands) REALTIME;
