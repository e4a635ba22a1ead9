// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Lanes for new voices, and who makes way when there are none. Part of synth/sampler. One owner.
#pragma once

#include "core/realtime.h"
#include "synth/kernel/kernel.h"
#include "synth/sampler_state.h"

struct place {
    struct voice_group *group; ///< NULL for none
    int lane;
};

/// A lane for one more voice. Beyond the polyphony the least audible voice of an earlier note fades within a block and
/// is counted as stolen; where all are of the newest note, \c state->order, there is no place, which is counted as
/// dropped.
struct place place_find(struct sampler_state *state, const struct kernel *kernel) REALTIME;

/// The voices of \p group that sound and were not stolen, a bit for each.
static inline uint32_t place_taken(const struct voice_group *group)
{
    return group->active & ~group->stolen;
}

/// How many voices that is in all groups.
int place_count_taken(const struct sampler_state *state) REALTIME;
