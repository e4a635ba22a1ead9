// SPDX-License-Identifier: GPL-3.0-or-later
// Adds to two neighbouring channels of the device. `mono` is heard on both; where the device ends at the first of the
// two, it has only that one. A channel past the device's last is heard nowhere.
#include "synth/modules/kind.h"

enum { IN_LEFT, IN_RIGHT, IN_MONO };
enum { PARAM_GAIN, PARAM_CHANNEL };

static const struct module_port inputs[] = {
    [IN_LEFT] = {"left", "audio", "for the first channel"},
    [IN_RIGHT] = {"right", "audio", "for the channel after it"},
    [IN_MONO] = {"mono", "audio", "for both channels"},
    {0},
};

static const struct module_param params[] = {
    [PARAM_GAIN] = {"gain", "dB", "how loud", -96, 24, 0, NULL, false},
    [PARAM_CHANNEL] = {"channel", "", "of the device, for left; right is the next", 1, 63, 1, NULL, true},
    {0},
};

/// What dB multiply by: the same on every kind of machine, as poly.h computes it.
static float gain_of(float db)
{
    return poly_exp2(poly_all(db * 0.16609640F))[0];
}

static void add(const struct module_call *call, uint32_t channel, const poly *side)
{
    if (channel >= call->device_outs) {
        return;
    }
    const poly *mono = module_in(call, IN_MONO);
    float *out = call->device_out + channel * MODULE_BLOCK;
    const int glides = call->params[PARAM_GAIN].step != 0;
    const float steady = gain_of(module_value(call, PARAM_GAIN, 0));
    for (uint32_t i = 0; i < call->frames; i++) {
        const float gain = glides ? gain_of(module_value(call, PARAM_GAIN, i)) : steady;
        out[i] += gain * (side[i][0] + mono[i][0]);
    }
}

static void process(const struct module_call *call) REALTIME
{
    const uint32_t channel = module_choice(call, PARAM_CHANNEL) - 1;
    add(call, channel, module_in(call, IN_LEFT));
    add(call, channel + 1, module_in(call, IN_RIGHT));
}

const struct module_type MODULE(output) = {
    .name = "output",
    .title = "the device's channels, to be heard",
    .inputs = inputs,
    .params = params,
    .mono = true,
    .process = process,
};
