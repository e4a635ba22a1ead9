// SPDX-License-Identifier: GPL-3.0-or-later
// All outputs of one state variable filter. The damping k runs from 2 (no resonance, Q 0.5) to 0.01 (Q 100, which rings
// for long but always dies away). Unless something moves the cutoff, it is tuned once a call.
#include "synth/modules/state_variable.h"

enum { IN_SIGNAL, IN_PITCH };
enum { OUT_LOW, OUT_BAND, OUT_HIGH, OUT_NOTCH };
enum { PARAM_CUTOFF, PARAM_RESONANCE, PARAM_COUNT };

static const struct module_port inputs[] = {
    [IN_SIGNAL] = {"in", "audio", "what is filtered"},
    [IN_PITCH] = {"pitch", "semitones", "added to the cutoff; 0 leaves it"},
    {0},
};

static const struct module_port outputs[] = {
    [OUT_LOW] = {"low", "audio", "what is below the cutoff"},
    [OUT_BAND] = {"band", "audio", "what is around it"},
    [OUT_HIGH] = {"high", "audio", "what is above it"},
    [OUT_NOTCH] = {"notch", "audio", "what is not around it"},
    {0},
};

static const struct module_param params[] = {
    [PARAM_CUTOFF] = {"cutoff", "Hz", "at pitch 0", 5, 24000, 1000, NULL, false},
    [PARAM_RESONANCE] = {"resonance", "", "0 for none, 1 rings for long: Q is 1 / (2 - 1.99 resonance)", 0, 1, 0.2F,
                         NULL, false},
    {0},
};

POLY_INLINE struct state_variable_tuning tune(const struct module_call *call, uint32_t i)
{
    const poly ratio = module_is_plugged(call, IN_PITCH) ? poly_ratio(module_in(call, IN_PITCH)[i]) : poly_all(1);
    const poly hz = module_value(call, PARAM_CUTOFF, i) * ratio;
    const float k = 2 - 1.99F * module_hold(module_value(call, PARAM_RESONANCE, i), 0, 1);
    return state_variable_tune(hz, call->setup->rate, poly_all(k), poly_all(1));
}

POLY_INLINE void run(const struct module_call *call, bool moves, bool is_low_alone)
{
    struct state_variable *kept = call->state;
    struct state_variable state = state_variable_take(kept);
    struct state_variable_tuning tuning = tune(call, 0);
    const poly *signal = module_in(call, IN_SIGNAL);
    poly *low = module_out(call, OUT_LOW);
    const uint32_t frames = call->frames;
    for (uint32_t i = 0; i < frames; i++) {
        if (moves) {
            tuning = tune(call, i);
        }
        const poly in = module_sane(signal[i]);
        const struct state_variable_out out = state_variable_step(&state, &tuning, in);
        low[i] = out.low;
        if (!is_low_alone) {
            const poly notch = in - tuning.k * out.band;
            module_out(call, OUT_BAND)[i] = out.band;
            module_out(call, OUT_HIGH)[i] = notch - out.low;
            module_out(call, OUT_NOTCH)[i] = notch;
        }
    }
    *kept = state;
}

static void process(const struct module_call *call) REALTIME
{
    const uint32_t others = 1U << OUT_BAND | 1U << OUT_HIGH | 1U << OUT_NOTCH;
    if (module_is_plugged(call, IN_PITCH) || module_glides(call, PARAM_COUNT)) {
        run(call, true, false);
    } else if ((call->unheard & others) == others) {
        run(call, false, true);
    } else {
        run(call, false, false);
    }
}

const struct module_type MODULE(svf) = {
    .name = "svf",
    .title = "a state variable filter: low, band, high and notch at once",
    .inputs = inputs,
    .outputs = outputs,
    .params = params,
    .state_size = sizeof(struct state_variable),
    .process = process,
};
