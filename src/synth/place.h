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

/// Where one note looks for lanes, which nobody else takes or frees meanwhile.
struct places {
    struct sampler_state *state;
    const struct kernel *kernel;
    int taken;      ///< voices that sound and were not stolen
    uint32_t group; ///< no group before this one has a free lane
};

struct places places_of(struct sampler_state *state, const struct kernel *kernel) REALTIME;

/// A lane for one more voice, which the caller takes. Beyond the polyphony the least audible voice of an earlier note
/// fades within a block and is counted as stolen; where all are of the newest note, \c state->order, there is no place,
/// which is counted as dropped.
struct place place_find(struct places *places) REALTIME;

/// The voices of \p group that sound and were not stolen, a bit for each.
static inline uint32_t place_taken(const struct voice_group *group)
{
    return group->active & ~group->stolen;
}

/// How many voices that is in all groups.
int place_count_taken(const struct sampler_state *state) REALTIME;
