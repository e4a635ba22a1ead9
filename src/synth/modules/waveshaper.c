// SPDX-License-Identifier: GPL-3.0-or-later
// A curve at four times the rate. All curves have a slope of 1 in the middle, so that what is soft passes as it is.
// The fold is a sine: what goes above its top comes back down. The asymmetric one is the hyperbolic tangent around 0.5
// rather than 0, t / (1 + t tanh(0.5)) with t the tangent around 0: it reaches from -1.86 to 0.68, makes even overtones
// and moves the middle, which a dc_blocker mends.
#include "synth/modules/half_band.h"

enum { PARAM_DRIVE, PARAM_SHAPE, PARAM_LEVEL };
enum { SHAPE_TANH, SHAPE_FOLD, SHAPE_CLIP, SHAPE_ASYM };
enum { TIMES = 4 };

static const char *const shapes[] = {"tanh", "fold", "clip", "asym", NULL};

static const struct module_port inputs[] = {{"in", "audio", "what is bent"}, {0}};

static const struct module_port outputs[] = {{"out", "audio", "with its overtones"}, {0}};

static const struct module_param params[] = {
    [PARAM_DRIVE] = {"drive", "dB", "into the curve", -24, 60, 12, NULL, false},
    [PARAM_SHAPE] = {"shape", "", "of the curve", 0, SHAPE_ASYM, 0, shapes, true},
    [PARAM_LEVEL] = {"level", "dB", "of what comes out", -60, 24, 0, NULL, false},
    {0},
};

POLY_INLINE poly bend(uint32_t shape, poly x)
{
    switch (shape) {
    case SHAPE_FOLD:
        return poly_sine(poly_clamp(x, -1e5F, 1e5F) * 0.15915494F);
    case SHAPE_CLIP:
        return poly_clamp(x, -1, 1);
    case SHAPE_ASYM: {
        const poly t = module_saturate(x);
        return t / (1.0F + t * 0.4621172F);
    }
    default:
        return module_saturate(x);
    }
}

POLY_INLINE void run(const struct module_call *call, uint32_t shape)
{
    struct half_band *state = call->state;
    half_band_keep(state);
    const bool glides = module_glides(call, PARAM_LEVEL + 1);
    float drive = module_amplitude(call->params[PARAM_DRIVE].value);
    float level = module_amplitude(call->params[PARAM_LEVEL].value);
    for (uint32_t i = 0; i < call->frames; i++) {
        if (glides) {
            drive = module_amplitude(module_value(call, PARAM_DRIVE, i));
            level = module_amplitude(module_value(call, PARAM_LEVEL, i));
        }
        poly x[TIMES];
        half_band_up(state, module_sane(module_in(call, 0)[i]) * drive, x);
        for (uint32_t j = 0; j < TIMES; j++) {
            x[j] = bend(shape, x[j]);
        }
        module_out(call, 0)[i] = half_band_down(state, x) * level;
    }
}

static void process(const struct module_call *call) REALTIME
{
    switch (module_choice(call, PARAM_SHAPE)) {
    case SHAPE_FOLD:
        run(call, SHAPE_FOLD);
        break;
    case SHAPE_CLIP:
        run(call, SHAPE_CLIP);
        break;
    case SHAPE_ASYM:
        run(call, SHAPE_ASYM);
        break;
    default:
        run(call, SHAPE_TANH);
        break;
    }
}

const struct module_type MODULE(waveshaper) = {
    .name = "waveshaper",
    .title = "bends a signal: warm, folded, clipped or lopsided",
    .inputs = inputs,
    .outputs = outputs,
    .params = params,
    .state_size = sizeof(struct half_band),
    .process = process,
};
