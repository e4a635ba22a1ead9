// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Figures of a benchmark: how long work took, over several runs, and how that becomes JSON. One thread.
#pragma once

#include <jansson.h>
#include <stddef.h>

/// Runs of one benchmark at most.
enum { FIGURES_RUNS = 101 };

/// The same measurement of several runs; zeroed is none. What is added beyond FIGURES_RUNS is not kept.
struct figures {
    size_t count;
    double values[FIGURES_RUNS];
};

void figures_add(struct figures *figures, double value);

/// The value in the middle; 0 where there is none.
double figures_median(const struct figures *figures);

/// {"min", "median", "max"}.
json_t *figures_json(const struct figures *figures);

/// How long something took: on the clock, and of the processor, which other programs on the machine disturb less.
struct cost {
    double wall_s;
    double cpu_s;
};

/// Costs of several runs; zeroed is none.
struct costs {
    struct figures wall_s;
    struct figures cpu_s;
};

/// The cost of this thread so far, since some start: the difference of two is the cost of what lies between.
struct cost cost_now(void);

struct cost cost_since(struct cost start);

void costs_add(struct costs *costs, struct cost cost);

/// {"wall_s": FIGURES, "cpu_s": FIGURES}, each divided by \p units.
json_t *costs_json(const struct costs *costs, double units);

/// How many times the processor time of \p peer that of \p ours is, by the medians; JSON null where one is 0.
json_t *costs_ratio(const struct costs *ours, double our_units, const struct costs *peer, double peer_units);

/// The value that \p part (0 to 1) of the sorted \p values lie at or below.
double percentile(const double *sorted, size_t count, double part);

/// Sorts ascending.
void sort_values(double *values, size_t count);
