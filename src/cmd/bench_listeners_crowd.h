// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Listeners of a load test, run by two threads: one for the many who throw away what they hear, and one for those who
/// look at it, so that what the second measures is when the server's bytes came and not when the first got round to
/// them. All functions are for the thread that made the crowd.
#pragma once

#include "cmd/bench_listeners_client.h"
#include "core/status.h"

#include <stddef.h>
#include <stdint.h>

struct crowd;

/// A crowd of nobody. \p plan outlives it. STATUS_NO_MEMORY, STATUS_IO.
MUST_USE enum status crowd_new(struct load_plan *plan, uint64_t seed, struct crowd **out);

/// Adds \p count listeners of a \p role (of LOAD_LISTENER every \p check-th becomes a LOAD_CHECKER) whose starts are
/// spread evenly over \p ramp_s from \p start_ns on; before crowd_start(). Targets are dealt in turn, and to the
/// checkers among them too. \p stormed as in struct load_client. STATUS_NO_MEMORY.
MUST_USE enum status crowd_add(struct crowd *crowd, enum load_role role, size_t count, size_t check, bool stormed,
                               struct tally *tally, int64_t start_ns, double ramp_s);

MUST_USE enum status crowd_start(struct crowd *crowd);

/// The longest that either thread was at work between two looks at its sockets, in nanoseconds: where this is not
/// small, the loader is what is measured.
int64_t crowd_longest_turn_ns(const struct crowd *crowd);

/// Has all listeners say good-bye and ends the threads. NULL is fine.
void crowd_free(struct crowd *crowd);
