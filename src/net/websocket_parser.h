// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What the client of a WebSocket sends (RFC 6455, 5), in any pieces, as whole messages.
///
/// Checks all that a server must: masks, reserved bits and opcodes, lengths, the order of fragments, UTF-8 in texts and
/// in the reasons of closes, close codes; and WEBSOCKET_MESSAGE_MAX. A breach is told as soon as its first byte is in.
/// A parser holds memory for a message only while one is under way, at most twice its bytes so far.
#pragma once

#include "core/utf8.h"
#include "net/websocket.h"
#include "net/websocket_frame.h"

enum { WEBSOCKET_HEADER_MAX = 14 };

/// One connection's; zeroed memory is a parser at the start. One thread.
struct websocket_parser {
    uint8_t header[WEBSOCKET_HEADER_MAX]; ///< of the frame that is coming
    uint8_t header_size;                  ///< bytes of it that are in
    uint8_t header_whole;                 ///< bytes that it has, as far as can be told
    uint8_t message_opcode;               ///< of the message that is coming; 0 between messages
    uint8_t control_size;
    size_t taken; ///< payload bytes of the frame that are in
    size_t left;  ///< and those that are still to come

    uint8_t *message;
    size_t size;
    size_t capacity;
    struct utf8_stream text; ///< of the message

    uint8_t control[WEBSOCKET_CONTROL_MAX];
};

/// What bytes came to.
enum websocket_parsed_kind {
    WEBSOCKET_PARSED_NOTHING, ///< all bytes are taken
    WEBSOCKET_PARSED_MESSAGE,
    WEBSOCKET_PARSED_PING,
    WEBSOCKET_PARSED_CLOSE,
    WEBSOCKET_PARSED_BREACH,
    WEBSOCKET_PARSED_NO_MEMORY,
};

struct websocket_parsed {
    enum websocket_parsed_kind kind;
    enum websocket_opcode opcode; ///< of a message
    const uint8_t *payload;       ///< of a message or ping; the parser's, until its next call
    size_t size;
    unsigned code; ///< of a close, 0 where it has none; of a breach, the one to close with
};

/// Takes bytes up to the end of the next thing worth telling; returns how many, for the caller to go on behind them.
/// After a close or a breach the parser is of no more use.
size_t websocket_parser_take(struct websocket_parser *parser, const uint8_t *bytes, size_t size,
                             struct websocket_parsed *out);

/// Frees what the last message took: once it has been told, and at the end.
void websocket_parser_drop(struct websocket_parser *parser);
