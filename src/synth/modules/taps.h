// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// A value between the frames of a sound: sixteen frames around it, weighted by a sinc behind a Kaiser window.
///
/// The weights are kept for TAPS_PHASES places between two frames; between those they are taken on a straight line. Up
/// to 0.4 of the rate of the sound nothing is lost, and what the place adds is more than 90 dB below.
#pragma once

#include "synth/poly.h"

#include <string.h>

enum {
    TAPS = POLY_LANES,
    TAPS_BEFORE = TAPS / 2 - 1, ///< frames before the one on the left of the place
    TAPS_PHASES = 256,
    TAPS_FLOATS = (TAPS_PHASES + 1) * TAPS,
};

/// Fills \p table, TAPS_FLOATS long. Not on an audio thread.
void taps_fill(float *table);

/// Sixteen floats from anywhere.
POLY_INLINE poly taps_load(const float *from)
{
    poly x;
    memcpy(&x, from, sizeof x);
    return x;
}

/// The weights of the frames from TAPS_BEFORE before, for a place \p fraction (0 to 1) of a frame on.
POLY_INLINE poly taps_weights(const float *table, float fraction)
{
    const float place = fraction * TAPS_PHASES;
    const int phase = place < TAPS_PHASES - 1 ? (int)place : TAPS_PHASES - 1;
    const poly a = taps_load(table + (ptrdiff_t)phase * TAPS);
    const poly b = taps_load(table + (ptrdiff_t)(phase + 1) * TAPS);
    return a + (b - a) * (place - (float)phase);
}

/// The sum of all lanes, always in the same order.
POLY_INLINE float taps_sum(poly x)
{
    typedef float eight __attribute__((vector_size(32)));
    typedef float four __attribute__((vector_size(16)));
    const eight a = __builtin_shufflevector(x, x, 0, 1, 2, 3, 4, 5, 6, 7) +
                    __builtin_shufflevector(x, x, 8, 9, 10, 11, 12, 13, 14, 15);
    const four b = __builtin_shufflevector(a, a, 0, 1, 2, 3) + __builtin_shufflevector(a, a, 4, 5, 6, 7);
    return (b[0] + b[2]) + (b[1] + b[3]);
}
