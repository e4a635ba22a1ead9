// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What waits in many websockets, written with one system call (Linux io_uring).
///
/// A thousand sockets that get a chunk each cost a thousand calls, and on many machines the way into the system and
/// out again takes a fifth of such a call's time. A batch belongs to the thread that made it.
#pragma once

#include "core/status.h"
#include "net/websocket.h"

enum { WEBSOCKET_BATCH = 64 }; ///< websockets at most

struct websocket_batch;

/// An empty batch. STATUS_NO_MEMORY; STATUS_IO where there is no descriptor left; STATUS_UNSUPPORTED where the system
/// has no such call (Linux before 6.1) or forbids it: write to one after the other.
MUST_USE enum status websocket_batch_new(struct websocket_batch **out);

/// NULL is fine.
void websocket_batch_free(struct websocket_batch *batch);

/// Adds a websocket with something queued; \p user is its mark. It must be neither written to nor freed until
/// websocket_batch_write(), nor be added twice. Whether the batch is full now, and is to be written before the next.
bool websocket_batch_add(struct websocket_batch *batch, struct websocket *websocket, void *user);

/// Offers each socket what waits, up to WEBSOCKET_GATHER frames, and empties the batch: \p users gets the marks in
/// order, and \p count their number. What became of each is found with websocket_queued() and by websocket_write(),
/// which goes on where there is still something. STATUS_IO where the system failed, and the batch can only be freed:
/// \p users is set all the same, and what is not written waits as before.
MUST_USE enum status websocket_batch_write(struct websocket_batch *batch, void *users[static WEBSOCKET_BATCH],
                                           unsigned *count);
