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
    float rise, fall;
};

POLY_INLINE float speed(const struct module_call *call, uint32_t param, uint32_t i, bool is_linear)
{
    const double frames = (double)module_value(call, param, i) * 0.001 * call->setup->rate;
    const double part = 1 / (frames > 1e-6 ? frames : 1e-6);
    if (is_linear) {
        return frames > 1e-6 ? (float)part : 1e10F;
    }
    // 1 - e^-a as (e^a - 1) / e^a, of which the first terms will do, and lose nothing where a is small.
    const double a = part * to_a_hundredth;
    const double growth = a * (1 + a * (1.0 / 2 + a * (1.0 / 6 + a * (1.0 / 24))));
    return (float)(growth / (1 + growth));
}

POLY_INLINE struct speeds speeds_at(const struct module_call *call, uint32_t i, bool is_linear)
{
    return (struct speeds){speed(call, PARAM_RISE, i, is_linear), speed(call, PARAM_FALL, i, is_linear)};
}

/// The way of a frame where \p left is left.
POLY_INLINE poly way(poly left, struct speeds speeds, bool is_linear)
{
    if (is_linear) {
        return poly_clamp(left, -speeds.fall, speeds.rise);
    }
    return left * poly_select(poly_less(poly_all(0), left), poly_all(speeds.rise), poly_all(speeds.fall));
}

/// Where to go on from: from the input at first, and from 0 where a state from elsewhere holds no value.
POLY_INLINE poly_double begin(const struct slew_state *state, poly in)
{
    const poly_int is_good = poly_less(poly_abs(double_round(state->value)), poly_all(2e9F));
    const poly_double kept = double_clear(~(is_good & state->has_begun), state->value);
    return kept + double_clear(state->has_begun, double_of(signal_sane(in)));
}

static void process(const struct module_call *call) REALTIME
{
    struct slew_state *state = call->state;
    const poly *in = module_in(call, 0);
    poly *out = module_out(call, 0);
    const bool is_linear = module_choice(call, PARAM_SHAPE) == SHAPE_LINEAR;
    const bool glides = call->params[PARAM_RISE].step != 0 || call->params[PARAM_FALL].step != 0;
    struct speeds speeds = speeds_at(call, 0, is_linear);
    poly_double value = begin(state, in[0]);
    for (uint32_t i = 0; i < call->frames; i++) {
        speeds = glides ? speeds_at(call, i, is_linear) : speeds;
        const poly left = double_round(double_of(signal_sane(in[i])) - value);
        value += double_of(way(left, speeds, is_linear));
        out[i] = double_round(value);
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
