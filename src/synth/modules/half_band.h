// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// To four times the rate and back, for what bends a signal: the overtones that so arise stay below half the rate.
///
/// Each doubling is a half-band filter of two branches of all-passes at the lower rate (Valenzuela and Constantinides,
/// "Digital signal processing schemes for efficient interpolation and decimation", 1983), elliptic. The outer one lets
/// through up to 0.46 of the rate (22 kHz at 48 kHz) and takes 99 dB from 0.54 on; the inner one stands in the room
/// that this one leaves and takes 106 dB. They turn the phase but do not delay by a whole number of frames.
#pragma once

#include "synth/modules/guard.h"

enum { HALF_BAND_OUTER = 4, HALF_BAND_INNER = 2 }; ///< all-passes in a branch

struct half_band_outer {
    poly past[2][HALF_BAND_OUTER + 1]; ///< of each branch: the last input of each all-pass, and the last output
};

struct half_band_inner {
    poly past[2][HALF_BAND_INNER + 1];
};

struct half_band {
    struct half_band_outer up, down;
    struct half_band_inner up_inner, down_inner;
};

static const float half_band_outer_poles[2][HALF_BAND_OUTER] = {
    {0.040633461F, 0.300757056F, 0.609524315F, 0.84922381F}, {0.150505129F, 0.460774505F, 0.738503841F, 0.949742784F}};
static const float half_band_inner_poles[2][HALF_BAND_INNER] = {{0.0463483F, 0.411986516F},
                                                                {0.18335817F, 0.757790031F}};

/// One frame through \p count all-passes in a row, with \p count + 1 frames of \p past.
POLY_INLINE poly half_band_branch(poly *past, const float *poles, uint32_t count, poly x)
{
    for (uint32_t i = 0; i < count; i++) {
        const poly next = poles[i] * (x - past[i + 1]) + past[i];
        past[i] = x;
        x = next;
    }
    past[count] = x;
    return x;
}

POLY_INLINE void half_band_keep(struct half_band *state)
{
    poly *past = (poly *)state;
    for (uint32_t i = 0; i < sizeof *state / sizeof(poly); i++) {
        past[i] = module_kept(past[i]);
    }
}

/// Four frames of \p out for one of \p in.
POLY_INLINE void half_band_up(struct half_band *state, poly in, poly out[4])
{
    for (uint32_t i = 0; i < 2; i++) {
        const poly x = half_band_branch(state->up.past[i], half_band_outer_poles[i], HALF_BAND_OUTER, in);
        for (uint32_t j = 0; j < 2; j++) {
            out[2 * i + j] = half_band_branch(state->up_inner.past[j], half_band_inner_poles[j], HALF_BAND_INNER, x);
        }
    }
}

/// And back.
POLY_INLINE poly half_band_down(struct half_band *state, const poly in[4])
{
    poly sum = poly_all(0);
    for (uint32_t i = 0; i < 2; i++) {
        poly x = poly_all(0);
        for (uint32_t j = 0; j < 2; j++) {
            x += half_band_branch(state->down_inner.past[j], half_band_inner_poles[j], HALF_BAND_INNER,
                                  in[2 * i + 1 - j]);
        }
        sum += half_band_branch(state->down.past[1 - i], half_band_outer_poles[1 - i], HALF_BAND_OUTER, 0.5F * x);
    }
    return 0.5F * sum;
}
