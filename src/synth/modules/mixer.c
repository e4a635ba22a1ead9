// SPDX-License-Identifier: GPL-3.0-or-later
// A sum, in the order of the inputs. Inputs without a cable are left out.
#include "synth/modules/guard.h"

enum { INPUTS = 8, LOWEST_DB = -90 };

static const struct module_port inputs[INPUTS + 1] = {
    {"in1", "audio", "a signal"}, {"in2", "audio", "another"}, {"in3", "audio", "another"},
    {"in4", "audio", "another"},  {"in5", "audio", "another"}, {"in6", "audio", "another"},
    {"in7", "audio", "another"},  {"in8", "audio", "another"}, {0},
};

static const struct module_port outputs[] = {{"out", "audio", "the sum"}, {0}};

static const struct module_param params[INPUTS + 1] = {
    {"level1", "dB", "of in1; -90 is silence", LOWEST_DB, 12, 0, NULL, false},
    {"level2", "dB", "of in2; -90 is silence", LOWEST_DB, 12, 0, NULL, false},
    {"level3", "dB", "of in3; -90 is silence", LOWEST_DB, 12, 0, NULL, false},
    {"level4", "dB", "of in4; -90 is silence", LOWEST_DB, 12, 0, NULL, false},
    {"level5", "dB", "of in5; -90 is silence", LOWEST_DB, 12, 0, NULL, false},
    {"level6", "dB", "of in6; -90 is silence", LOWEST_DB, 12, 0, NULL, false},
    {"level7", "dB", "of in7; -90 is silence", LOWEST_DB, 12, 0, NULL, false},
    {"level8", "dB", "of in8; -90 is silence", LOWEST_DB, 12, 0, NULL, false},
    {0},
};

POLY_INLINE float amplitude(float decibels)
{
    return decibels > LOWEST_DB ? module_amplitude(decibels) : 0;
}

static void add(const struct module_call *call, uint32_t input) REALTIME
{
    const poly *in = module_in(call, input);
    poly *out = module_out(call, 0);
    const bool glides = call->params[input].step != 0;
    float level = amplitude(call->params[input].value);
    for (uint32_t i = 0; i < call->frames; i++) {
        if (glides) {
            level = amplitude(module_value(call, input, i));
        }
        out[i] += in[i] * level;
    }
}

static void process(const struct module_call *call) REALTIME
{
    for (uint32_t i = 0; i < call->frames; i++) {
        module_put(call, 0, i, 0);
    }
    for (uint32_t input = 0; input < INPUTS; input++) {
        if (module_is_plugged(call, input)) {
            add(call, input);
        }
    }
}

const struct module_type MODULE(mixer) = {
    .name = "mixer",
    .title = "a sum of up to eight signals, each at its level",
    .inputs = inputs,
    .outputs = outputs,
    .params = params,
    .process = process,
};
