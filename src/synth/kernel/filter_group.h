// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The filters of a group's voices: the second step of render.c. Part of synth/kernel.
#pragma once

#include "synth/kernel/filter.h"
#include "synth/voice.h"

_Static_assert(sizeof(struct filter_still) <= VOICE_STILL * sizeof(float), "there is room for it in a group");

/// The last frame of a dealt block, and the one before.
enum { FILTER_LAST = KERNEL_BLOCK - 1, FILTER_LAST_BUT_ONE = FILTER_LAST - LANES };

/// A filter that is switched on while the voice sounds takes for its past that the sound stood still.
static inline void filter_take_up(struct voice_group *group, int lane, float sound)
{
    group->in1[lane] = sound;
    group->in2[lane] = sound;
    group->out1[lane] = sound;
    group->out2[lane] = sound;
}

static inline __attribute__((always_inline)) struct filter_past filter_past_in(const struct voice_group *group,
                                                                               int lane)
{
    return (struct filter_past){
        .in1 = group->in1[lane], .in2 = group->in2[lane], .out1 = group->out1[lane], .out2 = group->out2[lane]};
}

static inline struct filter_still *filter_still_in(struct voice_group *group, int lane)
{
    return (struct filter_still *)(void *)group->still[lane];
}

/// Computes what is kept of \p voices, which stand still from now on: mostly several at once, that began together.
static inline void filter_settle(struct voice_group *group, uint32_t voices)
{
    for (int first = 0; voices >> first != 0; first += FILTER_DOUBLES) {
        uint32_t own = voices >> first & ((1U << FILTER_DOUBLES) - 1);
        if (own == 0) {
            continue;
        }
        struct filter_still_block block;
        filter_still_of(group->a1 + first, group->a2 + first, &block);
        for (; own != 0; own &= own - 1) {
            const int lane = __builtin_ctz(own);
            filter_still_take(&block, lane, group->b0[first + lane], group->a2[first + lane],
                              filter_still_in(group, first + lane));
        }
    }
}

/// The voices whose coefficients are on their way.
static inline uint32_t filter_moving(const struct voice_group *group)
{
    uint32_t bits = 0;
    for (int i = 0; i < VOICE_LANES; i += LANES) {
        const lanes_int moves = (lanes_load(group->b0 + i) != lanes_load(group->b0_next + i)) |
                                (lanes_load(group->a1 + i) != lanes_load(group->a1_next + i)) |
                                (lanes_load(group->a2 + i) != lanes_load(group->a2_next + i));
        bits |= lanes_bits(moves) << i;
    }
    return bits;
}

/// A quarter, a half ... of the way between two coefficients, for the quarter of the dealt block that a lane is in.
static inline lanes filter_ramp(float from, float to)
{
    const lanes_int quarters = lanes_index() * PARTS / (KERNEL_BLOCK / 4) + 1;
    return from + (to - from) * 0.25F * __builtin_convertvector(quarters, lanes);
}

static inline void filter_voice_moving(const struct voice_group *group, int lane, struct voice_block *voice)
{
    const struct filter_past past = filter_past_in(group, lane);
    struct filter filter;
    lanes block[PARTS];
    filter_set(&filter, filter_ramp(group->b0[lane], group->b0_next[lane]),
               filter_ramp(group->a1[lane], group->a1_next[lane]), filter_ramp(group->a2[lane], group->a2_next[lane]));
    block_load(block, voice);
    filter_run_moving(&filter, &past, block);
    block_store(voice, block);
}

/// What it comes to, after what it is.
static inline void filter_remember(struct voice_group *group, int lane, const struct voice_block *voice, float in1,
                                   float in2)
{
    group->in1[lane] = in1;
    group->in2[lane] = in2;
    group->out1[lane] = without_dust(voice->frames[FILTER_LAST]);
    group->out2[lane] = without_dust(voice->frames[FILTER_LAST_BUT_ONE]);
}

/// Filters the blocks of \p voices.
static inline __attribute__((always_inline)) void filter_group(struct voice_group *group, uint32_t voices,
                                                               struct voice_block blocks[VOICE_LANES])
{
    const uint32_t move = voices & filter_moving(group);
    for (uint32_t left = voices & group->filter_on; left != 0; left &= left - 1) {
        const int lane = __builtin_ctz(left);
        filter_take_up(group, lane, blocks[lane].frames[0]);
    }
    group->filter_on &= ~voices;
    filter_settle(group, voices & ~move & ~group->settled);
    group->settled = (group->settled | voices) & ~move;
    float in1[VOICE_LANES];
    float in2[VOICE_LANES];
    for (uint32_t left = voices; left != 0; left &= left - 1) {
        const int lane = __builtin_ctz(left);
        in1[lane] = blocks[lane].frames[FILTER_LAST];
        in2[lane] = blocks[lane].frames[FILTER_LAST_BUT_ONE];
    }
    for (uint32_t left = voices & ~move; left != 0; left &= left - 1) {
        const int lane = __builtin_ctz(left);
        const struct filter_past past = filter_past_in(group, lane);
        lanes block[PARTS];
        block_load(block, &blocks[lane]);
        filter_run_still(filter_still_in(group, lane), &past, block);
        block_store(&blocks[lane], block);
    }
    for (uint32_t left = move; left != 0; left &= left - 1) {
        const int lane = __builtin_ctz(left);
        filter_voice_moving(group, lane, &blocks[lane]);
    }
    for (uint32_t left = voices; left != 0; left &= left - 1) {
        const int lane = __builtin_ctz(left);
        filter_remember(group, lane, &blocks[lane], in1[lane], in2[lane]);
    }
}
