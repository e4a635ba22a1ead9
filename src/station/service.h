// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The stations on the network: the player page, the WebSocket stream, Ogg for any player, status and metrics.
#pragma once

#include "core/embed.h"
#include "core/status.h"
#include "station/station.h"

#include <stddef.h>
#include <stdint.h>

struct service;

struct service_options {
    const char *address;
    uint16_t port;              ///< 0 for any free one
    const char *const *origins; ///< further Origins that may open WebSockets, NULL-ended; NULL for none
    const struct presets *presets;
    const struct embed *files; ///< the page: what is served under which path
    const char *soundfont;     ///< for the status
};

/// A service without stations that does not listen yet. Everything in \p options outlives it. STATUS_NO_MEMORY.
MUST_USE enum status service_new(const struct service_options *options, struct service **out);

/// Adds a station, made from \p station with the service as its listener; before service_start(). As station_new(), and
/// STATUS_INVALID for a name that is there already.
MUST_USE enum status service_add(struct service *service, const struct station_options *station,
                                 struct complaint *complaint);

/// Listens and starts the stations' threads. As http_server_new().
MUST_USE enum status service_start(struct service *service, struct complaint *complaint);

uint16_t service_port(const struct service *service);

/// Says good-bye to the listeners, stops and frees all. NULL is fine.
void service_free(struct service *service);
