// SPDX-License-Identifier: GPL-3.0-or-later
// Two neighbouring channels of the device; one that it does not have is silent.
#include "synth/modules/kind.h"

enum { OUT_LEFT, OUT_RIGHT };
enum { PARAM_CHANNEL };

static const struct module_port outputs[] = {
    [OUT_LEFT] = {"left", "audio", "the channel"},
    [OUT_RIGHT] = {"right", "audio", "the channel after it"},
    {0},
};

static const struct module_param params[] = {
    [PARAM_CHANNEL] = {"channel", "", "of the device, for left; right is the next", 1, 63, 1, NULL, true},
    {0},
};

static void take(const struct module_call *call, uint32_t channel, poly *out)
{
    const float *in = channel < call->device_ins ? call->device_in + channel * MODULE_BLOCK : NULL;
    for (uint32_t i = 0; i < call->frames; i++) {
        out[i] = poly_all(in ? in[i] : 0);
    }
}

static void process(const struct module_call *call) REALTIME
{
    const uint32_t channel = module_choice(call, PARAM_CHANNEL) - 1;
    take(call, channel, module_out(call, OUT_LEFT));
    take(call, channel + 1, module_out(call, OUT_RIGHT));
}

const struct module_type MODULE(input) = {
    .name = "input",
    .title = "what comes in at the device's channels",
    .outputs = outputs,
    .params = params,
    .mono = true,
    .process = process,
};
