// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What has newly begun to sound: how much each band of the fast stream has risen, 375 times a second.
///
/// Two spectra with lopsided windows are compared with their own past: a short one (11 ms), which tells moments apart,
/// and a long one (43 ms), which tells tones apart. The short one is summed to bands of half an octave. The long one
/// gives spectral flux with the maximum filter of SuperFlux, so that vibrato and glides are no rise (Böck and Widmer,
/// "Maximum filter vibrato suppression for onset detection", DAFx 2013, 3). Both are measured against the loudest of
/// the last seconds, so that what comes out does not depend on the level, and compressed as the paper does.
#pragma once

#include "core/realtime.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    FLUX_SHORT_BANDS = 16, ///< of half an octave, the first around 90 Hz; above half the rate they stay 0
    FLUX_SHORT_LAGS = 8,   ///< earlier moments that the short bands are compared with
    FLUX_LONG_BANDS = 12,  ///< groups of the long spectrum's bands, two thirds of an octave each, from 40 Hz on
    FLUX_LONG_LAGS = 4,    ///< moments of which the long flux is told: now and before
    FLUX_VALUES = FLUX_SHORT_BANDS * (1 + FLUX_SHORT_LAGS) + FLUX_LONG_BANDS * FLUX_LONG_LAGS,
};

struct flux;

/// \p rate of the stream in Hz, 8000 to 80000. NULL when there is no memory or the rate is another. Not for audio
/// callbacks.
struct flux *flux_new(double rate);

void flux_free(struct flux *flux);

/// Takes frames until a value is due or all \p count are taken; returns how many, and whether there are new values
/// in \p made. The two transforms are never made at the same frame.
size_t flux_push(struct flux *flux, const float *frames, size_t count, bool *made) REALTIME;

/// Frames between two sets of values: 2.667 ms, rounded.
uint32_t flux_hop(const struct flux *flux) REALTIME;

/// FLUX_VALUES numbers of about -10 to 10: the compressed level of each short band (0 to 9, one for 6 dB), the rises of
/// all short bands over each lag, and the flux of all long groups, now and before.
const float *flux_values(const struct flux *flux) REALTIME;
