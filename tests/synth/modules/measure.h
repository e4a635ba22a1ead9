// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The spectrum of a tone: how loud its overtones are, and what is in it beside them.
#pragma once

enum { MEASURE_FRAMES = 1 << 16 };

/// The power of each bin of MEASURE_FRAMES frames of \p samples, behind a window whose feet are 180 dB down: bin i is i
/// * rate / MEASURE_FRAMES Hz. A sine of amplitude 1 sums to 1.
void measure_spectrum(const float *samples, double power[MEASURE_FRAMES / 2 + 1]);

/// The power around \p hz: of a sine there of which the frequency is known.
double measure_tone(const double *power, double rate, double hz);

/// What is from 20 Hz to 20 kHz but not at a multiple of \p hz, in dB of the power at \p hz.
double measure_strange(const double *power, double rate, double hz);

/// The power from \p low to \p high Hz.
double measure_band(const double *power, double rate, double low, double high);
