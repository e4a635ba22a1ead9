// SPDX-License-Identifier: GPL-3.0-or-later
#include "loudness.h"

#include <ebur128.h>
#include <math.h>

double loudness_most(const float *left, const float *right, size_t frames, unsigned long rate)
{
    ebur128_state *meter = ebur128_init(2, rate, EBUR128_MODE_M);
    int failed = !meter;
    double most = -HUGE_VAL;
    for (size_t i = 0; i < frames && !failed; i++) {
        const float both[] = {left[i], right[i]};
        failed = ebur128_add_frames_float(meter, both, 1);
        double loudness = 0;
        if (!failed && i % (rate / 20) == 0 && ebur128_loudness_momentary(meter, &loudness) == 0) {
            most = fmax(most, loudness);
        }
    }
    if (meter) {
        ebur128_destroy(&meter);
    }
    return failed ? NAN : most;
}
