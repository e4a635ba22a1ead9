// SPDX-License-Identifier: GPL-3.0-or-later
// A ramp of one turn minus the jump at its end, drawn as oscillator.h has it. With d the turns from the jump, 2 d is a
// ramp through 0 there, and taking the sign of d from it makes it a saw that rises from -1 to 1; the sign is what the
// curve replaces. The phase begins half a turn away from the jump, at 0 and rising like the sine.
#include "synth/modules/oscillator.h"

static const uint32_t half_turn = 1U << 31;

struct saw_state {
    poly_uint phase; ///< 2^32 to the turn
};

static const struct module_port inputs[] = {OSCILLATOR_PORT_LIST, {0}};

static const struct module_port outputs[] = {{"out", "audio", "the wave"}, {0}};

static const struct module_param params[] = {OSCILLATOR_PARAM_LIST, {0}};

POLY_INLINE void run(const struct module_call *call, bool is_steady)
{
    struct saw_state *state = call->state;
    poly *out = module_out(call, 0);
    const float rate = (float)call->setup->rate;
    const uint32_t frames = call->frames;
    poly_uint phase = state->phase;
    poly turns = oscillator_turns(call, rate, 0);
    for (uint32_t i = 0; i < frames; i++) {
        if (!is_steady) {
            turns = oscillator_turns(call, rate, i);
        }
        const poly jump = phase_turns(phase + half_turn);
        out[i] = 2.0F * jump - step_jump(jump / step_width(turns));
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

const struct module_type MODULE(saw) = {
    .name = "saw",
    .title = "a saw wave, rising",
    .inputs = inputs,
    .outputs = outputs,
    .params = params,
    .state_size = sizeof(struct saw_state),
    .process = process,
};
