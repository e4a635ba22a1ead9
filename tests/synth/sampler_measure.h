// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What the tests of the sampler measure of rendered frames.
#pragma once

#include <stddef.h>

/// The sine that frames are closest to.
struct tone {
    double hz;
    double amplitude;
    double purity; ///< its power over that of all else, in dB
};

/// Finds the sine near \p hz, within a per mille for a second of frames and in proportion for others.
struct tone measure_tone(const float *frames, size_t count, double rate, double hz);

double measure_rms(const float *frames, size_t count);

/// The amplitude of the part of exactly \p hz, under a Hann window.
double measure_part(const float *frames, size_t count, double rate, double hz);

/// The largest step from one frame to the next.
double measure_step(const float *frames, size_t count);

double measure_peak(const float *frames, size_t count);

/// The first frame that is louder than \p level, or \p count.
size_t measure_onset(const float *frames, size_t count, double level);

/// The frame behind the last that is louder than \p level, or 0.
size_t measure_end(const float *frames, size_t count, double level);

double decibels(double ratio);

/// From \p hz to \p other.
double cents(double hz, double other);
