// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// LANES frames of sound between the frames of a sample: fetching taps, and the curves through them. Part of
/// synth/kernel.
///
/// Two neighbouring 16-bit frames are one 32-bit lane. The coefficients of a curve are sums of taps times small whole
/// numbers, and processors have an instruction that multiplies and adds pairs: so they are computed from the pairs as
/// they are, exactly, and only then become floats.
///
/// What a machine does well decides how pairs are fetched. AVX-512 permutes two registers: 64 neighbouring frames are
/// loaded and each lane picks its pairs out of them, which reaches to a pitch ratio of almost 4, and beyond that it
/// gathers. Others load four neighbours at a time, lane by lane.
#pragma once

#include "core/realtime.h"
#include "synth/kernel/lanes.h"

#include <stdbool.h>

/// The curve's taps at most.
enum { TAPS_MAX = 8 };

/// The taps of LANES places, from a sample of 16 bits or from a window of 32.
struct taps {
    lanes_int pairs[TAPS_MAX / 2];
    lanes wide[TAPS_MAX];
    bool is_wide;
};

/// \name Curves: the value between the two taps in the middle, at twice \p half
/// @{
static inline lanes interpolate_linear(const struct taps *taps, lanes half) REALTIME;
static inline lanes interpolate_cubic(const struct taps *taps, lanes half) REALTIME;
static inline lanes interpolate_sinc(const struct taps *taps, lanes half) REALTIME;
/// @}

#if LANES_BYTES < 64
/// Four neighbouring frames for each lane, at \p index: two pairs, which are one load.
static inline __attribute__((always_inline)) void taps_fetch_four(lanes_int pairs[2], const int16_t *frames,
                                                                  const uint32_t index[LANES])
{
    int64_t fours[LANES];
    for (int i = 0; i < LANES; i++) {
        memcpy(&fours[i], frames + index[i], sizeof *fours);
    }
#if LANES_BYTES == 32
    const lanes_int a = (lanes_int)(__m256i){fours[0], fours[1], fours[4], fours[5]};
    const lanes_int b = (lanes_int)(__m256i){fours[2], fours[3], fours[6], fours[7]};
    pairs[0] = __builtin_shufflevector(a, b, 0, 2, 8, 10, 4, 6, 12, 14);
    pairs[1] = __builtin_shufflevector(a, b, 1, 3, 9, 11, 5, 7, 13, 15);
#else
    typedef int64_t both __attribute__((vector_size(LANES_BYTES)));
    const lanes_int a = (lanes_int)(both){fours[0], fours[1]};
    const lanes_int b = (lanes_int)(both){fours[2], fours[3]};
    pairs[0] = __builtin_shufflevector(a, b, 0, 2, 4, 6);
    pairs[1] = __builtin_shufflevector(a, b, 1, 3, 5, 7);
#endif
}
#endif

/// Tap t of each lane is the frame t behind that of \p places, whose whole frames are above \p bits. Behind the last of
/// \p frames WINDOW_OVERREAD can be read. \p near: all taps are among the first 64.
static inline __attribute__((always_inline)) void taps_fetch(struct taps *taps, const int16_t *frames,
                                                             lanes_uint places, int bits, bool near, int count)
{
    taps->is_wide = false;
#if LANES_BYTES == 64
    if (near) {
        const __m512i low_frames = _mm512_loadu_si512(frames);
        const __m512i high_frames = _mm512_loadu_si512(frames + 32);
        // Of an index that permutes words six bits count: they are picked out of each place twice over.
        const __m512i fields = _mm512_set1_epi64(0x0101010100000000LL * (32 + bits) | 0x01010101LL * bits);
        const __m512i words = _mm512_multishift_epi64_epi8(fields, (__m512i)places);
        for (int t = 0; t < count; t += 2) {
            const __m512i pair = _mm512_add_epi16(words, _mm512_set1_epi32(t | (t + 1) << 16));
            taps->pairs[t / 2] = (lanes_int)_mm512_permutex2var_epi16(low_frames, pair, high_frames);
        }
        return;
    }
    const __m512i index = (__m512i)(places >> bits);
    for (int t = 0; t < count; t += 2) {
        taps->pairs[t / 2] = (lanes_int)_mm512_i32gather_epi32(index, (const void *)(frames + t), 2);
    }
#else
    (void)near;
    uint32_t index[LANES];
    const lanes_uint whole = places >> bits;
    memcpy(index, &whole, sizeof index);
    if (count == 2) {
        for (int i = 0; i < LANES; i++) {
            memcpy((int32_t *)taps->pairs + i, frames + index[i], sizeof(int32_t));
        }
        return;
    }
    for (int t = 0; t < count; t += 4) {
        taps_fetch_four(&taps->pairs[t / 2], frames + t, index);
    }
#endif
}

/// The same from a window of 32-bit frames.
static inline __attribute__((always_inline)) void taps_fetch_wide(struct taps *taps, const int32_t *frames,
                                                                  lanes_uint index, int count)
{
    taps->is_wide = true;
    for (int t = 0; t < count; t++) {
        lanes_int out;
        for (int i = 0; i < LANES; i++) {
            out[i] = frames[index[i] + (uint32_t)t];
        }
        taps->wide[t] = __builtin_convertvector(out, lanes) * 0x1p-16F;
    }
}

/// Two weights in a lane.
static inline int32_t pair_of(int16_t even, int16_t odd)
{
    return (int32_t)((uint32_t)(uint16_t)odd << 16 | (uint16_t)even);
}

