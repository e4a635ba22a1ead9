// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The voices of a group, read from their samples: the first step of render.c. Part of synth/kernel.
///
/// The place in the sample is a whole number of frames and a fraction of 23 bits, as many as a float has; within LANES
/// frames the places are that fraction plus multiples of the increment, in 32 bits, so that neither a long sample nor a
/// long note costs accuracy.
///
/// What a voice may read as it lies, and near enough for the fast way, is found out for all voices at once. These are
/// then read in a loop that calls nothing, so that its constants stay in registers; the others take their time.
#pragma once

#include "synth/kernel/deal.h"
#include "synth/kernel/interpolate.h"
#include "synth/kernel/window.h"

#include <stdbool.h>

enum { READ_FRACTION_MASK = (1 << VOICE_FRACTION_BITS) - 1 };

_Static_assert(sizeof((struct voice_sources *)0)->plain / sizeof(int32_t) == VOICE_LANES, "a source for each lane");
_Static_assert(VOICE_FRACTION_BITS == 23, "the fraction is the mantissa of a float");

typedef lanes read_curve(const struct taps *taps, lanes half) REALTIME;

/// LANES frames of each part, from \p frames or, where that is NULL, from \p wide: the first tap of the first frame.
static inline __attribute__((always_inline)) void read_block(const int16_t *frames, const int32_t *wide,
                                                             uint32_t fraction, uint32_t increment, bool near,
                                                             int count, read_curve *interpolate, lanes out[PARTS])
{
    const lanes_uint steps = (lanes_uint)lanes_index() * increment;
    for (int i = 0; i < PARTS; i++) {
        const lanes_uint places = steps + fraction;
        const lanes half = (lanes)((places & (uint32_t)READ_FRACTION_MASK) | 0x3f000000U) - 0.5F;
        const uint64_t next = fraction + (uint64_t)increment * (uint64_t)LANES;
        struct taps taps;
        if (wide) {
            taps_fetch_wide(&taps, wide, places >> VOICE_FRACTION_BITS, count);
            wide += next >> VOICE_FRACTION_BITS;
        } else {
            taps_fetch(&taps, frames, places, VOICE_FRACTION_BITS, near, count);
            frames += next >> VOICE_FRACTION_BITS;
        }
        fraction = (uint32_t)next & (uint32_t)READ_FRACTION_MASK;
        out[i] = interpolate(&taps, half);
    }
}

/// What a group does in this block.
struct read_plan {
    uint32_t sounding;                      ///< a bit for each voice that is heard
    uint32_t fast;                          ///< of these: those that are read where they lie, and near enough
    alignas(64) int32_t first[VOICE_LANES]; ///< frame of the sample: the first tap of the first frame
};

/// The highest increment whose taps are near.
static inline int32_t read_nearest(int taps)
{
    return LANES < 16 ? INT32_MAX : (int32_t)((((64U - (uint32_t)taps) << VOICE_FRACTION_BITS) - 1) / (LANES - 1));
}

/// All bits where a voice has neither side of the mix.
static inline lanes_int read_silent(const struct voice_group *group, int i)
{
    return (lanes_load(group->left + i) == 0.0F) & (lanes_load(group->left_next + i) == 0.0F) &
           (lanes_load(group->right + i) == 0.0F) & (lanes_load(group->right_next + i) == 0.0F);
}

static inline __attribute__((always_inline)) void
read_make_plan(const struct voice_group *group, const struct voice_sources *sources, int taps, struct read_plan *plan)
{
    plan->sounding = 0;
    plan->fast = 0;
    for (int i = 0; i < VOICE_LANES; i += LANES) {
        const lanes_int fraction = lanes_int_load((const int32_t *)group->fraction + i);
        const lanes_int increment = lanes_int_load((const int32_t *)group->increment + i);
        const lanes_int first = lanes_int_load(group->position + i) - (taps / 2 - 1);
        // Counted in coarser fractions, and one frame too many, so that it fits.
        const lanes_int reach = ((fraction >> 9) + (increment >> 9) * (KERNEL_BLOCK - 1)) >> (VOICE_FRACTION_BITS - 9);
        const lanes_int last = first + reach + taps;
        const lanes_int low = lanes_int_choose(lanes_int_load(group->looped + i), lanes_int_load(group->loop_start + i),
                                               lanes_int_load(group->start + i));
        const lanes_int high = lanes_int_choose(lanes_int_load(group->loops + i), lanes_int_load(group->loop_end + i),
                                                lanes_int_load(group->end + i));
        const lanes_int fast = (first >= low) & (last < high) & (increment <= read_nearest(taps)) &
                               (last + WINDOW_OVERREAD <= lanes_int_load(sources->plain + i));
        plan->sounding |= lanes_bits(~read_silent(group, i)) << i;
        plan->fast |= lanes_bits(fast) << i;
        lanes_int_store(plan->first + i, first);
    }
    // The sample begins when the envelope's delay is over.
    plan->sounding &= group->active & ~group->delayed;
    plan->fast &= plan->sounding;
}

