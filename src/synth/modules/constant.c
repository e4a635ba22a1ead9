// SPDX-License-Identifier: GPL-3.0-or-later
// A parameter as a signal, so that one value can move many things.
#include "synth/modules/kind.h"

static const struct module_port outputs[] = {{"out", "control", "the value"}, {0}};

static const struct module_param params[] = {{"value", "", "what comes out", -1000, 1000, 1, NULL, false}, {0}};

static void process(const struct module_call *call) REALTIME
{
    poly *out = module_out(call, 0);
    for (uint32_t i = 0; i < call->frames; i++) {
        out[i] = poly_all(module_value(call, 0, i));
    }
}

const struct module_type MODULE(constant) = {
    .name = "constant",
    .title = "a value that stays, or glides where it is set",
    .outputs = outputs,
    .params = params,
    .process = process,
};
