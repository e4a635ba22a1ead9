// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Exponentials, logarithms and sines for what notes and messages compute: inline, as a note takes dozens of them while
/// the audio thread waits, and the same on every machine, as the libraries' are not (meson.build has the compiler fuse
/// no operations).
///
/// Part of synth/sampler. Pure; any thread.
#pragma once

#include "core/realtime.h"

#include <stdint.h>
#include <string.h>

static inline float exponent_float(uint32_t bits) REALTIME;
static inline uint32_t exponent_bits(float value) REALTIME;
static inline float exponent_power(float x) REALTIME;
static inline float exponent_log(float x) REALTIME;
static inline float exponent_sine(float turns) REALTIME;

/// The float of these bits (IEEE 754).
static inline float exponent_float(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/// The bits of a float.
static inline uint32_t exponent_bits(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/// 2^x around 0, by powers of x: Taylor's series of e^(x log 2).
enum { EXPONENT_TERMS = 7 };
static const float exponent_series[EXPONENT_TERMS] = {1.0F,          6.9314718e-1F, 2.4022651e-1F, 5.5504109e-2F,
                                                      9.6181291e-3F, 1.3333558e-3F, 1.5403530e-4F};

/// 2 to the power of \p x, held to -126 to 126; right to 3 in 10^7. NaN counts as -126.
static inline float exponent_power(float x)
{
    // Adding 1.5 x 2^23 leaves the nearest whole number in the low bits; the series does the rest, in two halves that
    // need not wait for each other.
    const float magic = 12582912.0F;
    const float held = x > -126.0F ? x < 126.0F ? x : 126.0F : -126.0F;
    const float shifted = held + magic;
    const float f = held - (shifted - magic);
    const float *c = exponent_series;
    const float low = (c[2] * f + c[1]) * f + c[0];
    const float high = ((c[6] * f + c[5]) * f + c[4]) * f + c[3];
    const float fraction = high * (f * f * f) + low;
    return exponent_float(exponent_bits(fraction) + ((exponent_bits(shifted) - exponent_bits(magic)) << 23));
}

/// The logarithm to base 2 of \p x, which is positive and normal; right to 2 in 10^7 of the result, or of 1 where that
/// is more.
static inline float exponent_log(float x)
{
    // The exponent of x / m, with m between the roots of 1/2 and of 2.
    const uint32_t root_of_half = 0x3f3504f3U;
    const uint32_t bits = exponent_bits(x) - root_of_half;
    const float exponent = (float)((int32_t)bits >> 23);
    const float m = exponent_float((bits & 0x7fffffU) + root_of_half);
    // The area tangent, as log(m) = 2 artanh((m - 1) / (m + 1)).
    const float t = (m - 1.0F) / (m + 1.0F);
    const float u = t * t;
    const float sum = ((0.32059889F * u + 0.41219859F) * u + 0.57707803F) * u + 0.96179670F;
    return exponent + t * (2.8853901F + u * sum);
}

/// The sine of \p turns quarters of a turn, 0 to 1; exactly 0 and 1 at the ends. Right to 1 in 10^7.
static inline float exponent_sine(float turns)
{
    const float x = turns * 1.57079633F;
    const float y = x * x;
    const float sum =
        ((((1.6059044e-10F * y - 2.5052108e-8F) * y + 2.7557319e-6F) * y - 1.9841270e-4F) * y + 8.3333333e-3F) * y -
        1.6666667e-1F;
    return turns < 1.0F ? x + x * y * sum : 1.0F;
}
