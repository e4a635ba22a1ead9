// SPDX-License-Identifier: GPL-3.0-or-later
#include "cmd/hop_costs.h"

#include <stdlib.h>

static const double NS_PER_US = 1e3;

enum status hop_costs_begin(struct hop_costs *costs, size_t count)
{
    uint64_t *least = reallocarray(costs->least_ns, count + 1, sizeof *least);
    if (!least) {
        return STATUS_NO_MEMORY;
    }
    costs->least_ns = least;
    costs->count = count;
    for (size_t i = 0; i < count; i++) {
        least[i] = UINT64_MAX;
    }
    return STATUS_OK;
}

void hop_costs_add(struct hop_costs *costs, size_t hop, uint64_t ns)
{
    if (hop >= costs->count) {
        return;
    }
    histogram_record(&costs->all, ns);
    costs->least_ns[hop] = ns < costs->least_ns[hop] ? ns : costs->least_ns[hop];
}

void hop_costs_end(struct hop_costs *costs)
{
    for (size_t i = 0; i < costs->count; i++) {
        if (costs->least_ns[i] != UINT64_MAX) {
            histogram_record(&costs->repeat, costs->least_ns[i]);
        }
    }
    costs->count = 0;
}

void hop_costs_done(struct hop_costs *costs)
{
    free(costs->least_ns);
    costs->least_ns = NULL;
}

json_t *hop_costs_json(const struct histogram *ns)
{
    const struct histogram_summary summary = histogram_summarize(ns);
    return json_pack("{s:f, s:f, s:f, s:f}", "mean", summary.average / NS_PER_US, "median", summary.p50 / NS_PER_US,
                     "p99", summary.p99 / NS_PER_US, "max", summary.max / NS_PER_US);
}
