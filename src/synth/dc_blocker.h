// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Takes the direct current out of a stereo mix: some instruments' samples stand off the zero line.
///
/// A one-pole, one-zero high-pass (Smith, "Introduction to Digital Filters", section on the DC blocker). One thread
/// owns it.
#pragma once

#include "core/realtime.h"

#include <stddef.h>

/// Embed it; plain data.
struct dc_blocker {
    double pole;
    double in[2];  ///< the last sample in, left and right
    double out[2]; ///< the last sample out
};

/// \p cutoff_hz is where the level is 3 dB down, above 0 and far below \p rate.
void dc_blocker_init(struct dc_blocker *blocker, double rate, double cutoff_hz) REALTIME;

/// Filters \p frames frames in place.
void dc_blocker_process(struct dc_blocker *blocker, float *left, float *right, size_t frames) REALTIME;
