// SPDX-License-Identifier: GPL-3.0-or-later
// The voices of a group, a block of each: all are read and interpolated (read.h), then those with a filter are filtered
// (filter_group.h), then all are added to the mix (sum.h). Each step is a chain of operations that wait for one
// another; with the same step of several voices in a row the processor finds enough to do meanwhile.
//
// Blocks of voices with a filter lie dealt (deal.h) from the first step to the last.
#include "synth/kernel/filter_group.h"
#include "synth/kernel/interpolate.h"
#include "synth/kernel/loops.h"
#include "synth/kernel/read.h"
#include "synth/kernel/sum.h"

static uint32_t filtered(const struct voice_group *group)
{
    uint32_t bits = 0;
    for (int i = 0; i < VOICE_LANES; i += LANES) {
        bits |= lanes_bits(lanes_int_load(group->filtered + i) != 0) << i;
    }
    return bits;
}

static inline __attribute__((always_inline)) void render(struct voice_group *group, const struct voice_sources *sources,
                                                         struct voice_mix *mix, int taps, read_curve *interpolate)
{
    struct voice_block blocks[VOICE_LANES];
    struct read_plan plan;
    read_make_plan(group, sources, taps, &plan);
    read_group(group, sources, &plan, taps, interpolate, blocks);
    read_move_on(group, sources);
    const uint32_t dealt = plan.sounding & filtered(group);
    filter_group(group, dealt, blocks);
    sum_add(group->left, group->left_next, plan.sounding, dealt, blocks, mix->left);
    sum_add(group->right, group->right_next, plan.sounding, dealt, blocks, mix->right);
    sum_add(group->reverb, group->reverb_next, plan.sounding, dealt, blocks, mix->reverb);
    sum_add(group->chorus, group->chorus_next, plan.sounding, dealt, blocks, mix->chorus);
    lanes_leave();
}

void KERNEL_NAME(render_linear)(struct voice_group *group, const struct voice_sources *sources, struct voice_mix *mix)
{
    render(group, sources, mix, 2, interpolate_linear);
}

void KERNEL_NAME(render_cubic)(struct voice_group *group, const struct voice_sources *sources, struct voice_mix *mix)
{
    render(group, sources, mix, 4, interpolate_cubic);
}

void KERNEL_NAME(render_sinc)(struct voice_group *group, const struct voice_sources *sources, struct voice_mix *mix)
{
    render(group, sources, mix, 8, interpolate_sinc);
}
