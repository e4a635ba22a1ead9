// SPDX-License-Identifier: GPL-3.0-or-later
// A product of two signals, which turns each pair of their frequencies into the sum and the difference. What would lie
// above half the rate folds back.
#include "synth/modules/guard.h"

enum { IN_SIGNAL, IN_CARRIER };
enum { PARAM_MIX };

static const struct module_port inputs[] = {
    [IN_SIGNAL] = {"in", "audio", "a signal"},
    [IN_CARRIER] = {"carrier", "audio", "what it is multiplied by"},
    {0},
};

static const struct module_port outputs[] = {{"out", "audio", "the product"}, {0}};

static const struct module_param params[] = {
    [PARAM_MIX] = {"mix", "", "0 is the signal as it was, 1 the product alone", 0, 1, 1, NULL, false},
    {0},
};

static void process(const struct module_call *call) REALTIME
{
    const poly *in = module_in(call, IN_SIGNAL);
    const poly *carrier = module_in(call, IN_CARRIER);
    poly *out = module_out(call, 0);
    for (uint32_t i = 0; i < call->frames; i++) {
        const float mix = module_value(call, PARAM_MIX, i);
        out[i] = in[i] * (1 - mix + carrier[i] * mix);
    }
}

const struct module_type MODULE(ring_mod) = {
    .name = "ring_mod",
    .title = "multiplies two signals",
    .inputs = inputs,
    .outputs = outputs,
    .params = params,
    .process = process,
};
