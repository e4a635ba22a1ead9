// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Vectors of as many lanes as the machine computes at once, in the compiler's own vector arithmetic. Part of
/// synth/kernel: what includes it is compiled once for each kind of machine (see meson.build).
///
/// Operators work lane by lane; a comparison gives all bits or none in each lane.
#pragma once

#include "synth/exponents.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#if defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512VL__)
enum { LANES = 16 };
#define LANES_BYTES 64
#elif defined(__AVX2__)
enum { LANES = 8 };
#define LANES_BYTES 32
#else
enum { LANES = 4 };
#define LANES_BYTES 16
#endif

typedef float lanes __attribute__((vector_size(LANES_BYTES)));
typedef int32_t lanes_int __attribute__((vector_size(LANES_BYTES)));
typedef uint32_t lanes_uint __attribute__((vector_size(LANES_BYTES)));

/// The name of a function of this kind of machine, such as reverb_process_avx2: KERNEL is given by meson.build.
#define KERNEL_JOIN(name, kind)   name##_##kind
#define KERNEL_EXPAND(name, kind) KERNEL_JOIN(name, kind)
#define KERNEL_NAME(name)         KERNEL_EXPAND(name, KERNEL)

static inline lanes lanes_load(const float *from)
{
    lanes out;
    memcpy(&out, from, sizeof out);
    return out;
}

static inline void lanes_store(float *to, lanes value)
{
    memcpy(to, &value, sizeof value);
}

static inline lanes_int lanes_int_load(const int32_t *from)
{
    lanes_int out;
    memcpy(&out, from, sizeof out);
    return out;
}

static inline void lanes_int_store(int32_t *to, lanes_int value)
{
    memcpy(to, &value, sizeof value);
}

/// \p value in every lane.
static inline lanes lanes_all(float value)
{
    return value - (lanes){0};
}

/// Before a kernel returns: gcc 12 does not always clear the upper halves of the registers, and code that is compiled
/// for plain machines runs at a third of its speed while they are in use.
static inline void lanes_leave(void)
{
#if defined(__AVX__)
    _mm256_zeroupper();
#endif
}

/// 0, 1, 2 ... in the lanes.
static inline lanes_int lanes_index(void)
{
    lanes_int out;
    for (int i = 0; i < LANES; i++) {
        out[i] = i;
    }
    return out;
}

static inline lanes lanes_ramp(void)
{
    return __builtin_convertvector(lanes_index(), lanes);
}

/// \p yes where \p mask is set, \p no elsewhere.
static inline lanes lanes_choose(lanes_int mask, lanes yes, lanes no)
{
    return (lanes)((mask & (lanes_int)yes) | (~mask & (lanes_int)no));
}

static inline lanes_int lanes_int_choose(lanes_int mask, lanes_int yes, lanes_int no)
{
    return (mask & yes) | (~mask & no);
}

static inline lanes lanes_min(lanes a, lanes b)
{
    return lanes_choose(a < b, a, b);
}

static inline lanes lanes_max(lanes a, lanes b)
{
    return lanes_choose(a > b, a, b);
}

/// A bit for each lane of \p mask that is set.
static inline uint32_t lanes_bits(lanes_int mask)
{
#if LANES_BYTES == 64
    return (uint32_t)_mm512_movepi32_mask((__m512i)mask);
#elif LANES_BYTES == 32
    return (uint32_t)_mm256_movemask_ps((__m256)mask);
#elif defined(__x86_64__)
    return (uint32_t)_mm_movemask_ps((__m128)mask);
#else
    uint32_t bits = 0;
    for (int i = 0; i < LANES; i++) {
        bits |= (uint32_t)(mask[i] != 0) << i;
    }
    return bits;
#endif
}

/// All bits in the lanes whose bit is set.
static inline lanes_int lanes_of_bits(uint32_t bits)
{
    const lanes_int own = 1 << lanes_index();
    return (own & (int32_t)bits) != 0;
}

/// \name What came before moves in: lane i gets lane i - n of \p value, and below that the last lanes of \p before
/// @{
static inline lanes lanes_after1(lanes before, lanes value)
{
#if LANES_BYTES == 64
    return (lanes)_mm512_alignr_epi32((__m512i)value, (__m512i)before, 15);
#elif LANES_BYTES == 32
    return __builtin_shufflevector(before, value, 7, 8, 9, 10, 11, 12, 13, 14);
#else
    return __builtin_shufflevector(before, value, 3, 4, 5, 6);
#endif
}

static inline lanes lanes_after2(lanes before, lanes value)
{
#if LANES_BYTES == 64
    return (lanes)_mm512_alignr_epi32((__m512i)value, (__m512i)before, 14);
#elif LANES_BYTES == 32
    return __builtin_shufflevector(before, value, 6, 7, 8, 9, 10, 11, 12, 13);
#else
    return __builtin_shufflevector(before, value, 2, 3, 4, 5);
#endif
}

#if LANES_BYTES >= 32
static inline lanes lanes_after4(lanes before, lanes value)
{
#if LANES_BYTES == 64
    return (lanes)_mm512_alignr_epi32((__m512i)value, (__m512i)before, 12);
#else
    return __builtin_shufflevector(before, value, 4, 5, 6, 7, 8, 9, 10, 11);
#endif
}
#endif

#if LANES_BYTES == 64
static inline lanes lanes_after8(lanes before, lanes value)
{
    return (lanes)_mm512_alignr_epi32((__m512i)value, (__m512i)before, 8);
}
#endif
/// @}

/// \name The lanes of two vectors in a row, \p a before \p b
/// @{

/// Those of even numbers.
static inline lanes lanes_even(lanes a, lanes b)
{
#if LANES_BYTES == 64
    return __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
#elif LANES_BYTES == 32
    return __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14);
#else
    return __builtin_shufflevector(a, b, 0, 2, 4, 6);
#endif
}

/// Those of odd numbers.
static inline lanes lanes_odd(lanes a, lanes b)
{
#if LANES_BYTES == 64
    return __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
#elif LANES_BYTES == 32
    return __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15);
#else
    return __builtin_shufflevector(a, b, 1, 3, 5, 7);
#endif
}

/// The lower halves, by turns.
static inline lanes lanes_zip_low(lanes a, lanes b)
{
#if LANES_BYTES == 64
    return __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
#elif LANES_BYTES == 32
    return __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
#else
    return __builtin_shufflevector(a, b, 0, 4, 1, 5);
#endif
}

/// The upper halves, by turns.
static inline lanes lanes_zip_high(lanes a, lanes b)
{
#if LANES_BYTES == 64
    return __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
#elif LANES_BYTES == 32
    return __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
#else
    return __builtin_shufflevector(a, b, 2, 6, 3, 7);
#endif
}
/// @}

/// 2 to the power of \p x, held to -126 to 126; right to 2 in 10^7.
static inline lanes lanes_exp2(lanes x)
{
    // As exponent_power(), lane by lane.
    const lanes magic = lanes_all(12582912.0F);
    const lanes held = lanes_min(lanes_max(x, lanes_all(-126.0F)), lanes_all(126.0F));
    const lanes shifted = held + magic;
    const lanes f = held - (shifted - magic);
    lanes y = lanes_all(exponent_series[EXPONENT_TERMS - 1]);
    for (int i = EXPONENT_TERMS - 2; i >= 0; i--) {
        y = y * f + exponent_series[i];
    }
    return (lanes)((lanes_int)y + (((lanes_int)shifted - (lanes_int)magic) << 23));
}
