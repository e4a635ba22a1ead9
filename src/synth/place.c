// SPDX-License-Identifier: GPL-3.0-or-later
// Voices live on the lanes of groups; a lane is free when its bit in `active` is not set. There are more lanes than the
// polyphony allows voices, so that one that makes way can fade out on its own lane, in a block or two, while the new
// one begins on another.
//
// Who makes way: the voice that is heard least (struct kernel, `find_least`). Between two blocks little changes who
// that is, and a chord at full polyphony has a dozen voices make way: each group remembers its own until something of
// it changes, so that the next search looks into the groups that changed alone.
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

/// The group of the voice that is heard least of all, its `least` in it; NULL where nothing sounds.
static struct voice_group *find_least(struct sampler_state *state, const struct kernel *kernel)
{
    struct voice_group *groups = sampler_groups(state);
    struct voice_group *found = NULL;
    for (uint32_t g = 0; g < state->group_count; g++) {
        struct voice_group *group = &groups[g];
        if (place_taken(group) == 0) {
            continue;
        }
        if (group->least.known == 0) {
            kernel->find_least(group, &state->clock, state->order);
        }
        if (!found || group->least.loud < found->least.loud ||
            (group->least.loud == found->least.loud &&
             state->order - group->least.order > state->order - found->least.order)) {
            found = group;
        }
    }
    return found;
}

struct places places_make(struct sampler_state *state, const struct kernel *kernel, int wanted)
{
    struct places places = {.state = state, .taken = place_count_taken(state)};
    while (places.taken > 0 && places.taken + wanted > (int)state->polyphony) {
        struct voice_group *group = find_least(state, kernel);
        const int lane = group->least.lane;
        voice_fade(&state->clock, group, lane, sampler_blocks(state, STEAL_S));
        group->stolen |= 1U << lane;
        // Also where the fade has nothing to do, as that voice faded already.
        group->least.known = 0;
        state->counts.stolen++;
        places.taken--;
    }
    return places;
}

/// A lane whose voice fades out for another.
static struct place find_stolen(struct sampler_state *state)
{
    struct voice_group *groups = sampler_groups(state);
    for (uint32_t g = 0; g < state->group_count; g++) {
        const uint32_t stolen = groups[g].active & groups[g].stolen;
        if (stolen != 0) {
            return (struct place){&groups[g], __builtin_ctz(stolen)};
        }
    }
    return (struct place){0};
}

struct place place_find(struct places *places)
{
    struct sampler_state *state = places->state;
    if (places->taken == (int)state->polyphony) {
        return (struct place){0};
    }
    places->taken++;
    struct place place = find_free(places);
    if (!place.group) {
        place = find_stolen(state);
        state->counts.cut++;
    }
    return place;
}
