// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What one shard has of one station: its listeners, and for all of them the chunks and messages that are due, taken
/// from the station once. Internal to station; of the shard's thread.
#pragma once

#include "core/buffer.h"
#include "core/status.h"
#include "station/stations.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct listener;

/// A chunk in one format as the feed holds it: valid until the next feed_refresh().
struct feed_chunk {
    bool held; ///< the slot is not empty
    uint32_t sequence;
    int64_t due_ns;
    struct buffer *chunk; ///< NULL where Ogg pages come with a later one
    struct buffer *score; ///< or NULL
};

struct feed {
    struct stations_entry *entry; ///< held while there is a listener, by each of them
    struct station *station;
    uint32_t oldest;  ///< sequence of the oldest chunk that can be had, as of the last refresh
    uint32_t head;    ///< of the next chunk, likewise
    uint64_t version; ///< of the state, likewise
    struct feed_chunk chunks[FORMAT_COUNT][STATION_RING];
    struct buffer *states[FORMAT_COUNT];    ///< of that version; NULL until one is asked for
    struct buffer *hellos[FORMAT_COUNT][2]; ///< without and with the right to steer
    size_t named;                           ///< stations that the hellos name
    struct listener **listeners;
    unsigned count, room;
};

/// NULL when memory is out.
struct feed *feed_new(struct stations_entry *entry);

/// Nobody is in it any more. NULL is fine.
void feed_free(struct feed *feed);

/// Looks at the station anew. Whether there is a chunk that was not there before.
bool feed_refresh(struct feed *feed);

/// Puts a listener in, last. STATUS_NO_MEMORY.
MUST_USE enum status feed_enter(struct feed *feed, struct listener *listener);

/// Takes the listener of number \p index out; the last one has its number then.
void feed_leave(struct feed *feed, unsigned index);

/// Chunk \p sequence in \p format. STATUS_AGAIN, STATUS_CLOSED and STATUS_NO_MEMORY as station_take().
MUST_USE enum status feed_take(struct feed *feed, uint32_t sequence, enum format format, const struct feed_chunk **out);

/// The state message; the feed's own reference. NULL when memory is out.
struct buffer *feed_state(struct feed *feed, enum format format);

/// The hello message for somebody who may steer, or not; likewise.
struct buffer *feed_hello(struct feed *feed, enum format format, bool controls, const struct presets *presets);
