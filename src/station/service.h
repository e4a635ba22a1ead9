// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The stations on the network: the player page, the WebSocket stream, Ogg for any player, status and metrics.
#pragma once

#include "core/embed.h"
#include "core/status.h"
#include "station/admission.h"
#include "station/station.h"

#include <stddef.h>
#include <stdint.h>

struct service;

struct service_options {
    const char *address;
    uint16_t port;              ///< 0 for any free one
    const char *const *origins; ///< further Origins that may open WebSockets, NULL-ended; NULL for none
    const struct presets *presets;
    const struct embed *files;    ///< the page: what is served under which path
    const char *soundfont;        ///< for the status
    const char *control_token;    ///< who gives it may steer shared stations; NULL: everybody may
    const char *state_dir;        ///< where stations keep their state; NULL for nowhere
    unsigned listeners_max;       ///< 0 for LISTENERS_MAX
    unsigned streams_max;         ///< of them players of the Ogg form; 0 for as many
    unsigned shards;              ///< threads that serve listeners; 0 for as many as there are processors
    bool singly;                  ///< a system call for each write, as in struct listeners_options
    unsigned per_address;         ///< listeners from one address; 0 for no limit
    int private_max;              ///< private stations, whatever the machine does; -1 for as many as it has power for
    unsigned forget_ms;           ///< 0 for STATIONS_FORGET_MS
    admission_make *make_private; ///< called on the HTTP server's thread; NULL: there are none
    void *make_user;
};

/// A service without stations that does not listen yet. Everything in \p options outlives it, but for the origins and
/// the control token, which are copied. STATUS_NO_MEMORY.
MUST_USE enum status service_new(const struct service_options *options, struct service **out);

/// Adds a shared station; see stations_add().
MUST_USE enum status service_add(struct service *service, const struct station_options *station,
                                 struct complaint *complaint);

/// Listens and starts the stations' threads. As http_server_new().
MUST_USE enum status service_start(struct service *service, struct complaint *complaint);

uint16_t service_port(const struct service *service);

/// Measures what power the machine has left, and forgets private stations whose time is over. To be called about once
/// a second; any thread.
void service_tend(struct service *service);

/// Takes over the origins, the control token, \c private_max and \c per_address of \p options, all at once, for
/// whatever is asked from then on; listeners stay as they are. The rest of \p options is not looked at.
/// STATUS_NO_MEMORY with a complaint, and all stays as it was. From the thread that started it.
MUST_USE enum status service_reload(struct service *service, const struct service_options *options,
                                    struct complaint *complaint);

/// Whether the threads that make and serve the music are alive: as health_check(). From the thread that
/// started it.
MUST_USE enum status service_health(struct service *service, struct complaint *complaint);

/// How many shared stations there are, and how many listeners all stations have.
void service_count(struct service *service, size_t *stations, size_t *listeners);

/// Says good-bye to the listeners, stops and frees all. NULL is fine.
void service_free(struct service *service);
