// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What a WebSocket server sends (RFC 6455, 5.2), put together into messages as its bytes come, by a client that wants
/// to know of each how large it is and how it begins, and keeps nothing else. One thread owns a reader.
#pragma once

#include "core/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    FRAME_HEAD = 1024,           ///< bytes of a message that are kept
    FRAME_MESSAGE_MAX = 1 << 20, ///< a larger message is a breach of what Tutti sends
};

enum frame_opcode {
    FRAME_CONTINUATION = 0,
    FRAME_TEXT = 1,
    FRAME_BINARY = 2,
    FRAME_CLOSE = 8,
    FRAME_PING = 9,
    FRAME_PONG = 10
};

/// A message that is complete.
struct frame_message {
    enum frame_opcode opcode; ///< never FRAME_CONTINUATION
    uint64_t size;
    size_t head_size;             ///< how many of its bytes are in \c head
    uint8_t head[FRAME_HEAD + 1]; ///< ended by a NUL
};

/// Zeroed is at the start of a stream.
struct frame_reader {
    uint8_t header[10];
    size_t header_size; ///< bytes of it that have come
    bool inside;        ///< the header is complete, and the payload is not
    bool fragmented;    ///< a message in several frames goes on
    uint64_t left;      ///< of the payload
    struct frame_message data;
    struct frame_message control; ///< may come between the fragments of a message
};

/// Reads from \p *at, which moves on, up to \p end. STATUS_OK with \p *message at the end of one (it lives until the
/// next call; call again for the rest), STATUS_AGAIN when all bytes are used up, STATUS_CORRUPT for what no server may
/// send: masked frames, reserved bits and opcodes, control frames that are fragmented or long, a continuation of
/// nothing, a message within another, a size not written in the shortest way or above FRAME_MESSAGE_MAX.
MUST_USE enum status frame_reader_take(struct frame_reader *reader, const uint8_t **at, const uint8_t *end,
                                       const struct frame_message **message);

/// The code in a FRAME_CLOSE; 1005 where it has none.
unsigned frame_close_code(const struct frame_message *message);
