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
    int taken;      ///< voices that sound and were not stolen
    uint32_t group; ///< no group before this one has a free lane
};

/// Makes room for a note of \p wanted voices, before the first of them starts: beyond the polyphony those that are
/// heard least, which \p kernel finds, fade within a block or two and are counted as stolen.
struct places places_make(struct sampler_state *state, const struct kernel *kernel, int wanted) REALTIME;

/// A lane for the next voice of the note, which the caller takes. Where there is none without a voice, one that was
/// stolen ends at once, which is counted as cut; where the note has all voices of the polyphony there is no place.
struct place place_find(struct places *places) REALTIME;

/// The voices of \p group that sound and were not stolen, a bit for each.
static inline uint32_t place_taken(const struct voice_group *group)
{
    return group->active & ~group->stolen;
}

/// How many voices that is in all groups.
int place_count_taken(const struct sampler_state *state) REALTIME;
