// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Writes metrics in Prometheus' text format 0.0.4, clean under promtool check metrics. One writer at a time.
#pragma once

#include "core/histogram.h"
#include "core/status.h"

#include <stddef.h>

enum prometheus_kind { PROMETHEUS_COUNTER, PROMETHEUS_GAUGE, PROMETHEUS_HISTOGRAM };

/// A growing text, NUL-terminated once anything was written. Zeroed memory is an empty one; when memory runs out,
/// status becomes STATUS_NO_MEMORY, the text stays cut, and later calls do nothing.
struct prometheus {
    char *text;
    size_t size;
    size_t capacity;
    enum status status;
};

/// Starts a metric: its HELP and TYPE lines. Names and help are constants.
void prometheus_metric(struct prometheus *out, const char *name, enum prometheus_kind kind, const char *help);

/// A sample of the metric \p name; \p label and \p value name one label, or are NULL. The value, UTF-8, is escaped. Not
/// a number and the infinities are written as Prometheus spells them.
void prometheus_sample(struct prometheus *out, const char *name, const char *label, const char *value, double sample);

/// A histogram of microseconds as seconds, with buckets from 0.1 ms to 10 s, sum and count. The samples agree among
/// themselves even while others record.
void prometheus_histogram(struct prometheus *out, const char *name, const char *label, const char *value,
                          const struct histogram *histogram);

/// Gives the memory back.
void prometheus_done(struct prometheus *out);
