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
    const poly hz = module_value(call, PARAM_CUTOFF, i) * poly_ratio(module_in(call, IN_PITCH)[i]);
    const float k = 2 - 1.99F * module_hold(module_value(call, PARAM_RESONANCE, i), 0, 1);
    return state_variable_tune(hz, call->setup->rate, poly_all(k), poly_all(1));
}

/// Where output \p port goes; NULL where it is not heard.
POLY_INLINE poly *heard(const struct module_call *call, uint32_t port)
{
    return call->unheard & (1U << port) ? NULL : module_out(call, port);
}

POLY_INLINE void put(poly *to, uint32_t i, poly x)
{
    if (to) {
        to[i] = x;
    }
}

POLY_INLINE void run(const struct module_call *call, bool moves)
{
    struct state_variable *kept = call->state;
    struct state_variable state = state_variable_take(kept);
    struct state_variable_tuning tuning = tune(call, 0);
    const poly *signal = module_in(call, IN_SIGNAL);
    poly *low = heard(call, OUT_LOW);
    poly *band = heard(call, OUT_BAND);
    poly *high = heard(call, OUT_HIGH);
    poly *notch = heard(call, OUT_NOTCH);
    const uint32_t frames = call->frames;
    for (uint32_t i = 0; i < frames; i++) {
        if (moves) {
            tuning = tune(call, i);
        }
        const poly in = module_sane(signal[i]);
        const struct state_variable_out out = state_variable_step(&state, &tuning, in);
        const poly rest = in - tuning.k * out.band;
        put(low, i, out.low);
        put(band, i, out.band);
        put(high, i, rest - out.low);
        put(notch, i, rest);
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

const struct module_type MODULE(svf) = {
    .name = "svf",
    .title = "a state variable filter: low, band, high and notch at once",
    .inputs = inputs,
    .outputs = outputs,
    .params = params,
    .state_size = sizeof(struct state_variable),
    .process = process,
};
