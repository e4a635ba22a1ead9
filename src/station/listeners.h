// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// All listeners of all stations, over WebSockets or as players of the Ogg form over plain HTTP (VLC, mpv, curl),
/// spread over shards: threads that share no socket.
///
/// Each listener is a cursor into its station's ring: nothing is queued for it beyond the chunks in the works. One that
/// falls out of the ring is put back to live and told; one that does so time and again is closed with 1013; one that
/// takes nothing for LISTENERS_STALL_MS is cut off. Behind a close frame of either side a listener has
/// LISTENERS_GOODBYE_MS to hang up before it is cut off.
#pragma once

#include "core/status.h"
#include "net/addresses.h"
#include "net/http.h"
#include "station/stations.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    LISTENERS_MAX = 16000, ///< where the options do not say
    LISTENERS_SHARDS_MAX = 8,
    LISTENERS_STALL_MS = 10000,
    LISTENERS_GOODBYE_MS = 2000,
    LISTENERS_MESSAGES = 50 ///< messages that a listener may send in a second
};

struct listeners;

struct listeners_options {
    const struct presets *presets; ///< shared; outlives the listeners
    struct stations *stations;     ///< likewise
    struct addresses *addresses;   ///< in which listeners are counted; outlives the listeners; NULL for none
    unsigned most;                 ///< listeners at once; 0 for LISTENERS_MAX
    unsigned shards;               ///< 1 to LISTENERS_SHARDS_MAX; 0 for as many as there are processors
    unsigned stall_ms;             ///< 0 for LISTENERS_STALL_MS
    bool singly;                   ///< a system call for each write, though there may be one for many (io_uring)
};

/// A new listener, from the HTTP server's thread.
struct listeners_join {
    struct stations_entry *entry; ///< its reference goes over; NULL to turn it away with \c refusal
    const char *refusal;          ///< of the caller until listeners_add() returns
    enum format format;
    struct http_stream *stream; ///< with FORMAT_OGG, ended with the listener; else NULL
    bool score;                 ///< wants score messages
    bool controls;              ///< may steer the station
    bool resumes;               ///< goes on with chunk \c resume where that is still there
    uint32_t resume;
    struct address address; ///< that it was counted for; it is taken out when it leaves
    int socket;             ///< goes over
    const uint8_t *extra;
    size_t extra_size;
};

/// Starts the threads. STATUS_NO_MEMORY, STATUS_IO.
MUST_USE enum status listeners_new(const struct listeners_options *options, struct listeners **out);

/// Says going_away to all, waits up to LISTENERS_GOODBYE_MS for their answers, and ends. NULL is fine.
void listeners_free(struct listeners *listeners);

/// Gives back what a listener that does not come in has: its socket, its entry and its place at its address.
void listeners_drop(const struct listeners_options *options, const struct listeners_join *join);

/// Takes a listener in; it is dropped where that fails. Any thread.
void listeners_add(struct listeners *listeners, const struct listeners_join *join);

/// How many more could join. Any thread.
unsigned listeners_room(const struct listeners *listeners);

/// There is something new to send in these shards, a bit for each (see struct stations_options). Any thread; cheap,
/// never waits.
void listeners_wake(struct listeners *listeners, uint32_t shards);
