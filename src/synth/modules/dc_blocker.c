// SPDX-License-Identifier: GPL-3.0-or-later
// What comes in less its one-pole low-pass. The low-pass rises by a ten-thousandth of what is left in a frame, which is
// soon less than a float of its size can tell; so what a rise lost in rounding is kept and added to the next.
#include "synth/modules/guard.h"

enum { PARAM_FREQUENCY };

struct dc_blocker_state {
    poly low;
    poly lost; ///< of `low`
};

static const struct module_port inputs[] = {{"in", "audio", "a signal that may be off its middle"}, {0}};

static const struct module_port outputs[] = {{"out", "audio", "the signal about its middle"}, {0}};

static const struct module_param params[] = {
    [PARAM_FREQUENCY] = {"frequency", "Hz", "below which it is taken away", 0.5F, 200, 5, NULL, false},
    {0},
};

static void process(const struct module_call *call) REALTIME
{
    struct dc_blocker_state *state = call->state;
    const poly *in = module_in(call, 0);
    poly *out = module_out(call, 0);
    poly low = module_kept(state->low);
    poly lost = module_kept(state->lost);
    for (uint32_t i = 0; i < call->frames; i++) {
        const float hz = module_hold(module_value(call, PARAM_FREQUENCY, i), 0.5F, 200);
        const float turns = hz * 3.14159265F / (float)call->setup->rate;
        // tan(x) / (1 + tan(x)) to second order: x is below 0.08.
        const float pole = turns / (1 + turns);
        const poly x = module_sane(in[i]);
        const poly rise = (x - low) * pole;
        out[i] = x - low - rise;
        const poly more = 2.0F * rise + lost;
        const poly next = low + more;
        lost = more - (next - low);
        low = next;
    }
    state->low = low;
    state->lost = lost;
}

const struct module_type MODULE(dc_blocker) = {
    .name = "dc_blocker",
    .title = "takes away what does not swing",
    .inputs = inputs,
    .outputs = outputs,
    .params = params,
    .state_size = sizeof(struct dc_blocker_state),
    .process = process,
};
