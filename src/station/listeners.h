// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// All WebSocket listeners of all stations, served by one thread.
///
/// Each listener is a cursor into its station's ring: nothing is queued for it beyond the chunk in the works. One that
/// falls out of the ring is put back to live and told; one that takes nothing for LISTENERS_STALL_MS is closed. Behind
/// a close frame of either side a listener has LISTENERS_GOODBYE_MS to hang up before it is cut off.
#pragma once

#include "core/status.h"
#include "station/station.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    LISTENERS_MAX = 1000,
    LISTENERS_STALL_MS = 10000,
    LISTENERS_GOODBYE_MS = 2000,
    LISTENERS_MESSAGES = 50 ///< messages that a listener may send in a second
};

struct listeners;

struct listeners_options {
    const struct presets *presets;   ///< shared; outlives the listeners
    struct station *const *stations; ///< shared; outlive the listeners
    size_t station_count;
    unsigned stall_ms; ///< 0 for LISTENERS_STALL_MS
};

/// A new listener, from the HTTP server's thread.
struct listeners_join {
    struct station *station;
    enum format format; ///< not FORMAT_OGG
    bool score;         ///< wants score messages
    int socket;         ///< goes over
    const uint8_t *extra;
    size_t extra_size;
};

/// Starts the thread. STATUS_NO_MEMORY, STATUS_IO.
MUST_USE enum status listeners_new(const struct listeners_options *options, struct listeners **out);

/// Says going away to all, waits up to LISTENERS_GOODBYE_MS for their answers, and ends. NULL is fine.
void listeners_free(struct listeners *listeners);

/// Takes a listener in; its socket is closed where that fails. Any thread.
void listeners_add(struct listeners *listeners, const struct listeners_join *join);

/// How many more could join. Any thread.
unsigned listeners_room(const struct listeners *listeners);

/// There is something new to send. Any thread; cheap, never waits.
void listeners_wake(struct listeners *listeners);
