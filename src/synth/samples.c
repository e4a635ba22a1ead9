// SPDX-License-Identifier: GPL-3.0-or-later
#include "synth/samples.h"

void samples_interleave(const float *left, const float *right, size_t frames, float *out)
{
    for (size_t i = 0; i < frames; i++) {
        out[2 * i] = left[i];
        out[2 * i + 1] = right[i];
    }
}

void samples_to_s16(const float *in, size_t count, int16_t *out)
{
    for (size_t i = 0; i < count; i++) {
        float scaled = in[i] == in[i] ? in[i] * 32768.0F : 0.0F; // NOLINT(misc-redundant-expression): the test for NaN
        scaled = scaled > 32767.0F ? 32767.0F : scaled < -32768.0F ? -32768.0F : scaled;
        out[i] = (int16_t)__builtin_lrintf(scaled);
    }
}
