// SPDX-License-Identifier: GPL-3.0-or-later
// The filters of Robert Bristow-Johnson's "Cookbook formulae for audio equalizer biquad filter coefficients", to the
// letter in what they do to a sound. A direct form with those coefficients would miss a shelf at 30 Hz by a decibel in
// single floats, and rattle when modulated. So each is made of a state variable filter, whose poles are the same, and a
// sum of its signals: x in + y band + z low. With A = 10^(gain / 40), a shelf has its tangent divided (low) or
// multiplied (high) by sqrt(A), and
//
//                 k        x     y            z
//     lowpass     1/Q      0     0            1
//     highpass    1/Q      1     -k           -1
//     bandpass    1/Q      0     k            0          (0 dB at the peak)
//     notch       1/Q      1     -k           0
//     peak        1/(Q A)  1     k (A^2 - 1)  0
//     lowshelf    1/Q      1     k (A - 1)    A^2 - 1
//     highshelf   1/Q      A^2   k (1 - A) A  1 - A^2
#include "synth/modules/state_variable.h"

enum { IN_SIGNAL, IN_PITCH };
enum { PARAM_MODE, PARAM_FREQUENCY, PARAM_Q, PARAM_GAIN, PARAM_COUNT };
enum { MODE_LOWPASS, MODE_HIGHPASS, MODE_BANDPASS, MODE_NOTCH, MODE_PEAK, MODE_LOWSHELF, MODE_HIGHSHELF };

static const char *const modes[] = {"lowpass", "highpass", "bandpass", "notch", "peak", "lowshelf", "highshelf", NULL};

static const struct module_port inputs[] = {
    [IN_SIGNAL] = {"in", "audio", "what is filtered"},
    [IN_PITCH] = {"pitch", "semitones", "added to the frequency; 0 leaves it"},
    {0},
};

static const struct module_port outputs[] = {{"out", "audio", "what is left"}, {0}};

static const struct module_param params[] = {
    [PARAM_MODE] = {"mode", "", "which filter", 0, MODE_HIGHSHELF, 0, modes, true},
    [PARAM_FREQUENCY] = {"frequency", "Hz", "at pitch 0", 5, 24000, 1000, NULL, false},
    [PARAM_Q] = {"q", "", "how sharp", 0.05F, 100, 0.7071068F, NULL, false},
    [PARAM_GAIN] = {"gain", "dB", "of peak and shelves", -48, 48, 0, NULL, false},
    {0},
};

struct weights {
    float in, band, low; ///< of the sum; the band's is still to be multiplied by k
};

struct tuning {
    struct state_variable_tuning poles;
    struct weights weights;
};

/// \p a is A of the cookbook.
POLY_INLINE struct weights weigh(uint32_t mode, float a)
{
    const struct weights weights[] = {
        [MODE_LOWPASS] = {0, 0, 1},
        [MODE_HIGHPASS] = {1, -1, -1},
        [MODE_BANDPASS] = {0, 1, 0},
        [MODE_NOTCH] = {1, -1, 0},
        [MODE_PEAK] = {1, a * a - 1, 0},
        [MODE_LOWSHELF] = {1, a - 1, a * a - 1},
        [MODE_HIGHSHELF] = {a * a, (1 - a) * a, 1 - a * a},
    };
    return weights[mode];
}

POLY_INLINE struct tuning tune(const struct module_call *call, uint32_t i)
{
    const uint32_t chosen = module_choice(call, PARAM_MODE);
    const uint32_t mode = chosen <= MODE_HIGHSHELF ? chosen : MODE_LOWPASS;
    const poly hz = module_value(call, PARAM_FREQUENCY, i) * poly_ratio(module_in(call, IN_PITCH)[i]);
    const float gain = module_value(call, PARAM_GAIN, i);
    const float root = module_amplitude(gain * 0.25F);
    const float a = module_amplitude(gain * 0.5F);
    const float q = module_hold(module_value(call, PARAM_Q, i), 0.05F, 100);
    const poly k = poly_all(1 / (mode == MODE_PEAK ? q * a : q));
    const float wider = mode == MODE_LOWSHELF ? 1 / root : mode == MODE_HIGHSHELF ? root : 1;
    return (struct tuning){.poles = state_variable_tune(hz, call->setup->rate, k, poly_all(wider)),
                           .weights = weigh(mode, a)};
}

POLY_INLINE void run(const struct module_call *call, bool moves)
{
    struct state_variable *kept = call->state;
    struct state_variable state = state_variable_take(kept);
    struct tuning tuning = tune(call, 0);
    for (uint32_t i = 0; i < call->frames; i++) {
        if (moves) {
            tuning = tune(call, i);
        }
        const poly in = module_sane(module_in(call, IN_SIGNAL)[i]);
        const struct state_variable_out out = state_variable_step(&state, &tuning.poles, in);
        module_out(call, 0)[i] =
            tuning.weights.in * in + tuning.weights.band * (tuning.poles.k * out.band) + tuning.weights.low * out.low;
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

const struct module_type MODULE(biquad) = {
    .name = "biquad",
    .title = "an equalizer's filter: passes, notch, peak and shelves",
    .inputs = inputs,
    .outputs = outputs,
    .params = params,
    .state_size = sizeof(struct state_variable),
    .process = process,
};
