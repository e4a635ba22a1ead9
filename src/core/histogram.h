// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Counts of measured values in log-linear buckets: what a metric needs to say its average, percentiles and maximum.
///
/// 16 buckets an octave, so that a percentile is within 3.2% of the true one, from 1 to 2^40 units; the unit is the
/// owner's (Tutti uses microseconds). Many threads may record and read at once; a reader sees counts that are each
/// true, though not all of one instant.
#pragma once

#include "core/realtime.h"

#include <stdatomic.h>
#include <stdint.h>

enum { HISTOGRAM_BUCKETS = 16 + 36 * 16 + 1 };

/// Zeroed memory is an empty histogram.
struct histogram {
    _Atomic uint64_t buckets[HISTOGRAM_BUCKETS];
    _Atomic uint64_t sum;
    _Atomic uint64_t max;
};

/// What a histogram held at one moment, in its unit; all 0 when nothing was recorded.
struct histogram_summary {
    uint64_t count;
    double sum;
    double average;
    double p50;
    double p95;
    double p99;
    double max;
};

/// Counts \p value; above 2^40 it counts as 2^40. Any thread.
void histogram_record(struct histogram *histogram, uint64_t value) REALTIME;

/// Any thread.
struct histogram_summary histogram_summarize(const struct histogram *histogram);

/// The value that \p fraction (0 to 1) of what was recorded lies at or below; 0 when nothing was. Any thread.
double histogram_percentile(const struct histogram *histogram, double fraction);

/// How many values at most \p value were recorded, to within the width of its bucket; all of them for UINT64_MAX. Later
/// calls, and calls for larger values, never give less. Any thread.
uint64_t histogram_at_most(const struct histogram *histogram, uint64_t value);
