// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Samples from one layout to another. Pure; any thread.
#pragma once

#include "core/realtime.h"

#include <stddef.h>
#include <stdint.h>

/// Two channels of \p frames samples to one array of 2 * \p frames.
void samples_interleave(const float *left, const float *right, size_t frames, float *out) REALTIME;

/// -1 to 1 to 16 bits, rounded to the nearest; what lies beyond is held at the ends, NaN becomes 0.
void samples_to_s16(const float *in, size_t count, int16_t *out) REALTIME;
