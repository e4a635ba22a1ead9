// SPDX-License-Identifier: GPL-3.0-or-later
// A phase in turns, kept as a fraction of 2^32 so that it never loses precision, however long it runs.
#include "synth/modules/oscillator.h"

enum { IN_PITCH = OSCILLATOR_PITCH, IN_PHASE };

struct sine_state {
    poly_uint phase; ///< 2^32 to the turn
};

static const struct module_port inputs[] = {
    OSCILLATOR_PORT_LIST,
    [IN_PHASE] = {"phase", "control", "turns added to the phase, for phase modulation"},
    {0},
};

static const struct module_port outputs[] = {{"out", "audio", "the wave"}, {0}};

static const struct module_param params[] = {OSCILLATOR_PARAM_LIST, {0}};

POLY_INLINE void run(const struct module_call *call, bool is_steady, bool is_modulated)
{
    struct sine_state *state = call->state;
    const poly *offset = module_in(call, IN_PHASE);
    poly *out = module_out(call, 0);
    const float rate = (float)call->setup->rate;
    const uint32_t frames = call->frames;
    poly_uint phase = state->phase;
    poly_uint step = phase_of(oscillator_turns(call, rate, 0));
    for (uint32_t i = 0; i < frames; i++) {
        out[i] = is_modulated ? poly_sine(phase_turns(phase) + poly_clamp(offset[i], -100000, 100000))
                              : poly_sine_phase(phase);
        if (!is_steady) {
            step = phase_of(oscillator_turns(call, rate, i));
        }
        phase += step;
    }
    state->phase = phase;
}

static void process(const struct module_call *call) REALTIME
{
    // The two sines differ by what is rounded, so which of them is taken must not hang on how a render is cut.
    const bool is_modulated = module_is_plugged(call, IN_PHASE);
    const bool is_steady = oscillator_is_steady(call);
    if (is_modulated) {
        is_steady ? run(call, true, true) : run(call, false, true);
    } else {
        is_steady ? run(call, true, false) : run(call, false, false);
    }
}

const struct module_type MODULE(sine) = {
    .name = "sine",
    .title = "a sine wave",
    .inputs = inputs,
    .outputs = outputs,
    .params = params,
    .state_size = sizeof(struct sine_state),
    .process = process,
};
