// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The spectrum of one short stretch of sound after another.
#pragma once

#include <complex.h>
#include <stddef.h>

struct spectrum;

/// For stretches of \p size frames, a power of two. Aborts the test when memory is out.
struct spectrum *spectrum_new(size_t size);

/// Writes the \p size / 2 + 1 bins of \p samples under a Hann window; a sine of amplitude 1 on a bin has magnitude 1.
void spectrum_take(struct spectrum *spectrum, const float *samples, double complex *bins);

/// NULL is fine.
void spectrum_free(struct spectrum *spectrum);
