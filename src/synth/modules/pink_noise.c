// SPDX-License-Identifier: GPL-3.0-or-later
// White noise behind a chain of gentle steps down: each section falls by a certain amount from a pole to the zero above
// it, and poles and zeros stand so that on the whole the fall is 3 dB an octave, from 10 Hz up, within a few tenths of
// a decibel. The corners are warped to be where they should at each rate. A section's memory fades by itself; what
// is heard at the level input does not enter it.
#include "synth/modules/noise.h"

#include <math.h>

enum { IN_LEVEL };

enum { SECTIONS = 10 };

// From a pole to the next, in hertz; a zero stands at the geometric mean of two poles.
static const double lowest = 4;
static const double spread = 2.6;

struct section {
    float b1; ///< y = x + b1 x' - a1 y'
    float a1;
};

struct pink_state {
    poly_uint keys;
    poly memory[SECTIONS];
    struct section sections[SECTIONS];
    float gain;
    uint32_t index;
    struct noise_free free;
};

static const struct module_port inputs[] = {
    [IN_LEVEL] = {"level", "control", "how loud; 1 unplugged. With a cable from voices each has a noise of its own"},
    {0},
};

static const struct module_port outputs[] = {{"out", "audio", "the noise"}, {0}};

/// Where a corner at \p hz lies on the real axis of z.
static double place_of(double hz, double rate)
{
    const double warped = tan(3.14159265358979323846 * fmin(hz / rate, 0.49));
    return (1 - warped) / (1 + warped);
}

/// The power of a section at \p hz.
static double power_at(const struct section *section, double hz, double rate)
{
    const double turn = cos(2 * 3.14159265358979323846 * hz / rate);
    const double b1 = section->b1;
    const double a1 = section->a1;
    return (1 + b1 * b1 + 2 * b1 * turn) / (1 + a1 * a1 + 2 * a1 * turn);
}

static void init(const struct module_setup *setup, uint32_t group, void *memory)
{
    struct pink_state *state = memory;
    state->keys = noise_keys(setup, group);
    double power = 1;
    for (int i = 0; i < SECTIONS; i++) {
        const double pole = lowest * pow(spread, i);
        state->sections[i] = (struct section){.b1 = (float)-place_of(pole * sqrt(spread), setup->rate),
                                              .a1 = (float)-place_of(pole, setup->rate)};
        power *= power_at(&state->sections[i], 1000, setup->rate);
    }
    // Evenly distributed from -1 to 1 white noise has a power of 1/3, spread over half the rate. Pink noise of a power
    // of 1/16 from 10 Hz to 20 kHz, whose peaks seldom pass 1, has 1/16 / (1000 ln 2000) of it in the hertz at 1 kHz.
    const double white = 1.0 / 3 / (setup->rate / 2);
    state->gain = (float)sqrt(1.0 / 16 / (1000 * log(2000)) / (white * power));
}

static void process(const struct module_call *call) REALTIME
{
    struct pink_state *state = call->state;
    const poly *level = module_in(call, IN_LEVEL);
    const float step = noise_free_begin(call, IN_LEVEL, &state->free);
    poly *out = module_out(call, 0);
    for (int k = 0; k < SECTIONS; k++) {
        state->memory[k] = module_kept(state->memory[k]);
    }
    for (uint32_t i = 0; i < call->frames; i++) {
        poly x = noise_at(state->index + i + (poly_uint){0}, state->keys) * state->gain;
        for (int k = 0; k < SECTIONS; k++) {
            const poly y = x + state->memory[k];
            state->memory[k] = x * state->sections[k].b1 - y * state->sections[k].a1;
            x = y;
        }
        out[i] = x * (level[i] + noise_free_next(&state->free, step));
    }
    state->index += call->frames;
}

const struct module_type MODULE(pink_noise) = {
    .name = "pink_noise",
    .title = "pink noise: 3 dB less an octave",
    .inputs = inputs,
    .outputs = outputs,
    .state_size = sizeof(struct pink_state),
    .init = init,
    .process = process,
};
