// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// A load test from its beginning to its end, and what it found. One thread calls it; it runs two more.
#pragma once

#include "cmd/bench_listeners_client.h"

#include <jansson.h>
#include <sys/types.h>

/// What is to be done.
struct load_test {
    size_t count; ///< listeners; in a storm the newcomers
    size_t base;  ///< listeners who are there before the storm; 0 for no storm
    size_t stalled;
    size_t slow;
    size_t check;    ///< one in so many looks at every byte
    double warm_s;   ///< before all that, while one listener a station keeps them awake; 0 for no such listeners
    double ramp_s;   ///< in which they come
    double settle_s; ///< between the base's last start and the storm
    double seconds;  ///< after that
    uint64_t seed;
    pid_t pid; ///< of the server; 0 where it is not known
};

/// Runs \p test on \p plan, whose phase and slow_bps it sets, or until interrupt_came(). The result is the caller's;
/// NULL with a complaint.
json_t *load_test_run(const struct load_test *test, struct load_plan *plan, struct complaint *complaint);
