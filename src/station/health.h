// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Whether the threads that make and serve the music are alive, for a watchdog.
#pragma once

#include "core/status.h"
#include "net/http.h"
#include "station/station.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    HEALTH_SILENCE_MS = 3000, ///< that a station's thread may be behind the clock with its rendering
    HEALTH_ANSWER_MS = 2000   ///< that the HTTP server may take over an answer
};

/// STATUS_OK, or STATUS_AGAIN with who does not move of the stations that are awake, or the HTTP server. A station that
/// has rendered nothing yet counts from \p since_ns, on clock_now_ns(). Any thread but the server's and the stations';
/// waits HEALTH_ANSWER_MS at most.
MUST_USE enum status health_check(struct station *const *stations, size_t count, int64_t since_ns,
                                  struct http_server *server, struct complaint *complaint);
