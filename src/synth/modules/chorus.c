// SPDX-License-Identifier: GPL-3.0-or-later
// Four copies, two a side, each read from its side's line at a point that swings around a middle of its own. The swings
// are a quarter of a turn apart and the two of a side opposite, so that while one is sharp the other is flat, and a
// side as a whole neither rises nor falls. Copies of the same sound some milliseconds apart add up in power, hence the
// 1 / sqrt(2). They are read between frames by Lagrange's polynomial through four.
//
// The lanes of a vector are the copies: 0 and 2 left, 1 and 3 right.
#include "synth/modules/guard.h"

enum { SIDES = 2, COPIES = 4 };
enum { IN_LEFT, IN_RIGHT };
enum { PARAM_RATE, PARAM_DEPTH, PARAM_FEEDBACK, PARAM_MIX };

static const float DEPTH_MAX_MS = 8;
static const float MIDDLE_MAX_MS = 18;
static const float LOUDEST = 1000; ///< in the lines, whatever comes in
static const float middle_ms[COPIES] = {10.3F, 12.1F, 17.9F, 15.7F};

struct chorus_state {
    struct line lines[SIDES];
    poly_uint phases; ///< 2^32 to the turn
};

static const struct module_port inputs[] = {
    [IN_LEFT] = {"left", "audio", "what is multiplied, on the left"},
    [IN_RIGHT] = {"right", "audio", "and on the right"},
    {0},
};

static const struct module_port outputs[] = {
    {"left", "audio", "with its copies"},
    {"right", "audio", "with its copies"},
    {0},
};

static const struct module_param params[] = {
    [PARAM_RATE] = {"rate", "Hz", "of the swing", 0.01F, 10, 0.6F, NULL, false},
    [PARAM_DEPTH] = {"depth", "ms", "of the swing", 0, 8, 2, NULL, false},
    [PARAM_FEEDBACK] = {"feedback", "", "of the copies into themselves; below 0 turned over", -0.9F, 0.9F, 0, NULL,
                        false},
    [PARAM_MIX] = {"mix", "", "0 is the signal as it was, 1 the copies alone", 0, 1, 0.5F, NULL, false},
    {0},
};

static uint32_t lines(double rate, uint32_t sizes[MODULE_LINES_MAX])
{
    for (uint32_t side = 0; side < SIDES; side++) {
        sizes[side] = module_line_size(rate, (double)(MIDDLE_MAX_MS + DEPTH_MAX_MS), 4);
    }
    return SIDES;
}

static void init(const struct module_setup *setup, uint32_t group, void *memory)
{
    (void)setup;
    (void)group;
    struct chorus_state *state = memory;
    for (uint32_t i = 0; i < COPIES; i++) {
        state->phases[i] = i << 30;
    }
}

POLY_INLINE void read_copies(const struct module_call *call, struct chorus_state *state, uint32_t i, poly middles,
                             float out[SIDES])
{
    const float rate = (float)call->setup->rate;
    const float hz = module_hold(module_value(call, PARAM_RATE, i), 0, 10);
    const float depth = module_hold(module_value(call, PARAM_DEPTH, i), 0, DEPTH_MAX_MS) * 0.001F * rate;
    state->phases += (uint32_t)(hz * 4294967296.0F / rate);
    const poly turns = __builtin_convertvector((poly_int)state->phases, poly) * (1.0F / 4294967296.0F);
    const poly ago = middles + depth * poly_sine(turns);
    const poly whole = poly_floor(ago);
    const poly f = ago - whole;
    const poly_int first = __builtin_convertvector(whole, poly_int) - 1;
    const poly inner = (f + 1.0F) * (f - 2.0F) * 0.5F;
    const poly outer = f * (f - 1.0F) * (1 / 6.0F);
    const poly weights[4] = {outer * (2.0F - f), inner * (f - 1.0F), -inner * f, outer * (f + 1.0F)};
    for (uint32_t copy = 0; copy < COPIES; copy++) {
        for (uint32_t j = 0; j < 4; j++) {
            out[copy % SIDES] +=
                weights[j][copy] * line_read(&state->lines[copy % SIDES], call->cold, (uint32_t)first[copy] + j);
        }
    }
}

static void process(const struct module_call *call) REALTIME
{
    struct chorus_state *state = call->state;
    poly middles = {0};
    for (uint32_t copy = 0; copy < COPIES; copy++) {
        middles[copy] = middle_ms[copy] * 0.001F * (float)call->setup->rate;
    }
    for (uint32_t i = 0; i < call->frames; i++) {
        const float mix = module_value(call, PARAM_MIX, i);
        const float feedback = module_value(call, PARAM_FEEDBACK, i);
        float copies[SIDES] = {0};
        read_copies(call, state, i, middles, copies);
        for (uint32_t side = 0; side < SIDES; side++) {
            const float in = module_mono(call, side, i);
            const float wet = module_kept_one(copies[side]) * 0.70710678F;
            const float sum = in + feedback * wet;
            line_write(&state->lines[side], call->cold, module_hold(sum, -LOUDEST, LOUDEST));
            module_put(call, side, i, in + mix * (wet - in));
        }
    }
}

const struct module_type MODULE(chorus) = {
    .name = "chorus",
    .title = "copies that are a little out of tune, in stereo",
    .inputs = inputs,
    .outputs = outputs,
    .params = params,
    .mono = true,
    .state_size = sizeof(struct chorus_state),
    .lines = lines,
    .init = init,
    .process = process,
};
