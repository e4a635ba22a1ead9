// SPDX-License-Identifier: GPL-3.0-or-later
// The transistor ladder: four one-pole low-passes in a row and what comes out taken from what goes in, `k` times. Each
// is a trapezoidal integrator, and the loop is solved in each frame without a delay (Zavalishin, "The Art of VA Filter
// Design", chapter 5): with G = g / (1 + g) of each pole, and S what the four would give for no input,
//
//     u = (in - k S) / (1 + k G^4)
//
// goes into the first. There it saturates, as the first pair of transistors does. What is small is filtered by
// 1 / ((1 + s)^4 + k); from k = 4 (resonance 1) on the ladder sings at the cutoff, as loudly as the saturation lets it,
// and since it lets nothing above 1 into four stable poles, it is stable whatever moves.
//
// The four poles stand after the saturation, and take most of what it folds back.
#include "synth/modules/guard.h"

enum { POLES = 4 };
enum { IN_SIGNAL, IN_PITCH };
enum { PARAM_CUTOFF, PARAM_RESONANCE, PARAM_DRIVE, PARAM_COUNT };

struct ladder_state {
    poly poles[POLES];
};

static const struct module_port inputs[] = {
    [IN_SIGNAL] = {"in", "audio", "what is filtered"},
    [IN_PITCH] = {"pitch", "semitones", "added to the cutoff; 0 leaves it"},
    {0},
};

static const struct module_port outputs[] = {{"out", "audio", "what is below the cutoff"}, {0}};

static const struct module_param params[] = {
    [PARAM_CUTOFF] = {"cutoff", "Hz", "at pitch 0", 5, 24000, 1000, NULL, false},
    [PARAM_RESONANCE] = {"resonance", "", "from 1 on it sings by itself", 0, 1.25F, 0.3F, NULL, false},
    [PARAM_DRIVE] = {"drive", "dB", "into the saturation", -24, 48, 0, NULL, false},
    {0},
};

struct tuning {
    poly pole; ///< G
    poly k;
    poly solve;        ///< 1 / (1 + k G^4)
    poly unfed[POLES]; ///< what each pole's state adds to S
    float drive;
};

POLY_INLINE struct tuning tune(const struct module_call *call, uint32_t i)
{
    const poly hz = module_value(call, PARAM_CUTOFF, i) * poly_ratio(module_in(call, IN_PITCH)[i]);
    const poly half = poly_clamp(hz * (float)(0.5 / call->setup->rate), 0, 0.2485F);
    const poly sine = poly_sine_quarter(half);
    const poly cosine = poly_sine_quarter(0.25F - half);
    const poly scale = 1.0F / (cosine + sine);
    const poly pole = sine * scale;
    const poly rest = cosine * scale;
    const poly square = pole * pole;
    const poly k = poly_all(4 * module_hold(module_value(call, PARAM_RESONANCE, i), 0, 1.25F));
    return (struct tuning){.pole = pole,
                           .k = k,
                           .solve = 1.0F / (1.0F + k * square * square),
                           .unfed = {rest * square * pole, rest * square, rest * pole, rest},
                           .drive = module_amplitude(module_value(call, PARAM_DRIVE, i))};
}

POLY_INLINE poly step(struct ladder_state *state, const struct tuning *tuning, poly in)
{
    const poly unfed = (tuning->unfed[0] * state->poles[0] + tuning->unfed[1] * state->poles[1]) +
                       (tuning->unfed[2] * state->poles[2] + tuning->unfed[3] * state->poles[3]);
    poly x = module_saturate((in * tuning->drive - tuning->k * unfed) * tuning->solve);
    for (uint32_t i = 0; i < POLES; i++) {
        const poly rise = (x - state->poles[i]) * tuning->pole;
        x = rise + state->poles[i];
        state->poles[i] = x + rise;
    }
    return x;
}

POLY_INLINE void run(const struct module_call *call, bool moves)
{
    struct ladder_state *kept = call->state;
    struct ladder_state state;
    for (uint32_t i = 0; i < POLES; i++) {
        state.poles[i] = module_kept(kept->poles[i]);
    }
    struct tuning tuning = tune(call, 0);
    for (uint32_t i = 0; i < call->frames; i++) {
        if (moves) {
            tuning = tune(call, i);
        }
        module_out(call, 0)[i] = step(&state, &tuning, module_sane(module_in(call, IN_SIGNAL)[i]));
    }
    *kept = state;
}

static void process(const struct module_call *call) REALTIME
{
    if (module_is_plugged(call, IN_PITCH) || module_glides(call, PARAM_COUNT)) {
        run(call, true);
    } else {
        run(call, false);
    }
}

const struct module_type MODULE(ladder) = {
    .name = "ladder",
    .title = "a low-pass of four poles that saturates and sings",
    .inputs = inputs,
    .outputs = outputs,
    .params = params,
    .state_size = sizeof(struct ladder_state),
    .process = process,
};
