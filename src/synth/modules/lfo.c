// SPDX-License-Identifier: GPL-3.0-or-later
// A slow phase, kept as a fraction of 2^32 of a turn, and the shape of a turn. The random shapes hash the count of
// turns: `random` stays at a value for a turn, `drift` eases from one to the next.
#include "synth/modules/noise.h"

enum { IN_RATE, IN_RESET };
enum { PARAM_RATE, PARAM_SHAPE, PARAM_PHASE };
enum shape { SHAPE_SINE, SHAPE_TRIANGLE, SHAPE_SAW, SHAPE_SQUARE, SHAPE_RANDOM, SHAPE_DRIFT };

static const char *const shapes[] = {"sine", "triangle", "saw", "square", "random", "drift", NULL};

struct lfo_state {
    poly_uint phase;  ///< 2^32 to the turn
    poly_uint turn;   ///< how many there were
    poly_uint keys;   ///< of the random shapes
    poly_int is_high; ///< all ones while the reset gate is
};

static const struct module_port inputs[] = {
    [IN_RATE] = {"rate", "semitones", "added to the rate: 12 doubles it"},
    [IN_RESET] = {"reset", "gate", "begins a turn when it opens"},
    {0},
};

static const struct module_port outputs[] = {{"out", "control", "-1 to 1"}, {0}};

static const struct module_param params[] = {
    [PARAM_RATE] = {"rate", "Hz", "turns a second", 0.001F, 200, 1, NULL, false},
    [PARAM_SHAPE] = {"shape", "", "of a turn", 0, SHAPE_DRIFT, SHAPE_SINE, shapes, false},
    [PARAM_PHASE] = {"phase", "", "where a turn begins, in turns", 0, 1, 0, NULL, false},
    {0},
};

static void init(const struct module_setup *setup, uint32_t group, void *state)
{
    ((struct lfo_state *)state)->keys = noise_keys(setup, group);
}

/// The value at \p x, the turns since it began (0 to 1), of turn \p turn.
POLY_INLINE poly shape_at(enum shape shape, poly x, poly_uint turn, poly_uint keys)
{
    switch (shape) {
    case SHAPE_SINE:
        return poly_sine(x);
    case SHAPE_TRIANGLE:
        return 1.0F - poly_abs(4.0F * poly_fraction(x + 0.25F) - 2.0F);
    case SHAPE_SAW:
        return 2.0F * x - 1.0F;
    case SHAPE_SQUARE:
        return poly_select(poly_less(x, poly_all(0.5F)), poly_all(1), poly_all(-1));
    case SHAPE_RANDOM:
        return noise_at(turn, keys);
    case SHAPE_DRIFT:
        break;
    }
    const poly from = noise_at(turn, keys);
    return from + (noise_at(turn + 1U, keys) - from) * (x * x * (3.0F - 2.0F * x));
}

static void process(const struct module_call *call) REALTIME
{
    struct lfo_state state = *(const struct lfo_state *)call->state;
    const poly *rate = module_in(call, IN_RATE);
    const poly *reset = module_in(call, IN_RESET);
    poly *out = module_out(call, 0);
    const float scale = 4294967296.0F / (float)call->setup->rate;
    const enum shape shape = module_choice(call, PARAM_SHAPE);
    for (uint32_t i = 0; i < call->frames; i++) {
        const poly_int is_high = poly_less(poly_all(0.5F), reset[i]);
        const poly_uint opens = (poly_uint)(is_high & ~state.is_high);
        state.is_high = is_high;
        state.phase &= ~opens;
        state.turn -= opens;
        // 24 bits of the phase, which a float holds whole, so that it stays below 1.
        const poly begun = __builtin_convertvector((poly_int)(state.phase >> 8), poly) * (1.0F / 16777216.0F);
        const poly offset = poly_all(module_value(call, PARAM_PHASE, i));
        const poly x = shape < SHAPE_RANDOM ? poly_fraction(begun + offset) : begun;
        out[i] = shape_at(shape, x, state.turn, state.keys);
        const poly step = module_value(call, PARAM_RATE, i) * scale * poly_ratio(rate[i]) + 0.5F;
        const poly_uint next =
            state.phase + (poly_uint) __builtin_convertvector(poly_min(step, poly_all(2e9F)), poly_int);
        state.turn -= (poly_uint)(next < state.phase);
        state.phase = next;
    }
    *(struct lfo_state *)call->state = state;
}

const struct module_type MODULE(lfo) = {
    .name = "lfo",
    .title = "a slow wave that moves other things",
    .inputs = inputs,
    .outputs = outputs,
    .params = params,
    .state_size = sizeof(struct lfo_state),
    .init = init,
    .process = process,
};
