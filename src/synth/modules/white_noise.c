// SPDX-License-Identifier: GPL-3.0-or-later
// One random number a frame (noise.h), evenly from -1 to 1: as much in each hertz up to half the rate.
#include "synth/modules/noise.h"

enum { IN_LEVEL };

struct noise_state {
    poly_uint keys;
    uint32_t index;
    struct noise_free free;
};

static const struct module_port inputs[] = {
    [IN_LEVEL] = {"level", "control", "how loud; 1 unplugged. With a cable from voices each has a noise of its own"},
    {0},
};

static const struct module_port outputs[] = {{"out", "audio", "the noise"}, {0}};

static void init(const struct module_setup *setup, uint32_t group, void *state)
{
    ((struct noise_state *)state)->keys = noise_keys(setup, group);
}

static void process(const struct module_call *call) REALTIME
{
    struct noise_state *state = call->state;
    const poly *level = module_in(call, IN_LEVEL);
    const float step = noise_free_begin(call, IN_LEVEL, &state->free);
    poly *out = module_out(call, 0);
    for (uint32_t i = 0; i < call->frames; i++) {
        const poly noise = noise_at(state->index + i + (poly_uint){0}, state->keys);
        out[i] = noise * (level[i] + noise_free_next(&state->free, step));
    }
    state->index += call->frames;
}

const struct module_type MODULE(white_noise) = {
    .name = "white_noise",
    .title = "white noise",
    .inputs = inputs,
    .outputs = outputs,
    .state_size = sizeof(struct noise_state),
    .init = init,
    .process = process,
};
