// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The spectrum of the latest moments of a stream, anew every hop.
///
/// The window may be lopsided: a long rise for resolution in frequency, and a short fall so that what just happened
/// counts soon (Mauler and Martin, "A low delay, variable resolution, perfect reconstruction spectral
/// analysis-synthesis system", EUSIPCO 2007, use such windows for the same reason).
#pragma once

#include "core/realtime.h"
#include "core/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SPECTRUM_SIZE_MAX = 32768 };

struct spectrum_options {
    uint32_t window; ///< frames that are looked at, 2 to size
    uint32_t fall;   ///< of these, how many belong to the falling half of the window, 1 to window - 1; window / 2: Hann
    uint32_t size;   ///< of the transform, a power of two up to SPECTRUM_SIZE_MAX; beyond the window are zeros
    uint32_t hop;    ///< frames between two spectra, at least 1
    uint32_t first;  ///< frames until the first one, so that several that share a stream take turns; 0: a hop
};

struct spectrum;

/// NULL when there is no memory or an option is outside its range. Not for audio callbacks.
struct spectrum *spectrum_new(const struct spectrum_options *options);

void spectrum_free(struct spectrum *spectrum);

/// Takes frames until a spectrum is due or all \p count are taken; returns how many, and whether there is a new
/// spectrum in \p made. So: while (count) { used = push(...); frames += used; count -= used; if (made) look; }
size_t spectrum_push(struct spectrum *spectrum, const float *frames, size_t count, bool *made) REALTIME;

/// size / 2 + 1 magnitudes of the latest spectrum: a sine of amplitude 1 on a bin has magnitude 1 there.
const float *spectrum_magnitudes(const struct spectrum *spectrum) REALTIME;

/// The same spectrum as size / 2 + 1 pairs of real and imaginary part, scaled alike.
const float (*spectrum_bins(const struct spectrum *spectrum))[2] REALTIME;

/// The part, 0 to 1, of a window of \p rise and \p fall (seconds, above 0) that a sound fills which began \p age
/// seconds ago: what a spectrum shows of it.
double spectrum_fill(double age, double rise, double fall) REALTIME;

uint32_t spectrum_bin_count(const struct spectrum *spectrum) REALTIME;

/// How many frames the window's centre of gravity lies before the latest frame: what a thing heard in a spectrum is
/// late by.
double spectrum_delay(const struct spectrum *spectrum) REALTIME;
