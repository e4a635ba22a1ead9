// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// How long each hop of a recording took, in runs that do the same work hop by hop.
///
/// A machine now and then stops a program for longer than a hop takes. What a hop cost in the quickest of several runs
/// is what its work costs: no stop hits the same hop in each of them, and what is slow in all of them is the program's.
/// One thread.
#pragma once

#include "core/histogram.h"
#include "core/status.h"

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

/// Zeroed memory has no costs.
struct hop_costs {
    size_t count;            ///< hops of the recording
    uint64_t *least_ns;      ///< of each
    struct histogram all;    ///< ns, of all hops of all runs
    struct histogram repeat; ///< ns, of all hops' quickest runs
};

/// Begins a recording of \p count hops. STATUS_NO_MEMORY.
MUST_USE enum status hop_costs_begin(struct hop_costs *costs, size_t count);

/// Hop \p hop took \p ns in one more run; of one that was not begun nothing is kept.
void hop_costs_add(struct hop_costs *costs, size_t hop, uint64_t ns);

/// All runs of the recording are over.
void hop_costs_end(struct hop_costs *costs);

void hop_costs_done(struct hop_costs *costs);

/// {"mean", "median", "p99", "max"} in microseconds.
json_t *hop_costs_json(const struct histogram *ns);
