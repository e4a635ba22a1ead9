// SPDX-License-Identifier: GPL-3.0-or-later
// A phase in turns, kept as a fraction of 2^32 so that it never loses precision, however long it runs.
#include "synth/modules/kind.h"

enum { IN_PITCH, IN_PHASE };
enum { PARAM_FREQUENCY };

struct sine_state {
    poly_uint phase; ///< 2^32 to the turn
};

static const struct module_port inputs[] = {
    [IN_PITCH] = {"pitch", "semitones", "added to the frequency; 0 leaves it"},
    [IN_PHASE] = {"phase", "control", "turns added to the phase, for phase modulation"},
    {0},
};

static const struct module_port outputs[] = {{"out", "audio", "the wave"}, {0}};

static const struct module_param params[] = {
    [PARAM_FREQUENCY] = {"frequency", "Hz", "at pitch 0", 0.01F, 20000, 440, NULL, false},
    {0},
};

static void process(const struct module_call *call) REALTIME
{
    struct sine_state *state = call->state;
    const poly *pitch = module_in(call, IN_PITCH);
    const poly *offset = module_in(call, IN_PHASE);
    poly *out = module_out(call, 0);
    const float turn = 4294967296.0F / (float)call->setup->rate;
    poly_uint phase = state->phase;
    for (uint32_t i = 0; i < call->frames; i++) {
        const poly hz = module_value(call, PARAM_FREQUENCY, i) * poly_ratio(pitch[i]);
        const poly turns = __builtin_convertvector((poly_int)phase, poly) * (1.0F / 4294967296.0F);
        out[i] = poly_sine(turns + offset[i]);
        phase += (poly_uint) __builtin_convertvector(poly_clamp(hz * turn, 0, 2147483000.0F), poly_int);
    }
    state->phase = phase;
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
