// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What keeps a module that remembers sane: whatever comes in, and whatever lay in a state from another process.
///
/// Signals are taken in through module_sane(), frame by frame, so that nothing that is remembered ever stops being a
/// number; states are taken over through module_kept() at the start of a call, which changes nothing in one that this
/// program wrote. Tails that fade into denormal numbers cost nothing, since whoever calls modules has the processor
/// flush them to zero.
#pragma once

#include "synth/modules/kind.h"

#include <stdbool.h>

/// \p x; 0 where it is not a number or beyond all reason (above a million).
POLY_INLINE poly module_sane(poly x)
{
    return poly_select(poly_abs(x) <= 1e6F, x, poly_all(0));
}

POLY_INLINE float module_sane_one(float x)
{
    return __builtin_fabsf(x) <= 1e6F ? x : 0;
}

/// \p x; 0 where it is not finite.
POLY_INLINE poly module_kept(poly x)
{
    return poly_select(poly_abs(x) <= 1e30F, x, poly_all(0));
}

POLY_INLINE float module_kept_one(float x)
{
    return __builtin_fabsf(x) <= 1e30F ? x : 0;
}

/// \p x within \p low to \p high; \p low for NaN.
POLY_INLINE float module_hold(float x, float low, float high)
{
    return x > low ? (x < high ? x : high) : low;
}

/// Whether one of the first \p count parameters moves during the call.
POLY_INLINE bool module_glides(const struct module_call *call, uint32_t count)
{
    bool glides = false;
    for (uint32_t i = 0; i < count; i++) {
        glides = glides || call->params[i].step != 0;
    }
    return glides;
}

/// The hyperbolic tangent within 1e-4, and within a relative 1e-6 for small \p x, by its continued fraction: what is
/// soft passes as it is.
POLY_INLINE poly module_saturate(poly x)
{
    const poly held = poly_clamp(x, -4.97F, 4.97F);
    const poly square = held * held;
    const poly top = 135135.0F + square * (17325.0F + square * (378.0F + square));
    const poly bottom = 135135.0F + square * (62370.0F + square * (3150.0F + square * 28.0F));
    return held * (top / bottom);
}

/// What \p x decibels multiply an amplitude by.
POLY_INLINE float module_amplitude(float decibels)
{
    return poly_exp2(poly_all(decibels * 0.1660964047F))[0];
}

/// The mono signal at frame \p i of input \p port, made sane.
POLY_INLINE float module_mono(const struct module_call *call, uint32_t port, uint32_t i)
{
    return module_sane_one(module_in(call, port)[i][0]);
}

POLY_INLINE void module_put(const struct module_call *call, uint32_t port, uint32_t i, float x)
{
    module_out(call, port)[i] = poly_all(x);
}

/// Frames of a line, a power of two, from which one reads up to \p ms and \p more frames back.
POLY_INLINE uint32_t module_line_size(double rate, double ms, uint32_t more)
{
    const uint32_t least = (uint32_t)(rate * ms / 1000) + 1 + more;
    uint32_t size = 16;
    while (size < least) {
        size *= 2;
    }
    return size;
}
