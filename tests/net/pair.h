// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// A websocket at one end of a socket pair and a client at the other; one thread runs both, in a known order.
#pragma once

#include "net/websocket.h"

/// Bits and opcodes of a frame's first byte.
enum { FIN = 0x80, CONTINUATION = 0, TEXT = 1, BINARY = 2, CLOSE = 8, PING = 9, PONG = 10 };

/// What the receiver has seen, and what it shall do.
struct pair {
    struct websocket *websocket;
    int client;
    int messages; ///< how many, and the last one
    enum websocket_opcode opcode;
    size_t size;
    uint8_t message[WEBSOCKET_MESSAGE_MAX];
    bool closes;         ///< answers with a close
    struct buffer *echo; ///< sent on every message, if not NULL
};

/// \p extra came behind the handshake.
struct pair *pair_new_with(const void *extra, size_t extra_size);
struct pair *pair_new(void);
void pair_free(struct pair *pair);

/// The receiver, for a websocket that is made otherwise; \p user is the pair.
void pair_receive(void *user, enum websocket_opcode opcode, const uint8_t *message, size_t size);
