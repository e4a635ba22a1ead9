// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The voices of a group, added up: the last step of render.c. Part of synth/kernel.
#pragma once

#include "synth/kernel/deal.h"
#include "synth/voice.h"

#include <stdalign.h>

/// How loud the voices of a group are on one side of the mix or in one send.
struct sum_gains {
    const float *from;
    alignas(64) float slope[VOICE_LANES]; ///< growth in a frame
    uint32_t heard;                       ///< a bit for each voice that is not silent there
};

static inline void sum_gains_of(const float *from, const float *next, uint32_t sounding, struct sum_gains *gains)
{
    gains->from = from;
    gains->heard = 0;
    for (int i = 0; i < VOICE_LANES; i += LANES) {
        const lanes start = lanes_load(from + i);
        const lanes end = lanes_load(next + i);
        lanes_store(gains->slope + i, (end - start) * (1.0F / (float)KERNEL_BLOCK));
        gains->heard |= lanes_bits((start != 0.0F) | (end != 0.0F)) << i;
    }
    gains->heard &= sounding;
}

/// Adds up \p voices, where the frames of neighbouring lanes are \p across frames apart and those of vectors \p along.
static inline __attribute__((always_inline)) void sum_voices(const struct sum_gains *gains, uint32_t voices, int across,
                                                             int along, const struct voice_block blocks[VOICE_LANES],
                                                             lanes sum[PARTS])
{
    for (; voices != 0; voices &= voices - 1) {
        const int lane = __builtin_ctz(voices);
        const float *frames = blocks[lane].frames;
        const float slope = gains->slope[lane];
        lanes gain = lanes_ramp() * (float)across * slope + gains->from[lane];
        for (int i = 0; i < PARTS; i++) {
            sum[i] += lanes_load(frames + (ptrdiff_t)i * LANES) * gain;
            gain += slope * (float)along;
        }
    }
}

static inline __attribute__((always_inline)) void sum_add(const float *from, const float *next, uint32_t sounding,
                                                          uint32_t dealt, const struct voice_block blocks[VOICE_LANES],
                                                          float *to)
{
    struct sum_gains gains;
    sum_gains_of(from, next, sounding, &gains);
    if (gains.heard == 0) {
        return;
    }
    lanes sum[PARTS] = {{0}};
    if ((gains.heard & dealt) != 0) {
        sum_voices(&gains, gains.heard & dealt, PARTS, 1, blocks, sum);
        block_gather(sum);
    }
    sum_voices(&gains, gains.heard & ~dealt, 1, LANES, blocks, sum);
    for (int i = 0; i < PARTS; i++) {
        float *at = to + (ptrdiff_t)i * LANES;
        lanes_store(at, lanes_load(at) + sum[i]);
    }
}
