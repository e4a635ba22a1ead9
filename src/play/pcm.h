// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// From floats to the whole numbers of a file.
#pragma once

#include <math.h>
#include <stdint.h>

/// \p x as a number of \p bits bits (16 or 24): 1 is 2^(bits - 1), rounded to the nearest, and of two to the even one;
/// what is louder than can be said is clipped, and what is no number is silence.
static inline int32_t pcm_from_float(float x, int bits)
{
    const float full = (float)(1 << (bits - 1));
    const float scaled = x * full;
    if (isnan(scaled)) {
        return 0;
    }
    return scaled <= -full ? (int32_t)-full : scaled >= full - 1 ? (int32_t)full - 1 : (int32_t)lrintf(scaled);
}
