// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// LANES frames of sound between the frames of a sample: fetching taps, and the curves through them. Part of
/// synth/kernel.
///
/// Taps come 2^16 times too loud: a 16-bit frame is taken as the upper half of a 32-bit number, so that two neighbours
/// are one load and a mask or a shift apart; the voice's gain makes up for it.
///
/// What a machine does well decides how taps are fetched. AVX-512 permutes two registers: 64 neighbouring frames are
/// loaded and each lane picks its pairs out of them, which reaches to a pitch ratio of almost 4. AVX2 gathers pairs.
/// Others load lane by lane.
#pragma once

#include "core/realtime.h"
#include "synth/kernel/lanes.h"

#include <stdbool.h>

/// The curve's taps at most.
enum { TAPS_MAX = 8 };

/// \name Curves: the value at \p f, 0 to 1, between the two taps in the middle
/// @{
static inline lanes interpolate_linear(const lanes taps[TAPS_MAX], lanes f) REALTIME;
static inline lanes interpolate_cubic(const lanes taps[TAPS_MAX], lanes f) REALTIME;
static inline lanes interpolate_sinc(const lanes taps[TAPS_MAX], lanes f) REALTIME;
/// @}

/// Whether LANES frames at this increment, in 2^-\p bits, find all their taps among the first 64 frames.
static inline bool taps_are_near(uint32_t increment, int bits, int count)
{
    return (((uint64_t)increment * (LANES - 1)) >> bits) + 1 + (uint64_t)count <= 64;
}

/// \p taps[t] of each lane is the frame index + t of \p frames, behind the last of which WINDOW_OVERREAD can be read.
/// \p near: see taps_are_near().
static inline __attribute__((always_inline)) void fetch_taps(const int16_t *frames, lanes_uint index, bool near,
                                                             int count, lanes taps[TAPS_MAX])
{
#if LANES_BYTES == 64
    const __m512i high = _mm512_set1_epi32((int32_t)0xffff0000);
    if (near) {
        const __m512i low_frames = _mm512_loadu_si512(frames);
        const __m512i high_frames = _mm512_loadu_si512(frames + 32);
        const __m512i both = _mm512_or_si512((__m512i)index, _mm512_slli_epi32((__m512i)index, 16));
        for (int t = 0; t < count; t += 2) {
            const __m512i words = _mm512_add_epi16(both, _mm512_set1_epi32(t | (t + 1) << 16));
            const __m512i pair = _mm512_permutex2var_epi16(low_frames, words, high_frames);
            taps[t] = (lanes)_mm512_cvtepi32_ps(_mm512_slli_epi32(pair, 16));
            taps[t + 1] = (lanes)_mm512_cvtepi32_ps(_mm512_and_si512(pair, high));
        }
        return;
    }
    for (int t = 0; t < count; t += 2) {
        const __m512i pair = _mm512_i32gather_epi32((__m512i)index, (const void *)(frames + t), 2);
        taps[t] = (lanes)_mm512_cvtepi32_ps(_mm512_slli_epi32(pair, 16));
        taps[t + 1] = (lanes)_mm512_cvtepi32_ps(_mm512_and_si512(pair, high));
    }
#elif LANES_BYTES == 32
    (void)near;
    const __m256i high = _mm256_set1_epi32((int32_t)0xffff0000);
    for (int t = 0; t < count; t += 2) {
        const __m256i pair = _mm256_i32gather_epi32((const int *)(const void *)(frames + t), (__m256i)index, 2);
        taps[t] = (lanes)_mm256_cvtepi32_ps(_mm256_slli_epi32(pair, 16));
        taps[t + 1] = (lanes)_mm256_cvtepi32_ps(_mm256_and_si256(pair, high));
    }
#else
    (void)near;
    for (int t = 0; t < count; t++) {
        for (int i = 0; i < LANES; i++) {
            taps[t][i] = 65536.0F * (float)frames[index[i] + (uint32_t)t];
        }
    }
#endif
}

/// The same from a window of 32-bit frames.
static inline __attribute__((always_inline)) void fetch_wide_taps(const int32_t *frames, lanes_uint index, int count,
                                                                  lanes taps[TAPS_MAX])
{
    for (int t = 0; t < count; t++) {
        lanes_int out;
        for (int i = 0; i < LANES; i++) {
            out[i] = frames[index[i] + (uint32_t)t];
        }
        taps[t] = __builtin_convertvector(out, lanes);
    }
}

static inline lanes interpolate_linear(const lanes taps[TAPS_MAX], lanes f)
{
    return taps[0] + f * (taps[1] - taps[0]);
}

/// Catmull and Rom's cubic (1974): through the two middle taps, with the slopes of their neighbours.
static inline lanes interpolate_cubic(const lanes taps[TAPS_MAX], lanes f)
{
    const lanes c1 = 0.5F * (taps[2] - taps[0]);
    const lanes c3 = 1.5F * (taps[1] - taps[2]) + 0.5F * (taps[3] - taps[0]);
    const lanes c2 = taps[2] - taps[1] - c1 - c3;
    return ((c3 * f + c2) * f + c1) * f + taps[1];
}

/// A sinc under a Kaiser window (beta 6) over 8 taps, normalized to the sum 1. The weights of a tap and of its mirror
/// image are an even and an odd polynomial in the distance from the middle, fitted to within 1.2e-6: cheaper than a
/// table, whose places the lanes would have to gather, and without its steps. Images of a tone below a quarter of the
/// sample's rate lie 66 dB down (cubic: 21 dB).
static inline lanes interpolate_sinc(const lanes taps[TAPS_MAX], lanes f)
{
    const float even[4][4] = {{0.609690035F, -0.45298464F, 0.0472551915F, 0.0386138861F},
                              {-0.142502375F, 0.595205807F, -0.0853547907F, -0.0617917204F},
                              {0.0389247338F, -0.159935704F, 0.00277142254F, 0.0567518049F},
                              {-0.00611239354F, 0.0177145372F, 0.0353281767F, -0.0335739706F}};
    const float odd[4][4] = {{1.32441675F, -1.43824166F, 0.58583151F, -0.0940983515F},
                             {-0.17325105F, 0.791884969F, -0.415776129F, 0.0810002602F},
                             {0.0569630739F, -0.270917147F, 0.180828946F, -0.0342711178F},
                             {-0.0150472066F, 0.0696849313F, -0.0384318933F, 0.00178264055F}};
    const lanes g = f - 0.5F;
    const lanes u = g * g;
    lanes sum = {0};
    lanes slope = {0};
    for (int j = 0; j < 4; j++) {
        const lanes right = taps[4 + j];
        const lanes left = taps[3 - j];
        sum += (((even[j][3] * u + even[j][2]) * u + even[j][1]) * u + even[j][0]) * (right + left);
        slope += (((odd[j][3] * u + odd[j][2]) * u + odd[j][1]) * u + odd[j][0]) * (right - left);
    }
    return sum + g * slope;
}
