// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// A signal of the module graph: one frame's values of sixteen voices, side by side in one vector.
///
/// A mono signal is the same type with only lane 0 in use (the other lanes hold anything finite), so that a module is
/// written once for both. A patch of 40 voices has groups of 16, 16 and 8 lanes. Everything here is inline and without
/// branches; functions are within the errors given for the ranges given, and give something finite for anything else
/// but NaN. Only for the modules, which are compiled once for each kind of machine.
#pragma once

#include "core/realtime.h"
#include "synth/module.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

typedef float poly __attribute__((vector_size(64), aligned(64)));
typedef int32_t poly_int __attribute__((vector_size(64), aligned(64)));
typedef uint32_t poly_uint __attribute__((vector_size(64), aligned(64)));

#if defined(__AVX2__)
#define POLY_PART 32
#else
#define POLY_PART 16
#endif
typedef float poly_part __attribute__((vector_size(POLY_PART)));
typedef int32_t poly_part_int __attribute__((vector_size(POLY_PART)));

#define POLY_INLINE static inline __attribute__((always_inline, unused))

POLY_INLINE poly poly_all(float x)
{
    return x - (poly){0};
}

/// a < b. The same as the operator, for which gcc 12 takes lane after lane where a vector does not fit in a register.
POLY_INLINE poly_int poly_less(poly a, poly b)
{
#if defined(__AVX512F__)
    return a < b;
#else
    poly_int out;
    for (size_t part = 0; part < sizeof out; part += sizeof(poly_part)) {
        poly_part x;
        poly_part y;
        memcpy(&x, (const char *)&a + part, sizeof x);
        memcpy(&y, (const char *)&b + part, sizeof y);
        const poly_part_int mask = x < y;
        memcpy((char *)&out + part, &mask, sizeof mask);
    }
    return out;
#endif
}

/// Whether any lane of \p mask is not 0.
POLY_INLINE bool poly_any(poly_int mask)
{
#if defined(__AVX512F__)
    return _mm512_test_epi32_mask((__m512i)mask, (__m512i)mask) != 0;
#else
    uint64_t words[sizeof mask / sizeof(uint64_t)];
    memcpy(words, &mask, sizeof words);
    uint64_t all = 0;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        all |= words[i];
    }
    return all != 0;
#endif
}

/// Whether all \p frames frames of \p signal, at least one, are the same to the bit.
POLY_INLINE bool poly_is_steady(const poly *signal, uint32_t frames)
{
    poly_int differs = {0};
    for (uint32_t i = 1; i < frames; i++) {
        differs |= (poly_int)signal[i] ^ (poly_int)signal[0];
    }
    return !poly_any(differs);
}

/// \p a where \p mask is all ones (as comparisons give it), \p b where it is 0.
POLY_INLINE poly poly_select(poly_int mask, poly a, poly b)
{
    return (poly)((mask & (poly_int)a) | (~mask & (poly_int)b));
}

POLY_INLINE poly poly_min(poly a, poly b)
{
#if defined(__AVX512F__)
    return (poly)_mm512_min_ps((__m512)a, (__m512)b);
#else
    return poly_select(poly_less(a, b), a, b);
#endif
}

POLY_INLINE poly poly_max(poly a, poly b)
{
#if defined(__AVX512F__)
    return (poly)_mm512_max_ps((__m512)a, (__m512)b);
#else
    return -poly_min(-a, -b);
#endif
}

POLY_INLINE poly poly_clamp(poly x, float low, float high)
{
    return poly_min(poly_max(x, poly_all(low)), poly_all(high));
}

POLY_INLINE poly poly_abs(poly x)
{
    return (poly)((poly_int)x & 0x7fffffff);
}

