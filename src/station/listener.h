// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// One WebSocket listener: its cursor, what it has been told, and what it may do. Owned by the listeners' thread.
/// Internal to station.
#pragma once

#include "net/websocket.h"
#include "station/listeners.h"

struct listener;

/// Takes the socket over and queues hello, state and the burst. NULL when memory is out (the socket is closed).
struct listener *listener_new(const struct listeners_options *options, const struct listeners_join *join);

/// Closes and frees. NULL is fine.
void listener_free(struct listener *listener);

int listener_fd(const struct listener *listener);

/// Reads what came; also to be called once at the start, for what came with the handshake. STATUS_CLOSED when it is
/// over.
MUST_USE enum status listener_read(struct listener *listener);

/// Sends what is due until there is no more or the socket is full. STATUS_OK, STATUS_AGAIN (wait for the socket), or
/// STATUS_CLOSED.
MUST_USE enum status listener_pump(struct listener *listener, int64_t now_ns);

/// Queues a close with 1001; listener_pump() sends it.
void listener_dismiss(struct listener *listener);
