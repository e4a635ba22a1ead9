// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Whether values grow or fall with time, and how surely: the line of least squares. Pure; any thread.
#pragma once

#include "core/realtime.h"

#include <stdint.h>

/// Sums over points. Zeroed memory has none.
struct trend {
    double count, x, y, xx, xy, yy;
};

struct trend_line {
    double slope;      ///< units of value a second; 0 where there is too little to say
    double confidence; ///< 0 to 1: 1 / (1 + e^2), where e is the slope's standard error; 0 likewise
};

/// \p time in seconds, best counted from near the other points.
void trend_add(struct trend *trend, double time, double value) REALTIME;

/// \p overlap of at least 1 is how many points say but one thing, as means over windows that overlap do.
struct trend_line trend_fit(const struct trend *trend, double overlap) REALTIME;
