// SPDX-License-Identifier: GPL-3.0-or-later
// Voices live on the lanes of groups; a lane is free when its bit in `active` is not set. There are more lanes than the
// polyphony allows voices, so that one that makes way can fade out on its own lane, in a block or two, while the new
// one begins on another.
//
// Who makes way: the voice that is heard least (see struct kernel, `faintest`).
#include "synth/place.h"

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

struct places places_of(struct sampler_state *state, const struct kernel *kernel)
{
    return (struct places){.state = state, .kernel = kernel, .taken = place_count_taken(state)};
}

static struct place find_free(struct places *places)
{
    struct voice_group *groups = sampler_groups(places->state);
    for (; places->group < places->state->group_count; places->group++) {
        struct voice_group *group = &groups[places->group];
        const uint32_t unused = ~group->active & ((1U << VOICE_LANES) - 1);
        if (unused != 0) {
            return (struct place){group, __builtin_ctz(unused)};
        }
    }
    return (struct place){0};
}

static struct place find_least(struct sampler_state *state, const struct kernel *kernel)
{
    struct voice_group *groups = sampler_groups(state);
    const int found = kernel->faintest(groups, state->group_count, &state->clock, state->order);
    if (found < 0) {
        return (struct place){0};
    }
    return (struct place){&groups[found / VOICE_LANES], found % VOICE_LANES};
}

struct place place_find(struct places *places)
{
    struct sampler_state *state = places->state;
    if (places->taken < (int)state->polyphony) {
        const struct place empty = find_free(places);
        if (empty.group) {
            places->taken++;
            return empty;
        }
    }
    const struct place least = find_least(state, places->kernel);
    if (!least.group) {
        state->counts.dropped++;
        return least;
    }
    state->counts.stolen++;
    voice_fade(&state->clock, least.group, least.lane, sampler_blocks(state, STEAL_S));
    least.group->stolen |= 1U << least.lane;
    const struct place empty = find_free(places);
    if (!empty.group) {
        state->counts.cut++;
        return least;
    }
    return empty;
}
