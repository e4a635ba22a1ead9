// SPDX-License-Identifier: GPL-3.0-or-later
// Equal power: with p from -1 to 1, left is cos((p + 1) pi / 4) and right sin of the same, -3 dB each in the middle.
#include "synth/modules/guard.h"

enum { IN_SIGNAL, IN_POSITION };
enum { OUT_LEFT, OUT_RIGHT };
enum { PARAM_POSITION };

static const struct module_port inputs[] = {
    [IN_SIGNAL] = {"in", "audio", "what is placed"},
    [IN_POSITION] = {"position", "control", "added to the position"},
    {0},
};

static const struct module_port outputs[] = {
    [OUT_LEFT] = {"left", "audio", "its left"},
    [OUT_RIGHT] = {"right", "audio", "its right"},
    {0},
};

static const struct module_param params[] = {
    [PARAM_POSITION] = {"position", "", "-1 is left, 1 is right", -1, 1, 0, NULL, false},
    {0},
};

POLY_INLINE void run(const struct module_call *call, bool moves)
{
    const poly *in = module_in(call, IN_SIGNAL);
    const poly *moved = module_in(call, IN_POSITION);
    poly left = poly_all(0);
    poly right = poly_all(0);
    for (uint32_t i = 0; i < call->frames; i++) {
        if (moves || i == 0) {
            const poly position = poly_clamp(module_value(call, PARAM_POSITION, i) + moved[i], -1, 1);
            const poly turns = (position + 1.0F) * 0.125F;
            left = poly_sine_quarter(0.25F - turns);
            right = poly_sine_quarter(turns);
        }
        module_out(call, OUT_LEFT)[i] = in[i] * left;
        module_out(call, OUT_RIGHT)[i] = in[i] * right;
    }
}

static void process(const struct module_call *call) REALTIME
{
    if (module_is_plugged(call, IN_POSITION) || module_glides(call, PARAM_POSITION + 1)) {
        run(call, true);
    } else {
        run(call, false);
    }
}

const struct module_type MODULE(pan) = {
    .name = "pan",
    .title = "a place between left and right",
    .inputs = inputs,
    .outputs = outputs,
    .params = params,
    .process = process,
};
