// SPDX-License-Identifier: GPL-3.0-or-later
// The input is taken at each frame at which the trigger opens.
#include "synth/modules/kind.h"
#include "synth/modules/sane.h"

enum { IN_SIGNAL, IN_TRIGGER };

struct hold_state {
    poly held;
    poly_int is_high; ///< all ones while the trigger is
};

static const struct module_port inputs[] = {
    [IN_SIGNAL] = {"in", "control", "what is sampled"},
    [IN_TRIGGER] = {"trigger", "gate", "samples when it opens"},
    {0},
};

static const struct module_port outputs[] = {{"out", "control", "the last sample"}, {0}};

static void process(const struct module_call *call) REALTIME
{
    struct hold_state *state = call->state;
    const poly *in = module_in(call, IN_SIGNAL);
    const poly *trigger = module_in(call, IN_TRIGGER);
    poly *out = module_out(call, 0);
    poly held = state->held;
    poly_int was_high = state->is_high;
    for (uint32_t i = 0; i < call->frames; i++) {
        const poly_int is_high = poly_less(poly_all(0.5F), trigger[i]);
        held = poly_select(is_high & ~was_high, signal_sane(in[i]), held);
        was_high = is_high;
        out[i] = held;
    }
    state->held = held;
    state->is_high = was_high;
}

const struct module_type MODULE(sample_hold) = {
    .name = "sample_hold",
    .title = "keeps a value until the next trigger",
    .inputs = inputs,
    .outputs = outputs,
    .state_size = sizeof(struct hold_state),
    .process = process,
};
