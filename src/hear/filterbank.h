// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Sums a spectrum's bins into bands that are evenly spaced in pitch.
///
/// Triangles that overlap by half on a logarithmic axis, as Böck and Widmer use for SuperFlux ("Maximum filter vibrato
/// suppression for onset detection", DAFx 2013). Where bands would lie closer than bins, a band is dropped, so that
/// none is empty and no two are the same.
#pragma once

#include "core/realtime.h"
#include "core/status.h"

#include <stdint.h>

struct filterbank_options {
    double rate;       ///< of the stream, Hz
    uint32_t size;     ///< of its transform
    double lowest;     ///< centre of the first band, Hz, to the nearest bin like all centres
    double highest;    ///< no band's centre lies above, Hz; half the rate at most
    double per_octave; ///< bands an octave
};

struct filterbank;

/// NULL when there is no memory or the options leave no band. Not for audio callbacks.
struct filterbank *filterbank_new(const struct filterbank_options *options);

void filterbank_free(struct filterbank *filterbank);

uint32_t filterbank_count(const struct filterbank *filterbank) REALTIME;

/// The centre of band \p band in Hz.
double filterbank_centre(const struct filterbank *filterbank, uint32_t band) REALTIME;

/// filterbank_count() sums of \p magnitudes (size / 2 + 1 of them) into \p bands; each band's weights have a sum of 1.
void filterbank_apply(const struct filterbank *filterbank, const float *magnitudes, float *bands) REALTIME;
