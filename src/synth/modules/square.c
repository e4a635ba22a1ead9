// SPDX-License-Identifier: GPL-3.0-or-later
// The difference of two saws, one of which jumps where the pulse begins and one where it ends. The ramps cancel to a
// constant, the jumps remain. As a saw has no mean, neither has the pulse, whatever its width: it is as far above 0 as
// the rest of the turn is long, and so a change of width is no thump. At half a turn it is the square from -1 to 1. An
// end that the width moves towards the phase is passed faster, and its curve is as much wider.
#include "synth/modules/oscillator.h"

enum { IN_WIDTH = OSCILLATOR_PITCH + 1 };
enum { PARAM_WIDTH = OSCILLATOR_PARAMS };

struct square_state {
    poly_uint phase; ///< 2^32 to the turn
    poly width;      ///< of the frame before
};

static const struct module_port inputs[] = {
    OSCILLATOR_PORT_LIST,
    [IN_WIDTH] = {"width", "control", "added to the pulse width"},
    {0},
};

static const struct module_port outputs[] = {{"out", "audio", "the wave, without a mean at every width"}, {0}};

static const struct module_param params[] = {
    OSCILLATOR_PARAM_LIST,
    [PARAM_WIDTH] = {"width", "", "how much of a turn the pulse lasts", 0.01F, 0.99F, 0.5F, NULL, false},
    {0},
};

POLY_INLINE void run(const struct module_call *call, bool is_steady)
{
    struct square_state *state = call->state;
    const poly *modulation = module_in(call, IN_WIDTH);
    poly *out = module_out(call, 0);
    const float rate = (float)call->setup->rate;
    const uint32_t frames = call->frames;
    poly_uint phase = state->phase;
    poly before = state->width;
    poly turns = oscillator_turns(call, rate, 0);
    for (uint32_t i = 0; i < frames; i++) {
        if (!is_steady) {
            turns = oscillator_turns(call, rate, i);
        }
        const poly width = poly_clamp(modulation[i] + module_value(call, PARAM_WIDTH, i), 0.01F, 0.99F);
        const poly passing = poly_max(turns, turns - (width - before));
        before = width;
        const poly rise = phase_turns(phase);
        const poly fall = phase_turns(phase - phase_of(width - 0.5F) + (1U << 31));
        const poly up = step_jump(rise / step_width(turns)) - 2.0F * rise;
        const poly down = step_jump(fall / step_width(passing)) - 2.0F * fall;
        out[i] = up - down;
        phase += phase_of(turns);
    }
    state->phase = phase;
    state->width = before;
}

static void process(const struct module_call *call) REALTIME
{
    if (oscillator_is_steady(call)) {
        run(call, true);
    } else {
        run(call, false);
    }
}

const struct module_type MODULE(square) = {
    .name = "square",
    .title = "a square wave, or a pulse of another width",
    .inputs = inputs,
    .outputs = outputs,
    .params = params,
    .state_size = sizeof(struct square_state),
    .process = process,
};
