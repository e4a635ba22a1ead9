// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What one websocket has still to write: references to whole frames, and how much of the first is gone.
#pragma once

#include "core/buffer.h"
#include "core/status.h"
#include "net/websocket.h"

enum {
    WEBSOCKET_QUEUE_CONTROL = 3, ///< control frames at most: a pong in the works, a pong that waits, a close
    WEBSOCKET_QUEUE_SLOTS = WEBSOCKET_QUEUE + WEBSOCKET_QUEUE_CONTROL
};

/// Zeroed memory is an empty queue.
struct websocket_queue {
    size_t count;
    size_t offset;             ///< bytes of the first that are written
    size_t bytes;              ///< to be written
    uint64_t written;          ///< bytes that the socket took so far
    const struct buffer *pong; ///< the latest pong in the queue, or NULL
    struct buffer *frames[WEBSOCKET_QUEUE_SLOTS];
};

/// Puts \p frame last and takes its reference over; there must be room.
void websocket_queue_push(struct websocket_queue *queue, struct buffer *frame);

/// Puts \p frame before all that has not begun, in the place of an earlier pong that has not; takes it over.
void websocket_queue_push_pong(struct websocket_queue *queue, struct buffer *frame);

/// Drops all that has not begun.
void websocket_queue_drop_waiting(struct websocket_queue *queue);

/// What waits, as websocket_gather().
size_t websocket_queue_gather(const struct websocket_queue *queue, struct iovec pieces[static WEBSOCKET_GATHER]);

/// So many bytes of it are out.
void websocket_queue_advance(struct websocket_queue *queue, size_t written);

/// Writes as much as \p socket takes. STATUS_OK when all is out, STATUS_AGAIN, or STATUS_CLOSED when it fails.
MUST_USE enum status websocket_queue_write(struct websocket_queue *queue, int socket);

/// Drops everything.
void websocket_queue_done(struct websocket_queue *queue);
