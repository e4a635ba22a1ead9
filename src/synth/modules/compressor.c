// SPDX-License-Identifier: GPL-3.0-or-later
// What is heard is the louder of both sides, or the sidechain. In decibels a curve says by how much it is above what it
// should be: nothing below the threshold, all but 1 / ratio of what is above it, and a parabola over the knee in
// between. This reduction rises at once and falls with the release, and is then smoothed with the attack (Giannoulis,
// Massberg and Reiss, "Digital dynamic range compressor design", JAES 60(6), 2012: smooth, decoupled), so that the
// static curve is the curve whatever the times.
//
// Only the two one-poles go frame by frame: the levels before them and the gains after them are found sixteen frames at
// a time, along the lanes.
#include "synth/modules/guard.h"

#include <string.h>

enum { SIDES = 2, VECTORS = MODULE_BLOCK / POLY_LANES };
enum { IN_LEFT, IN_RIGHT, IN_SIDECHAIN };
enum { PARAM_THRESHOLD, PARAM_RATIO, PARAM_KNEE, PARAM_ATTACK, PARAM_RELEASE, PARAM_MAKEUP, PARAM_MIX };

struct compressor_state {
    float held;   ///< dB of reduction, with the release
    float smooth; ///< and the attack
};

static const struct module_port inputs[] = {
    [IN_LEFT] = {"left", "audio", "what is made more even"},
    [IN_RIGHT] = {"right", "audio", "with the same gain"},
    [IN_SIDECHAIN] = {"sidechain", "audio", "whose level counts; without it that of left and right"},
    {0},
};

static const struct module_port outputs[] = {
    {"left", "audio", "more even"},
    {"right", "audio", "more even"},
    {0},
};

static const struct module_param params[] = {
    [PARAM_THRESHOLD] = {"threshold", "dB", "from which level on", -80, 0, -18, NULL, false},
    [PARAM_RATIO] = {"ratio", "", "how many dB in for one out, above it", 1, 100, 3, NULL, false},
    [PARAM_KNEE] = {"knee", "dB", "over which it sets in", 0, 40, 6, NULL, false},
    [PARAM_ATTACK] = {"attack", "ms", "in which it takes hold", 0.01F, 500, 5, NULL, true},
    [PARAM_RELEASE] = {"release", "ms", "in which it lets go", 1, 5000, 150, NULL, true},
    [PARAM_MAKEUP] = {"makeup", "dB", "of gain after it", -24, 48, 0, NULL, false},
    [PARAM_MIX] = {"mix", "", "0 is the signal as it was, 1 the even one alone", 0, 1, 1, NULL, false},
    {0},
};

/// Parameter \p param at the sixteen frames from \p from on.
POLY_INLINE poly ramp(const struct module_call *call, uint32_t param, uint32_t from)
{
    const poly lanes = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    return call->params[param].value + call->params[param].step * (lanes + (float)from);
}

/// The part of a way that a one-pole goes in a frame, to go most of it in \p ms.
POLY_INLINE float pace(float ms, float rate)
{
    return 1 - poly_exp2(poly_all(-1442.695F / (module_hold(ms, 0.001F, 1e6F) * rate)))[0];
}

/// What is heard, by frame.
POLY_INLINE void listen(const struct module_call *call, float levels[MODULE_BLOCK])
{
    const bool is_apart = module_is_plugged(call, IN_SIDECHAIN);
    for (uint32_t i = 0; i < call->frames; i++) {
        const float left = __builtin_fabsf(module_mono(call, is_apart ? IN_SIDECHAIN : IN_LEFT, i));
        const float right = is_apart ? 0 : __builtin_fabsf(module_mono(call, IN_RIGHT, i));
        levels[i] = left > right ? left : right;
    }
}

/// dB to take away, for sixteen frames' levels.
POLY_INLINE poly curve(const struct module_call *call, uint32_t from, poly level)
{
    const poly above = poly_log2(level) * 6.0205999F - ramp(call, PARAM_THRESHOLD, from);
    const poly slope = 1.0F - 1.0F / poly_clamp(ramp(call, PARAM_RATIO, from), 1, 100);
    const poly knee = poly_clamp(ramp(call, PARAM_KNEE, from), 0.01F, 40);
    const poly into = poly_max(poly_min(above + knee * 0.5F, knee), poly_all(0));
    const poly beyond = poly_max(above - knee * 0.5F, poly_all(0));
    return slope * (into * into / (2.0F * knee) + beyond);
}

/// \p reductions in dB, with attack and release.
POLY_INLINE void follow(const struct module_call *call, float reductions[MODULE_BLOCK])
{
    struct compressor_state *state = call->state;
    const float rate = (float)call->setup->rate;
    const float attack = pace(call->params[PARAM_ATTACK].value, rate);
    const float release = pace(call->params[PARAM_RELEASE].value, rate);
    float held = module_hold(state->held, 0, 1000);
    float smooth = module_hold(state->smooth, 0, 1000);
    for (uint32_t i = 0; i < call->frames; i++) {
        const float falling = held + release * (reductions[i] - held);
        held = reductions[i] > falling ? reductions[i] : falling;
        smooth += attack * (held - smooth);
        reductions[i] = smooth;
    }
    state->held = held;
    state->smooth = smooth;
}

static void process(const struct module_call *call) REALTIME
{
    _Alignas(poly) float values[MODULE_BLOCK] = {0};
    poly vectors[VECTORS];
    listen(call, values);
    memcpy(vectors, values, sizeof vectors);
    for (uint32_t i = 0; i < VECTORS; i++) {
        vectors[i] = curve(call, i * POLY_LANES, vectors[i]);
    }
    memcpy(values, vectors, sizeof vectors);
    follow(call, values);
    memcpy(vectors, values, sizeof vectors);
    for (uint32_t i = 0; i < VECTORS; i++) {
        const poly decibels = ramp(call, PARAM_MAKEUP, i * POLY_LANES) - vectors[i];
        vectors[i] = 1.0F + ramp(call, PARAM_MIX, i * POLY_LANES) * (poly_exp2(decibels * 0.1660964F) - 1.0F);
    }
    memcpy(values, vectors, sizeof vectors);
    for (uint32_t i = 0; i < call->frames; i++) {
        for (uint32_t side = 0; side < SIDES; side++) {
            module_put(call, side, i, module_mono(call, side, i) * values[i]);
        }
    }
}

const struct module_type MODULE(compressor) = {
    .name = "compressor",
    .title = "makes loud and soft more even, in stereo",
    .inputs = inputs,
    .outputs = outputs,
    .params = params,
    .mono = true,
    .state_size = sizeof(struct compressor_state),
    .process = process,
};
