// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The spectrum of a tone: how loud its overtones are, and what is in it beside them.
#pragma once

enum { TONE_FRAMES = 1 << 16 };

/// The power of each bin of TONE_FRAMES frames of \p samples, behind a window whose feet are 180 dB down: bin i is i
/// * rate / TONE_FRAMES Hz. A sine of amplitude 1 sums to 1.
void tone_spectrum(const float *samples, double power[TONE_FRAMES / 2 + 1]);

/// The power around \p hz: of a sine there of which the frequency is known.
double tone_power(const double *power, double rate, double hz);

/// What is from 20 Hz to 20 kHz but not at a multiple of \p hz, in dB of the power at \p hz.
double tone_strange(const double *power, double rate, double hz);

/// The power from \p low to \p high Hz.
double tone_band(const double *power, double rate, double low, double high);
