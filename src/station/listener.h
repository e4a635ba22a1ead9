// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// One listener: its cursor, what it has been told, and what it may do. Owned by its shard's thread. Internal
/// to station.
#pragma once

#include "core/bucket.h"
#include "net/websocket.h"
#include "station/feed.h"
#include "station/listeners.h"

enum { LISTENER_GATHER = 4 }; ///< chunks that go out in one call

struct listener {
    const struct listeners_options *options;
    struct feed *feed;       ///< the shard's lobby for one that is turned away
    struct metrics *metrics; ///< of its station
    const char *name;        ///< of its station
    struct address address;
    struct stations_entry *entry; ///< held; NULL for one that is turned away
    unsigned index;               ///< in the feed
    enum format format;           ///< FORMAT_OGG has a plain websocket, and is told nothing but music
    struct http_stream *stream;   ///< or NULL
    bool score;
    bool controls; ///< may steer the station
    bool watched;  ///< for writing too
    bool gone;     ///< left in this turn, to be freed at its end
    struct websocket *websocket;
    uint32_t next;    ///< sequence of the chunk that is to be sent next
    uint32_t live;    ///< of the first chunk that does not come in a burst, whose lateness says something
    uint32_t skipped; ///< chunks that it has missed and not been told of
    uint64_t version; ///< of the state that it has been told
    unsigned due_count;
    int64_t due_ns[LISTENER_GATHER]; ///< when the live chunks that wait were due
    int64_t closing_ns;              ///< since when only its own close is waited for; 0 when it is not
    int64_t joined_ns;
    int64_t progress_ns; ///< when the socket last took something, or nothing was waiting
    uint64_t written;    ///< bytes that it had taken then
    int64_t queued_ns;   ///< when what waits was queued
    int64_t flood_ns;    ///< when it was last told that it sends too much
    unsigned floods;     ///< how often it was
    struct bucket messages;
    struct bucket skips;
    struct listener *next_gone;
};

/// Takes the socket and the entry over and queues hello, or where \p join turns away its refusal and a close. NULL when
/// memory is out (all is closed and dropped).
struct listener *listener_new(const struct listeners_options *options, struct feed *feed, struct metrics *metrics,
                              const struct listeners_join *join);

/// Closes and frees. NULL is fine.
void listener_free(struct listener *listener);

int listener_fd(const struct listener *listener);

/// Reads what came; also to be called once at the start, for what came with the handshake. STATUS_CLOSED when it is
/// over.
MUST_USE enum status listener_read(struct listener *listener);

/// Sends what is due, as the feed has it, until there is no more or the socket is full. STATUS_OK, STATUS_AGAIN (wait
/// for the socket), or STATUS_CLOSED.
MUST_USE enum status listener_pump(struct listener *listener, int64_t now_ns);

/// Queues what is due where nothing waits, for one who writes to many at once. Whether there is something to be written
/// now; listener_pump() behind the write, or in its place, does the rest.
bool listener_offer(struct listener *listener, int64_t now_ns);

/// Whether it must be looked at though nothing is new: something waits to be written, or it is to hang up.
bool listener_lingers(const struct listener *listener);

/// Queues going_away and a close with 1001; listener_pump() sends them.
void listener_dismiss(struct listener *listener);