/// The two frames of each lane times \p even and \p odd, added to each other.
static inline __attribute__((always_inline)) lanes_int pairs_weigh(lanes_int pairs, int16_t even, int16_t odd)
{
#if LANES_BYTES == 64
    return (lanes_int)_mm512_madd_epi16((__m512i)pairs, _mm512_set1_epi32(pair_of(even, odd)));
#elif LANES_BYTES == 32
    return (lanes_int)_mm256_madd_epi16((__m256i)pairs, _mm256_set1_epi32(pair_of(even, odd)));
#elif defined(__SSE2__)
    return (lanes_int)_mm_madd_epi16((__m128i)pairs, _mm_set1_epi32(pair_of(even, odd)));
#else
    const lanes_int first = (lanes_int)((lanes_uint)pairs << 16) >> 16;
    return first * even + (pairs >> 16) * odd;
#endif
}

/// The same, added to \p sum.
static inline __attribute__((always_inline)) lanes_int pairs_add(lanes_int sum, lanes_int pairs, int16_t even,
                                                                 int16_t odd)
{
#if LANES_BYTES == 64
    return (lanes_int)_mm512_dpwssd_epi32((__m512i)sum, (__m512i)pairs, _mm512_set1_epi32(pair_of(even, odd)));
#else
    return sum + pairs_weigh(pairs, even, odd);
#endif
}

/// The sum of the taps times their \p weights.
static inline __attribute__((always_inline)) lanes taps_weigh(const struct taps *taps, const int16_t *weights,
                                                              int count)
{
    if (taps->is_wide) {
        lanes sum = {0};
        for (int t = 0; t < count; t++) {
            sum += (float)weights[t] * taps->wide[t];
        }
        return sum;
    }
    lanes_int sum = {0};
    bool begun = false;
    for (int t = 0; t < count; t += 2) {
        if (weights[t] != 0 || weights[t + 1] != 0) {
            sum = begun ? pairs_add(sum, taps->pairs[t / 2], weights[t], weights[t + 1])
                        : pairs_weigh(taps->pairs[t / 2], weights[t], weights[t + 1]);
            begun = true;
        }
    }
    return __builtin_convertvector(sum, lanes);
}

// Coefficients by powers of half the place.
static const int16_t linear_weights[2][2] = {{1, 0}, {-2, 2}};
static const int16_t cubic_weights[4][4] = {{0, 1, 0, 0}, {-1, 0, 1, 0}, {4, -10, 8, -2}, {-4, 12, -12, 4}};

static inline lanes interpolate_linear(const struct taps *taps, lanes half)
{
    return taps_weigh(taps, linear_weights[1], 2) * half + taps_weigh(taps, linear_weights[0], 2);
}

/// Catmull and Rom's cubic (1974): through the two middle taps, with the slopes of their neighbours.
static inline lanes interpolate_cubic(const struct taps *taps, lanes half)
{
    lanes value = taps_weigh(taps, cubic_weights[3], 4);
    for (int i = 2; i >= 0; i--) {
        value = value * half + taps_weigh(taps, cubic_weights[i], 4);
    }
    return value;
}

/// Tap \p t, 2^16 times too loud: so it is a shift or a mask away.
static inline __attribute__((always_inline)) lanes taps_loud(const struct taps *taps, int t)
{
    if (taps->is_wide) {
        return taps->wide[t] * 0x1p16F;
    }
    const lanes_int pairs = taps->pairs[t / 2];
    return __builtin_convertvector(t % 2 == 0 ? (lanes_int)((lanes_uint)pairs << 16) : pairs & -65536, lanes);
}

/// A sinc under a Kaiser window (beta 6) over 8 taps, normalized to the sum 1. The weights of a tap and of its mirror
/// image are an even and an odd polynomial in the distance from the middle, fitted to within 1.2e-6: cheaper than a
/// table, whose places the lanes would have to gather, and without its steps. Images of a tone below a quarter of the
/// sample's rate lie 66 dB down (cubic: 21 dB).
static inline lanes interpolate_sinc(const struct taps *taps, lanes half)
{
    const float even[4][4] = {{0.609690035F, -0.45298464F, 0.0472551915F, 0.0386138861F},
                              {-0.142502375F, 0.595205807F, -0.0853547907F, -0.0617917204F},
                              {0.0389247338F, -0.159935704F, 0.00277142254F, 0.0567518049F},
                              {-0.00611239354F, 0.0177145372F, 0.0353281767F, -0.0335739706F}};
    const float odd[4][4] = {{1.32441675F, -1.43824166F, 0.58583151F, -0.0940983515F},
                             {-0.17325105F, 0.791884969F, -0.415776129F, 0.0810002602F},
                             {0.0569630739F, -0.270917147F, 0.180828946F, -0.0342711178F},
                             {-0.0150472066F, 0.0696849313F, -0.0384318933F, 0.00178264055F}};
    const lanes from_middle = 2.0F * half - 0.5F;
    const lanes u = from_middle * from_middle;
    lanes sum = {0};
    lanes slope = {0};
    for (int j = 0; j < 4; j++) {
        const lanes right = taps_loud(taps, 4 + j);
        const lanes left = taps_loud(taps, 3 - j);
        sum += (((even[j][3] * u + even[j][2]) * u + even[j][1]) * u + even[j][0]) * (right + left);
        slope += (((odd[j][3] * u + odd[j][2]) * u + odd[j][1]) * u + odd[j][0]) * (right - left);
    }
    return (sum + from_middle * slope) * 0x1p-16F;
}
