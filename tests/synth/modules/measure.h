// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What a module on a stand does to a sound, in figures.
#pragma once

#include "stand.h"

/// Decibels of \p ratio of amplitudes.
double measure_db(double ratio);

/// The amplitude of the sine of \p hz in \p frames frames of \p x, which should hold a whole number of its turns.
double measure_tone(const float *x, int frames, double hz, double rate);

/// Decibels by which a linear module passes each of \p count frequencies, from the answer of \p output to an impulse of
/// \p height at \p input, \p frames frames long.
void measure_response(struct stand *stand, const char *input, const char *output, double height, int frames,
                      double rate, const double *hz, double *db, int count);

/// \p count frequencies from 20 Hz to 20 kHz, evenly spread in their logarithm.
void measure_spread(double *hz, int count);

/// A sine of \p amplitude in \p frames frames.
void measure_sine(float *x, int frames, double hz, double rate, double amplitude);

/// Noise of the same \p seed is the same: white, evenly spread from -1 to 1.
void measure_noise(float *x, int frames, unsigned seed);

/// The largest magnitude; infinite where one of them is not a number.
double measure_peak(const float *x, int frames);

/// Fails the test where \p value is not \p wanted within \p within.
void measure_near(double value, double wanted, double within);
