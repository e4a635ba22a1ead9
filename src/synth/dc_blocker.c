// SPDX-License-Identifier: GPL-3.0-or-later
#include "synth/dc_blocker.h"

static const double TWO_PI = 6.28318530717958647692;

static void process_channel(struct dc_blocker *blocker, int channel, float *samples, size_t frames) REALTIME;

void dc_blocker_init(struct dc_blocker *blocker, double rate, double cutoff_hz)
{
    *blocker = (struct dc_blocker){.pole = 1.0 - TWO_PI * cutoff_hz / rate};
}

static void process_channel(struct dc_blocker *blocker, int channel, float *samples, size_t frames)
{
    double in = blocker->in[channel];
    double out = blocker->out[channel];
    for (size_t i = 0; i < frames; i++) {
        out = samples[i] - in + blocker->pole * out;
        in = samples[i];
        samples[i] = (float)out;
    }
    blocker->in[channel] = in;
    // A tail that fades out must not end in subnormal numbers, which are slow.
    blocker->out[channel] = __builtin_fabs(out) < 1e-30 ? 0.0 : out;
}

void dc_blocker_process(struct dc_blocker *blocker, float *left, float *right, size_t frames)
{
    process_channel(blocker, 0, left, frames);
    process_channel(blocker, 1, right, frames);
}
