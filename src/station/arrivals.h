// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Newcomers on their way from the HTTP server's thread into a shard, first come first. Internal to station.
#pragma once

#include "core/status.h"
#include "station/listeners.h"

#include <pthread.h>
#include <stdint.h>

/// One of them, with copies of its texts and bytes; free() it.
struct arrival {
    struct listeners_join join;
    struct arrival *next;
    uint8_t bytes[];
};

/// Embed it.
struct arrivals {
    pthread_mutex_t lock; ///< guards what follows
    struct arrival *first, **last;
};

void arrivals_init(struct arrivals *arrivals);

/// Nobody is in it any more.
void arrivals_done(struct arrivals *arrivals);

/// Puts a copy of \p join last. STATUS_NO_MEMORY. Any thread.
MUST_USE enum status arrivals_put(struct arrivals *arrivals, const struct listeners_join *join);

/// Takes the first out, which is the caller's; NULL where nobody waits. Any thread.
struct arrival *arrivals_take(struct arrivals *arrivals);
