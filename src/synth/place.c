// SPDX-License-Identifier: GPL-3.0-or-later
// Voices live on the lanes of groups; a lane is free when its bit in `active` is not set. There are more lanes than the
// polyphony allows voices, so that one that makes way can fade out on its own lane, in a block or two, while the new
// one begins on another.
//
// Who makes way: the voice that is heard least (see struct kernel, `hear`). Ties go to the oldest. Only in groups with
// a voice as faint as the faintest so far are single voices looked at.
#include "synth/place.h"

#include <math.h>

static const float STEAL_S = 0.0012F;

int place_count_taken(const struct sampler_state *state)
{
    const struct voice_group *groups = sampler_groups_const(state);
    int count = 0;
    uint64_t bits = 0;
    // Of four groups at a time: counting bits is a call on plain machines.
    for (uint32_t g = 0; g < state->group_count; g++) {
        bits |= (uint64_t)(place_taken(&groups[g])) << g % 4 * VOICE_LANES;
        if (g % 4 == 3) {
            count += __builtin_popcountll(bits);
            bits = 0;
        }
    }
    return count + __builtin_popcountll(bits);
}

static struct place find_free(struct sampler_state *state)
{
    struct voice_group *groups = sampler_groups(state);
    for (uint32_t g = 0; g < state->group_count; g++) {
        const uint32_t unused = ~groups[g].active & ((1U << VOICE_LANES) - 1);
        if (unused != 0) {
            return (struct place){&groups[g], __builtin_ctz(unused)};
        }
    }
    return (struct place){0};
}

/// The voice that is heard least of all that count and are not of the newest note.
static struct place find_least(struct sampler_state *state, const struct kernel *kernel)
{
    struct voice_group *groups = sampler_groups(state);
    struct place least = {0};
    float lowest = INFINITY;
    uint32_t oldest = 0;
    for (uint32_t g = 0; g < state->group_count; g++) {
        float heard[VOICE_LANES];
        uint32_t lanes = place_taken(&groups[g]);
        if (kernel->hear(&groups[g], &state->clock, lanes, heard) > lowest) {
            continue;
        }
        for (; lanes != 0; lanes &= lanes - 1) {
            const int lane = __builtin_ctz(lanes);
            const uint32_t age = state->order - groups[g].order[lane];
            if (heard[lane] <= lowest && age > 0 && (heard[lane] < lowest || age > oldest)) {
                least = (struct place){&groups[g], lane};
                lowest = heard[lane];
                oldest = age;
            }
        }
    }
    return least;
}

struct place place_find(struct sampler_state *state, const struct kernel *kernel)
{
    if (place_count_taken(state) < (int)state->polyphony) {
        const struct place empty = find_free(state);
        if (empty.group) {
            return empty;
        }
    }
    const struct place least = find_least(state, kernel);
    if (!least.group) {
        state->counts.dropped++;
        return least;
    }
    state->counts.stolen++;
    voice_fade(&state->clock, least.group, least.lane, sampler_blocks(state, STEAL_S));
    least.group->stolen |= 1U << least.lane;
    const struct place empty = find_free(state);
    if (!empty.group) {
        state->counts.cut++;
        return least;
    }
    return empty;
}
