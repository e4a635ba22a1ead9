// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Makes a stream's rate a whole number of times lower, with what would fold back filtered out.
///
/// A Kaiser-windowed sinc of linear phase: flat within 0.1 dB to 0.4 of the lower rate, and at least 80 dB down from
/// 0.6 of it on (Oppenheim and Schafer, Discrete-Time Signal Processing, 7.6; Kaiser's formulas).
#pragma once

#include "core/realtime.h"
#include "core/status.h"

#include <stddef.h>
#include <stdint.h>

enum { DECIMATOR_FACTOR_MAX = 16 };

struct decimator;

/// \p factor is 1 (a copy, without delay) to DECIMATOR_FACTOR_MAX. NULL when there is no memory or \p factor is
/// another. Not for audio callbacks.
struct decimator *decimator_new(uint32_t factor);

void decimator_free(struct decimator *decimator);

/// How far the output lies behind the input, in frames of the input.
uint32_t decimator_delay(const struct decimator *decimator) REALTIME;

/// Takes \p count frames of \p in and writes the frames that they complete to \p out, at most \p count / factor + 1;
/// returns how many. One thread at a time.
size_t decimator_push(struct decimator *decimator, const float *in, size_t count, float *out) REALTIME;
