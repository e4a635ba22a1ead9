// SPDX-License-Identifier: GPL-3.0-or-later
// From one signal to another: in a straight line, which is right for two that are alike, or with equal power (a quarter
// of a sine), which is right for two that have nothing in common.
#include "synth/modules/guard.h"

enum { IN_A, IN_B, IN_POSITION };
enum { PARAM_POSITION, PARAM_CURVE };
enum { CURVE_LINEAR, CURVE_POWER };

static const char *const curves[] = {"linear", "power", NULL};

static const struct module_port inputs[] = {
    [IN_A] = {"a", "audio", "heard at position 0"},
    [IN_B] = {"b", "audio", "heard at position 1"},
    [IN_POSITION] = {"position", "control", "added to the position"},
    {0},
};

static const struct module_port outputs[] = {{"out", "audio", "what lies between"}, {0}};

static const struct module_param params[] = {
    [PARAM_POSITION] = {"position", "", "0 is a, 1 is b", 0, 1, 0, NULL, false},
    [PARAM_CURVE] = {"curve", "", "of the way between", 0, 1, 0, curves, true},
    {0},
};

static void process(const struct module_call *call) REALTIME
{
    const poly *a = module_in(call, IN_A);
    const poly *b = module_in(call, IN_B);
    const poly *moved = module_in(call, IN_POSITION);
    poly *out = module_out(call, 0);
    const bool is_power = module_choice(call, PARAM_CURVE) == CURVE_POWER;
    for (uint32_t i = 0; i < call->frames; i++) {
        const poly position = poly_clamp(module_value(call, PARAM_POSITION, i) + moved[i], 0, 1);
        if (is_power) {
            out[i] = a[i] * poly_sine_quarter(0.25F - position * 0.25F) + b[i] * poly_sine_quarter(position * 0.25F);
        } else {
            out[i] = a[i] * (1.0F - position) + b[i] * position;
        }
    }
}

const struct module_type MODULE(crossfade) = {
    .name = "crossfade",
    .title = "goes from one signal to another",
    .inputs = inputs,
    .outputs = outputs,
    .params = params,
    .process = process,
};
