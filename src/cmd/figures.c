// SPDX-License-Identifier: GPL-3.0-or-later
#include "cmd/figures.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int compare(const void *a, const void *b)
{
    const double left = *(const double *)a;
    const double right = *(const double *)b;
    return (left > right) - (left < right);
}

void sort_values(double *values, size_t count)
{
    qsort(values, count, sizeof *values, compare);
}

double percentile(const double *sorted, size_t count, double part)
{
    if (count == 0) {
        return 0.0;
    }
    const size_t rank = (size_t)ceil(part * (double)count);
    return sorted[rank > 0 ? rank - 1 : 0];
}

void figures_add(struct figures *figures, double value)
{
    if (figures->count < FIGURES_RUNS) {
        figures->values[figures->count++] = value;
    }
}

double figures_median(const struct figures *figures)
{
    if (figures->count == 0) {
        return 0.0;
    }
    struct figures sorted = *figures;
    sort_values(sorted.values, sorted.count);
    const size_t middle = sorted.count / 2;
    return sorted.count % 2 ? sorted.values[middle] : 0.5 * (sorted.values[middle - 1] + sorted.values[middle]);
}

static json_t *scaled(const struct figures *figures, double units)
{
    struct figures sorted = *figures;
    sort_values(sorted.values, sorted.count);
    return json_pack("{s:f, s:f, s:f}", "min", percentile(sorted.values, sorted.count, 0.0) / units, "median",
                     figures_median(figures) / units, "max", percentile(sorted.values, sorted.count, 1.0) / units);
}

json_t *figures_json(const struct figures *figures)
{
    return scaled(figures, 1.0);
}

static double seconds_of(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

struct cost cost_now(void)
{
    return (struct cost){.wall_s = seconds_of(CLOCK_MONOTONIC), .cpu_s = seconds_of(CLOCK_THREAD_CPUTIME_ID)};
}

struct cost cost_since(struct cost start)
{
    const struct cost now = cost_now();
    return (struct cost){.wall_s = now.wall_s - start.wall_s, .cpu_s = now.cpu_s - start.cpu_s};
}

void costs_add(struct costs *costs, struct cost cost)
{
    figures_add(&costs->wall_s, cost.wall_s);
    figures_add(&costs->cpu_s, cost.cpu_s);
}

json_t *costs_json(const struct costs *costs, double units)
{
    return json_pack("{s:o, s:o}", "wall_s", scaled(&costs->wall_s, units), "cpu_s", scaled(&costs->cpu_s, units));
}

json_t *costs_ratio(const struct costs *ours, double our_units, const struct costs *peer, double peer_units)
{
    const double mine = figures_median(&ours->cpu_s) / our_units;
    const double theirs = figures_median(&peer->cpu_s) / peer_units;
    return mine > 0.0 && theirs > 0.0 ? json_real(theirs / mine) : json_null();
}
