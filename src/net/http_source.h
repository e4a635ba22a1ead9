// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Endless bodies for libmicrohttpd: a connection whose source has nothing sleeps until all are woken.
#pragma once

#include "core/status.h"
#include "net/http.h"
#include "net/http_pulse.h"

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

struct http_source_body;

/// The connections that sleep. Lock order: mutex, then libmicrohttpd's own.
struct http_sleepers {
    pthread_mutex_t mutex;
    struct http_source_body *first; ///< under the mutex
    bool stopping;                  ///< under the mutex
    _Atomic unsigned wakes;         ///< counts calls of http_sleepers_wake(); written under the mutex
    struct http_pulse *pulse;       ///< the server's
};

MUST_USE enum status http_sleepers_init(struct http_sleepers *sleepers, struct http_pulse *pulse);
void http_sleepers_done(struct http_sleepers *sleepers);

/// Any thread.
void http_sleepers_wake(struct http_sleepers *sleepers);

/// Wakes all for good: from now on a source with nothing ends.
void http_sleepers_stop(struct http_sleepers *sleepers);

/// A response whose body \p source gives. Takes \p source over: it is closed with the response, or at once when there
/// is no memory, which is the NULL.
struct MHD_Response *http_source_response(struct http_sleepers *sleepers, struct MHD_Connection *connection,
                                          const struct http_source *source);