/// Any voice, but not so fast.
static inline __attribute__((always_inline)) void read_slowly(const struct voice_group *group,
                                                              const struct voice_sources *sources, int lane, int taps,
                                                              read_curve *interpolate, lanes out[PARTS])
{
    const struct window_source source = {.frames = sources->frames[lane], .low = sources->low[lane]};
    const struct window_course course = window_course(group, lane);
    const uint32_t fraction = group->fraction[lane];
    const uint32_t increment = group->increment[lane];
    const int32_t first = group->position[lane] - (taps / 2 - 1);
    const uint64_t reach = fraction + (uint64_t)increment * (KERNEL_BLOCK - 1);
    const int32_t count = (int32_t)(reach >> VOICE_FRACTION_BITS) + taps;
    union window window;
    window_build(&window, &course, &source, first, count);
    if (source.low) {
        read_block(NULL, window.wide, fraction, increment, false, taps, interpolate, out);
    } else if (LANES == 16 && increment <= (uint32_t)read_nearest(taps)) {
        read_block(window.frames, NULL, fraction, increment, true, taps, interpolate, out);
    } else {
        read_block(window.frames, NULL, fraction, increment, false, taps, interpolate, out);
    }
}

/// What a voice plays, without filter and volume, is kept where the next steps find it: dealt where it is \p filtered.
static inline __attribute__((always_inline)) void read_keep(lanes block[PARTS], bool filtered, struct voice_block *to)
{
    if (filtered) {
        block_deal(block);
    }
    block_store(to, block);
}

/// Reads the blocks of all voices that sound.
static inline __attribute__((always_inline)) void
read_group(const struct voice_group *group, const struct voice_sources *sources, const struct read_plan *plan, int taps,
           read_curve *interpolate, struct voice_block blocks[VOICE_LANES])
{
    lanes block[PARTS];
    for (uint32_t voices = plan->sounding & ~plan->fast; voices != 0; voices &= voices - 1) {
        const int lane = __builtin_ctz(voices);
        read_slowly(group, sources, lane, taps, interpolate, block);
        read_keep(block, group->filtered[lane] != 0, &blocks[lane]);
    }
    for (uint32_t voices = plan->fast; voices != 0; voices &= voices - 1) {
        const int lane = __builtin_ctz(voices);
        const int16_t *frames = sources->frames[lane] + plan->first[lane];
        read_block(frames, NULL, group->fraction[lane], group->increment[lane], LANES == 16, taps, interpolate, block);
        read_keep(block, group->filtered[lane] != 0, &blocks[lane]);
    }
}

/// Around the loop.
static inline void read_wrap(struct voice_group *group, uint32_t voices)
{
    for (; voices != 0; voices &= voices - 1) {
        const int lane = __builtin_ctz(voices);
        const struct window_course course = window_course(group, lane);
        group->position[lane] = window_wrap(&course, group->position[lane]);
        group->looped[lane] = -1;
    }
}

/// Moves all voices on by a block, around their loops or out of their samples.
static inline __attribute__((always_inline)) void read_move_on(struct voice_group *group,
                                                               const struct voice_sources *sources)
{
    const uint32_t moves = group->active & ~group->delayed;
    uint32_t around = 0;
    uint32_t over = 0;
    for (int i = 0; i < VOICE_LANES; i += LANES) {
        const lanes_int own = lanes_of_bits(moves >> i);
        const lanes_int increment = lanes_int_load((const int32_t *)group->increment + i) & own;
        // A block of increments is whole frames, six bits up, and what is left below.
        const lanes_int rest = (increment << 6) & READ_FRACTION_MASK;
        const lanes_int fraction = lanes_int_load((const int32_t *)group->fraction + i) + rest;
        const lanes_int position = lanes_int_load(group->position + i) + (increment >> (VOICE_FRACTION_BITS - 6)) +
                                   (fraction >> VOICE_FRACTION_BITS);
        const lanes_int loops = lanes_int_load(group->loops + i);
        lanes_int_store(group->position + i, position);
        lanes_int_store((int32_t *)group->fraction + i, fraction & READ_FRACTION_MASK);
        around |= lanes_bits(loops & (position >= lanes_int_load(group->loop_end + i))) << i;
        over |= lanes_bits(~loops & (position >= lanes_int_load(group->end + i))) << i;
    }
    read_wrap(group, around & moves);
    group->active &= ~(over & moves);
    for (uint32_t voices = group->active; voices != 0; voices &= voices - 1) {
        const int lane = __builtin_ctz(voices);
        const int16_t *next = sources->frames[lane] + group->position[lane];
        __builtin_prefetch(next + 32);
        __builtin_prefetch(next + 64);
    }
}
