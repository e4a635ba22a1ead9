// SPDX-License-Identifier: GPL-3.0-or-later
#include "loudness.h"

#include <ebur128.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

double loudness_momentary(const float *left, const float *right, size_t frames, unsigned rate)
{
    ebur128_state *meter = ebur128_init(2, rate, EBUR128_MODE_M);
    assert_non_null(meter);
    for (size_t i = 0; i < frames; i++) {
        const float both[2] = {left[i], right[i]};
        assert_int_equal(ebur128_add_frames_float(meter, both, 1), EBUR128_SUCCESS);
    }
    double lufs = 0;
    assert_int_equal(ebur128_loudness_momentary(meter, &lufs), EBUR128_SUCCESS);
    ebur128_destroy(&meter);
    return lufs;
}
