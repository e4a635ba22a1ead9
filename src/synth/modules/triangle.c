// SPDX-License-Identifier: GPL-3.0-or-later
// Two straight lines a turn, whose two corners are rounded as oscillator.h has it. The phase begins at 0 and rises like
// the sine: the upper corner is a quarter of a turn away.
#include "synth/modules/oscillator.h"

static const uint32_t quarter_turn = 1U << 30;

struct triangle_state {
    poly_uint phase; ///< 2^32 to the turn
};

static const struct module_port inputs[] = {OSCILLATOR_PORT_LIST, {0}};

static const struct module_port outputs[] = {{"out", "audio", "the wave"}, {0}};

static const struct module_param params[] = {OSCILLATOR_PARAM_LIST, {0}};

POLY_INLINE void run(const struct module_call *call, bool is_steady)
{
    struct triangle_state *state = call->state;
    poly *out = module_out(call, 0);
    const float rate = (float)call->setup->rate;
    const uint32_t frames = call->frames;
    poly_uint phase = state->phase;
    poly turns = oscillator_turns(call, rate, 0);
    for (uint32_t i = 0; i < frames; i++) {
        if (!is_steady) {
            turns = oscillator_turns(call, rate, i);
        }
        const poly width = step_width(turns);
        const poly scale = 1.0F / width;
        const poly top = poly_abs(phase_turns(phase - quarter_turn));
        const poly bottom = 0.5F - top;
        const poly corners = step_corner(bottom * scale) - step_corner(top * scale);
        out[i] = 1.0F - 4.0F * top + 4.0F * width * corners;
        phase += phase_of(turns);
    }
    state->phase = phase;
}

static void process(const struct module_call *call) REALTIME
{
    if (oscillator_is_steady(call)) {
        run(call, true);
    } else {
        run(call, false);
    }
}

const struct module_type MODULE(triangle) = {
    .name = "triangle",
    .title = "a triangle wave",
    .inputs = inputs,
    .outputs = outputs,
    .params = params,
    .state_size = sizeof(struct triangle_state),
    .process = process,
};
