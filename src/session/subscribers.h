// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Who wants to be told of what, and for how long. Any thread; plain memory with its own lock.
#pragma once

#include "core/status.h"
#include "net/osc.h"

#include <pthread.h>

enum { SUBSCRIBERS_MAX = 32, SUBSCRIPTION_S = 60, SUBSCRIPTION_MAX_S = 86400 };

enum subscription { SUBSCRIPTION_CHANGES, SUBSCRIPTION_METERS, SUBSCRIPTION_COUNT };

struct subscriber {
    struct osc_peer peer;
    int64_t until_ns[SUBSCRIPTION_COUNT]; ///< of clock_now_ns(); 0 for never
};

struct subscribers {
    pthread_mutex_t lock;
    size_t count;
    struct subscriber list[SUBSCRIBERS_MAX];
};

void subscribers_init(struct subscribers *subscribers);
void subscribers_done(struct subscribers *subscribers);

/// Tells \p peer of \p kinds (a bit for each enum subscription) until \p until_ns; renews. STATUS_FULL.
MUST_USE enum status subscribers_add(struct subscribers *subscribers, const struct osc_peer *peer, unsigned kinds,
                                     int64_t now_ns, int64_t until_ns);
/// No more of \p kinds.
void subscribers_remove(struct subscribers *subscribers, const struct osc_peer *peer, unsigned kinds);
/// Copies out who wants to be told of \p kind at \p now_ns, but for \p except (NULL: nobody); returns how many.
size_t subscribers_of(struct subscribers *subscribers, enum subscription kind, int64_t now_ns,
                      const struct osc_peer *except, struct osc_peer peers[SUBSCRIBERS_MAX]);
