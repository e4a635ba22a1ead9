// SPDX-License-Identifier: GPL-3.0-or-later
// A product and a sum, for controls: from the range that a module gives to the range that another wants.
#include "synth/modules/guard.h"

enum { PARAM_MULTIPLY, PARAM_OFFSET };

static const struct module_port inputs[] = {{"in", "control", "what is scaled"}, {0}};

static const struct module_port outputs[] = {{"out", "control", "in times multiply plus offset"}, {0}};

static const struct module_param params[] = {
    [PARAM_MULTIPLY] = {"multiply", "", "multiplies it", -1000, 1000, 1, NULL, false},
    [PARAM_OFFSET] = {"offset", "", "is added after that", -1000, 1000, 0, NULL, false},
    {0},
};

static void process(const struct module_call *call) REALTIME
{
    const poly *in = module_in(call, 0);
    poly *out = module_out(call, 0);
    for (uint32_t i = 0; i < call->frames; i++) {
        out[i] = in[i] * module_value(call, PARAM_MULTIPLY, i) + module_value(call, PARAM_OFFSET, i);
    }
}

const struct module_type MODULE(scale) = {
    .name = "scale",
    .title = "multiplies a signal and adds an offset",
    .inputs = inputs,
    .outputs = outputs,
    .params = params,
    .process = process,
};
