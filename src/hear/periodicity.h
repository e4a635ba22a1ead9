// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// How much the latest moments of a stream repeat themselves, lag by lag.
///
/// The normalized square difference of McLeod and Wyvill ("A smarter way to find pitch", ICMC 2005, section 3). One
/// minus it is the difference function of YIN (de Cheveigné and Kawahara, "YIN, a fundamental frequency estimator for
/// speech and music", JASA 111, 2002, section II.B) over the energy of what is compared. Other than there, every lag
/// has a window of its own, as long as a few of its periods: a high note is judged by some milliseconds and a low one
/// by as many as it needs, in one and the same measure, and all windows end with the latest frame.
#pragma once

#include "core/realtime.h"
#include "core/status.h"

#include <stdbool.h>
#include <stdint.h>

struct periodicity_options {
    uint32_t longest; ///< lag in frames, 1 to 65536
    uint32_t periods; ///< a lag's window in lags, within:
    uint32_t least;   ///< frames; at least 1
    uint32_t most;    ///< frames; but no window is shorter than its lag
};

struct periodicity;

/// NULL without memory or when an option is outside its range. Not for audio callbacks.
struct periodicity *periodicity_new(const struct periodicity_options *options);

void periodicity_free(struct periodicity *periodicity);

/// How many frames periodicity_measure() looks at.
uint32_t periodicity_span(const struct periodicity *periodicity) REALTIME;

/// Measures the periodicity_span() frames at \p frames, the oldest first. What lies below \p floor (mean square) counts
/// as not periodic.
void periodicity_measure(struct periodicity *periodicity, const float *frames, double floor) REALTIME;

/// Of the latest measurement, a value for each lag from 0 to the longest: 1 for what repeats itself to the sample, near
/// 0 for noise, -1 for what repeats itself upside down.
const float *periodicity_values(const struct periodicity *periodicity) REALTIME;

/// The top next to \p lag, where a value is above its neighbours': returns the lag, fractions and all, and writes the
/// value there to \p value.
double periodicity_top(const struct periodicity *periodicity, uint32_t lag, double *value) REALTIME;

/// How many of the latest frames lag \p lag looks at.
uint32_t periodicity_reach(const struct periodicity *periodicity, uint32_t lag) REALTIME;
