// SPDX-License-Identifier: GPL-3.0-or-later
// The signal times a control, times a parameter. Where nothing controls it the control counts as 1, and the way from
// one to the other takes 10 ms, so that a cable that comes or goes is not heard as a click: `free` is how far on the
// way to 1 it is.
//
// The exponential response is (2^(10 x) - 1) / 1023: nothing at 0, 1 at 1, and in between about 6 dB for each tenth, as
// loudness is heard.
#include "synth/modules/guard.h"

enum { IN_SIGNAL, IN_GAIN };
enum { PARAM_GAIN, PARAM_RESPONSE };
enum { RESPONSE_LINEAR, RESPONSE_EXPONENTIAL };

struct vca_state {
    float free;
    uint32_t has_begun; ///< before the first frame there is nothing to glide from
};

static const char *const responses[] = {"linear", "exponential", NULL};

static const struct module_port inputs[] = {
    [IN_SIGNAL] = {"in", "audio", "what is made louder or softer"},
    [IN_GAIN] = {"gain", "control", "what multiplies it, as of an envelope; 1 where nothing is plugged in"},
    {0},
};

static const struct module_port outputs[] = {{"out", "audio", "the product"}, {0}};

static const struct module_param params[] = {
    [PARAM_GAIN] = {"gain", "", "multiplies it too", 0, 10, 1, NULL, false},
    [PARAM_RESPONSE] = {"response", "", "to the control", 0, 1, 0, responses, true},
    {0},
};

POLY_INLINE void run(const struct module_call *call, bool is_exponential, float from, float step, float to)
{
    const poly *in = module_in(call, IN_SIGNAL);
    const poly *control = module_in(call, IN_GAIN);
    poly *out = module_out(call, 0);
    const struct module_ramp ramp = call->params[PARAM_GAIN];
    float most = ramp.value;
    const uint32_t frames = call->frames;
    float free = from;
    for (uint32_t i = 0; i < frames; i++) {
        poly gain = control[i];
        if (is_exponential) {
            gain = (poly_exp2(poly_clamp(gain, -10, 2) * 10.0F) - 1.0F) * (1.0F / 1023);
        }
        if (step != 0) {
            free = module_hold(free + step, 0, 1);
        }
        if (ramp.step != 0) {
            most = ramp.value + ramp.step * (float)i;
        }
        out[i] = in[i] * (most * (gain + free));
    }
    ((struct vca_state *)call->state)->free = step != 0 ? free : to;
}

static void process(const struct module_call *call) REALTIME
{
    struct vca_state *state = call->state;
    const float to = module_is_plugged(call, IN_GAIN) ? 0 : 1;
    const float from = state->has_begun ? module_hold(state->free, 0, 1) : to;
    const float span = 100 / (float)call->setup->rate;
    const float step = from == to ? 0 : to > from ? span : -span;
    state->has_begun = 1;
    if (module_choice(call, PARAM_RESPONSE) == RESPONSE_EXPONENTIAL) {
        run(call, true, from, step, to);
    } else {
        run(call, false, from, step, to);
    }
}

const struct module_type MODULE(vca) = {
    .name = "vca",
    .title = "an amplifier under control",
    .inputs = inputs,
    .outputs = outputs,
    .params = params,
    .state_size = sizeof(struct vca_state),
    .process = process,
};
