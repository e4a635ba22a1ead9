// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Runs an effect of the sampler over a send and measures what comes back.
#pragma once

#include "synth/kernel/kernel.h"

#include <stddef.h>

/// A return. Start with {0}; whoever fills it makes it as long as it must be.
struct sides {
    float *left;
    float *right;
    size_t frames;
};

void sides_free(struct sides *sides);

/// The RMS of the difference over that of \p b.
double sides_difference(const struct sides *a, const struct sides *b);

/// The frames of whole blocks that last at least \p frames.
size_t effect_blocks(double frames);

/// One block through the effect \p state.
typedef void effect_step(void *state, const float *in, float *left, float *right);

/// Sends \p frames, a multiple of KERNEL_BLOCK; what comes back replaces \p heard.
void effect_run(effect_step *step, void *state, const float *in, size_t frames, struct sides *heard);

/// Sends one frame of \p height and silence.
void effect_impulse(effect_step *step, void *state, float height, size_t frames, struct sides *heard);

/// Fills with noise within \p amplitude, the same each time, that has nothing above 20 kHz where \p rate goes further.
void fill_noise(float *out, size_t frames, double rate, float amplitude);

/// \name Of samples; frequencies in parts of the rate
/// @{
float peak(const float *samples, size_t frames);
double mean_power(const float *samples, size_t frames);
double correlation(const float *a, const float *b, size_t frames);
/// The mean fourth power over the square of the mean power: 3 for noise, more for what is sparse.
double sample_kurtosis(const float *samples, size_t frames);
/// T60 in seconds around \p hertz, by Schroeder's backward integration from -5 to -35 dB.
double decay_time(const float *samples, size_t frames, double rate, double hertz);
/// The power between two frequencies, under a Hann window.
double spectrum_power(const float *samples, size_t frames, double low, double high);
/// The mean square of the power of the spectrum's lines between two frequencies over the square of its mean.
double spectrum_peakedness(const float *samples, size_t frames, double low, double high);
/// @}
