// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What each line of a reverb's network loses, so that all of a sound dies away in the time that was asked for.
///
/// A sound that has passed a line of D frames must have lost 60 D / (rate T60) dB whatever the line: then all
/// modes of a frequency decay alike. A one-pole low-pass g (1 - p) / (1 - p z^-1) meets that at 1 and at 6 kHz. With c1
/// and c6 the cosines of these and R the ratio of powers wanted at 6 and 1 kHz, p solves p^2 - 2 B p + 1 = 0, B = (c1 -
/// R c6) / (1 - R); g then follows from the gain at 1 kHz. The pole stops where the decay at 0 Hz, which is longer,
/// would be 1.5 times that at 1 kHz.
#pragma once

#include "synth/modules/guard.h"

static const float DAMPER_MIDDLE_HZ = 1000;
static const float DAMPER_HIGH_HZ = 6000;

/// One a lane: y = feed * x + pole * y before.
struct damper {
    poly feeds; ///< g (1 - p)
    poly poles; ///< p
    poly kept;  ///< of the power at 1 kHz
};

POLY_INLINE poly damper_root(poly x)
{
    poly result = x;
    for (uint32_t i = 0; i < POLY_LANES; i++) {
        result[i] = __builtin_sqrtf(x[i]);
    }
    return result;
}

POLY_INLINE float damper_cosine(float turns)
{
    return poly_sine(poly_all(0.25F - turns))[0];
}

/// The pole of the low-pass whose power at the second frequency is \p ratio of that at the first, by the cosines of
/// both; 1 where none does that.
POLY_INLINE poly damper_pole(poly ratio, float first, float second)
{
    const poly below = poly_min(ratio, poly_all(0.999999F));
    const poly half = (first - below * second) / (1.0F - below);
    const poly pole = 1.0F / (poly_max(half, poly_all(1)) + damper_root(poly_max(half * half - 1.0F, poly_all(0))));
    return poly_select(ratio < 0.999999F, pole, poly_all(0));
}

/// The dampers of lines of \p frames frames, for a fall by 60 dB in \p decay seconds at 1 kHz and (1 - \p damp) of
/// them at 6 kHz.
POLY_INLINE struct damper damper_find(poly frames, float rate, float decay, float damp)
{
    const float middle = damper_cosine(DAMPER_MIDDLE_HZ / rate);
    const float high = damper_cosine(module_hold(DAMPER_HIGH_HZ / rate, 0, 0.4F));
    const poly loss = frames * (-19.931569F / (rate * decay)); // log2 of the power that is kept
    const poly kept = poly_exp2(loss);
    const poly pole = poly_min(damper_pole(poly_exp2(loss * (1 / (1 - damp) - 1)), middle, high),
                               damper_pole(poly_exp2(loss * (1 / 3.0F)), 1, middle));
    // From kept = g^2 (1 - p)^2 / (1 + p^2 - 2 p c1).
    return (struct damper){
        .feeds = damper_root(kept * (1.0F + pole * (pole - 2 * middle))), .poles = pole, .kept = kept};
}
