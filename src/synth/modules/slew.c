// SPDX-License-Identifier: GPL-3.0-or-later
// A value that follows the input no faster than it may: either by a part of what is left each frame, which comes within
// a hundredth in the time given, or by the same amount each frame, which is one unit in the time given. It begins at
// the first input that it hears, so that a pitch does not glide in from 0.
#include "synth/modules/kind.h"
#include "synth/modules/sane.h"

enum { PARAM_RISE, PARAM_FALL, PARAM_SHAPE };
enum shape { SHAPE_EXPONENTIAL, SHAPE_LINEAR };

static const char *const shapes[] = {"exponential", "linear", NULL};

// The power of two that is a hundredth.
static const float bend = -6.643856F;

struct slew_state {
    poly value;
    poly_int has_begun; ///< all ones from the first frame on
};

static const struct module_port inputs[] = {{"in", "control", "what is followed"}, {0}};

static const struct module_port outputs[] = {{"out", "control", "the input, later"}, {0}};

static const struct module_param params[] = {
    [PARAM_RISE] = {"rise", "ms", "the way up: all of it, or one unit where linear", 0, 60000, 50, NULL, false},
    [PARAM_FALL] = {"fall", "ms", "the way down", 0, 60000, 50, NULL, false},
    [PARAM_SHAPE] = {"shape", "", "of the way", 0, SHAPE_LINEAR, SHAPE_EXPONENTIAL, shapes, false},
    {0},
};

/// 1 / frames of parameter \p param, at most 1e9.
POLY_INLINE float speed(const struct module_call *call, uint32_t param, uint32_t i)
{
    const float frames = module_value(call, param, i) * 0.001F * (float)call->setup->rate;
    return frames > 1e-9F ? 1 / frames : 1e9F;
}

static void process(const struct module_call *call)
{
    struct slew_state *state = call->state;
    const poly *in = module_in(call, 0);
    poly *out = module_out(call, 0);
    const bool is_linear = module_choice(call, PARAM_SHAPE) == SHAPE_LINEAR;
    poly value = poly_select(state->has_begun, state->value, signal_sane(in[0]));
    for (uint32_t i = 0; i < call->frames; i++) {
        const poly left = signal_sane(in[i]) - value;
        const poly rise = poly_all(speed(call, PARAM_RISE, i));
        const poly fall = poly_all(speed(call, PARAM_FALL, i));
        if (is_linear) {
            value += poly_max(poly_min(left, rise), -fall);
        } else {
            value += left * (1.0F - poly_exp2(bend * poly_select(left > 0.0F, rise, fall)));
        }
        // A state that came from elsewhere may hold anything.
        value = signal_sane(value);
        out[i] = value;
    }
    state->value = value;
    state->has_begun = ~(poly_int){0};
}

const struct module_type MODULE(slew) = {
    .name = "slew",
    .title = "follows a value slowly: glides, soft gates",
    .inputs = inputs,
    .outputs = outputs,
    .params = params,
    .state_size = sizeof(struct slew_state),
    .process = process,
};
