// SPDX-License-Identifier: GPL-3.0-or-later
// A value that follows the input no faster than it may: either by a part of what is left each frame, which comes within
// a hundredth in the time given, or by the same amount each frame, which is one unit in the time given. It begins at
// the first input that it hears, so that a pitch does not glide in from 0.
#include "synth/modules/double.h"
#include "synth/modules/kind.h"
#include "synth/modules/sane.h"

enum { PARAM_RISE, PARAM_FALL, PARAM_SHAPE };
enum shape { SHAPE_EXPONENTIAL, SHAPE_LINEAR };

static const char *const shapes[] = {"exponential", "linear", NULL};

// The natural logarithm of a hundred.
static const double to_a_hundredth = 4.605170186;

struct slew_state {
    poly_double value;
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

/// How far a frame goes, up and down: of the whole way where exponential, else in units.
struct speeds {
    double rise, fall;
};

POLY_INLINE double speed(const struct module_call *call, uint32_t param, uint32_t i, bool is_linear)
{
    const double frames = (double)module_value(call, param, i) * 0.001 * call->setup->rate;
    const double part = 1 / (frames > 1e-6 ? frames : 1e-6);
    if (is_linear) {
        return part;
    }
    // 1 - e^-a as (e^a - 1) / e^a, of which the first terms will do, and lose nothing where a is small.
    const double a = part * to_a_hundredth;
    const double growth = a * (1 + a * (1.0 / 2 + a * (1.0 / 6 + a * (1.0 / 24))));
    return growth / (1 + growth);
}

POLY_INLINE struct speeds speeds_at(const struct module_call *call, uint32_t i, bool is_linear)
{
    return (struct speeds){speed(call, PARAM_RISE, i, is_linear), speed(call, PARAM_FALL, i, is_linear)};
}

/// The way of one frame from \p value towards \p to.
POLY_INLINE poly_double way(poly_double value, poly_double to, struct speeds speeds, bool is_linear)
{
    const poly_double left = to - value;
    if (is_linear) {
        const poly_long up = left > speeds.rise;
        const poly_long down = left < -speeds.fall;
        const poly_double shorter =
            (poly_double)(((poly_long)double_all(speeds.rise) & up) | ((poly_long)double_all(-speeds.fall) & down));
        return (poly_double)((poly_long)shorter | ((poly_long)left & ~(up | down)));
    }
    const poly_long up = left > 0.0;
    return left * (poly_double)(((poly_long)double_all(speeds.rise) & up) | ((poly_long)double_all(speeds.fall) & ~up));
}

static void process(const struct module_call *call)
{
    struct slew_state *state = call->state;
    const poly *in = module_in(call, 0);
    poly *out = module_out(call, 0);
    const bool is_linear = module_choice(call, PARAM_SHAPE) == SHAPE_LINEAR;
    const bool glides = call->params[PARAM_RISE].step != 0 || call->params[PARAM_FALL].step != 0;
    struct speeds speeds = speeds_at(call, 0, is_linear);
    poly_double value =
        double_select(state->has_begun, state->value, __builtin_convertvector(signal_sane(in[0]), poly_double));
    for (uint32_t i = 0; i < call->frames; i++) {
        speeds = glides ? speeds_at(call, i, is_linear) : speeds;
        const poly_double to = __builtin_convertvector(signal_sane(in[i]), poly_double);
        value += way(value, to, speeds, is_linear);
        // A state that came from elsewhere may hold anything.
        value = (poly_double)((poly_long)value & (value < 2e9) & (value > -2e9));
        out[i] = __builtin_convertvector(value, poly);
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