/// Not above \p x; |x| below 2^31.
POLY_INLINE poly poly_floor(poly x)
{
#if defined(__AVX512F__)
    return (poly)_mm512_roundscale_ps((__m512)x, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
#else
    const poly whole = __builtin_convertvector(__builtin_convertvector(x, poly_int), poly);
    return whole + (poly)(poly_less(x, whole) & (poly_int)poly_all(-1));
#endif
}

/// x - floor(x): 0 up to 1, which rounding may reach.
POLY_INLINE poly poly_fraction(poly x)
{
    return x - poly_floor(x);
}

/// sin(2 pi turns) for |turns| up to 0.25; within 2e-7.
POLY_INLINE poly poly_sine_quarter(poly turns)
{
    // A polynomial in odd powers (minimax, degree 9), by itself within 4e-9.
    const poly square = turns * turns;
    poly sum = poly_all(39.536706762F);
    sum = sum * square + -76.5497823876F;
    sum = sum * square + 81.6010040774F;
    sum = sum * square + -41.3416550315F;
    sum = sum * square + 6.28318516009F;
    return turns * sum;
}

/// sin of a phase of 2^32 to the turn, within 2e-7.
POLY_INLINE poly poly_sine_phase(poly_uint phase)
{
    // The distance from the trough, in whole numbers, is what folds the turn to -0.25..0.25.
    const poly_uint from_trough = phase + (1U << 30);
    const poly_uint sign = (poly_uint)((poly_int)from_trough >> 31);
    const poly_int folded = (poly_int)((from_trough ^ sign) - sign - (1U << 30));
    return poly_sine_quarter(__builtin_convertvector(folded, poly) * (1.0F / 4294967296.0F));
}

/// sin(2 pi turns) for |turns| below 2^20; within 2e-7 for |turns| up to 1.
POLY_INLINE poly poly_sine(poly turns)
{
    // To -0.5..0.5 and, by symmetry, to -0.25..0.25.
    const poly x = turns - poly_floor(turns + 0.5F);
    return poly_sine_quarter(poly_max(poly_min(x, 0.5F - x), -0.5F - x));
}

/// 2^x within a relative 3e-7, for x from -126 to 126; clamped to there.
POLY_INLINE poly poly_exp2(poly x)
{
    const poly clamped = poly_clamp(x, -126, 126);
    const poly whole = poly_floor(clamped + 0.5F);
    const poly f = clamped - whole;
    poly sum = poly_all(1.535336188e-4F);
    sum = sum * f + 1.339887440e-3F;
    sum = sum * f + 9.618437357e-3F;
    sum = sum * f + 5.550332548e-2F;
    sum = sum * f + 2.402264791e-1F;
    sum = sum * f + 6.931472028e-1F;
    sum = sum * f + 1.0F;
    const poly_int power = (__builtin_convertvector(whole, poly_int) + 127) << 23;
    return sum * (poly)power;
}

/// log2(x) within 4e-6, for x above 1e-37; what is below counts as that.
POLY_INLINE poly poly_log2(poly x)
{
    const poly_int bits = (poly_int)poly_max(x, poly_all(1e-37F));
    // The mantissa from sqrt(1/2) to sqrt(2), so that the series for atanh is short.
    const poly_int shifted = bits - 0x3f3504f3;
    const poly exponent = __builtin_convertvector(shifted >> 23, poly);
    const poly mantissa = (poly)((shifted & 0x007fffff) + 0x3f3504f3);
    const poly t = (mantissa - 1.0F) / (mantissa + 1.0F);
    const poly square = t * t;
    poly sum = poly_all(0.3205989F);
    sum = sum * square + 0.4121986F;
    sum = sum * square + 0.5770780F;
    sum = sum * square + 0.9617967F;
    sum = sum * square + 2.8853901F;
    return exponent + t * sum;
}

/// tan(pi x) within a relative 3e-6, for x from 0 to 0.499: the warped frequency of a filter at x times the rate.
POLY_INLINE poly poly_tan_pi(poly x)
{
    const poly half = x * 0.5F;
    return poly_sine(half) / poly_sine(0.25F - half);
}

/// Within 1e-6.
POLY_INLINE poly poly_tanh(poly x)
{
    const poly twice = poly_clamp(x, -15, 15) * 2.885390082F;
    return 1.0F - 2.0F / (poly_exp2(twice) + 1.0F);
}

/// What a pitch in semitones multiplies a frequency by.
POLY_INLINE poly poly_ratio(poly semitones)
{
    return poly_exp2(semitones * (1.0F / 12));
}
