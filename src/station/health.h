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

/// How long who may be silent.
struct health_limits {
    int station_ms; ///< a station's thread may be behind the clock with its rendering
    int quiet_ms;   ///< the HTTP server may do nothing, before it is asked: as http_server_alive()
    int answer_ms;  ///< it may take over an answer
};

extern const struct health_limits health_limits_usual;

/// STATUS_OK, or STATUS_AGAIN with who does not move of the stations that are awake, or the HTTP server. A station that
/// has rendered nothing yet counts from \p since_ns, on clock_now_ns(). Any thread but the server's and the stations';
/// waits as http_server_alive() does.
MUST_USE enum status health_check(struct station *const *stations, size_t count, int64_t since_ns,
                                  struct http_server *server, const struct health_limits *limits,
                                  struct complaint *complaint);
