// SPDX-License-Identifier: GPL-3.0-or-later
// A frame is its header, collected in a few bytes, and its payload, which is unmasked to where it is wanted: a control
// frame's into a block of its own, for it may stand between two fragments of a message, and a fragment's behind the
// fragments before it. The header is judged twice: what the first two bytes say, and the length once that is whole.
//
// This is done here and not by wslay, which checks the reason of a close anew in each piece that the network makes of
// it, refuses the codes 1012 to 1014, takes 1 MiB for 16 KiB in fragments of one byte, and 9 KiB for one who is silent.
#include "net/websocket_parser.h"

#include <stdlib.h>
#include <string.h>

enum {
    HEADER_MIN = 2,
    MASK_SIZE = 4,
    FINAL = 0x80,
    RESERVED = 0x70,
    OPCODE = 0x0f,
    MASKED = 0x80,
    LENGTH = 0x7f,
    LENGTH_IN_16_BITS = 126,
    LENGTH_IN_64_BITS = 127,
    CONTROL = 0x08, ///< a bit that all opcodes of control frames have
    CONTINUATION = 0x00,
    CLOSE = 0x08,
    PING = 0x09,
    PONG = 0x0a,
    CODE_SIZE = 2,
    CAPACITY_MIN = 256,
};

static bool is_control(const struct websocket_parser *parser)
{
    return parser->header[0] & CONTROL;
}

static bool is_final(const struct websocket_parser *parser)
{
    return parser->header[0] & FINAL;
}

static unsigned opcode_of(const struct websocket_parser *parser)
{
    return parser->header[0] & OPCODE;
}

static bool is_right_opcode(const struct websocket_parser *parser)
{
    const bool begun = parser->message_opcode != 0;
    switch (opcode_of(parser)) {
    case CONTINUATION:
        return begun;
    case WEBSOCKET_TEXT:
    case WEBSOCKET_BINARY:
        return !begun;
    case CLOSE:
    case PING:
    case PONG:
        return is_final(parser) && (parser->header[1] & LENGTH) <= WEBSOCKET_CONTROL_MAX;
    default:
        return false;
    }
}

// What the first two bytes say. 0, or the code to close with.
static unsigned judge_start(struct websocket_parser *parser)
{
    const unsigned length = parser->header[1] & LENGTH;
    const unsigned more = length == LENGTH_IN_64_BITS ? sizeof(uint64_t) : sizeof(uint16_t);
    parser->header_whole = (uint8_t)(HEADER_MIN + (length >= LENGTH_IN_16_BITS ? more : 0U) + MASK_SIZE);
    const bool right = !(parser->header[0] & RESERVED) && parser->header[1] & MASKED && is_right_opcode(parser);
    return right ? 0 : WEBSOCKET_CLOSE_PROTOCOL_ERROR;
}

// The length, which must be told in the fewest bytes and leave the highest bit alone.
static unsigned judge_length(struct websocket_parser *parser)
{
    const unsigned told = parser->header[1] & LENGTH;
    uint64_t length = told < LENGTH_IN_16_BITS ? told : 0;
    for (size_t i = HEADER_MIN; i < (size_t)parser->header_whole - MASK_SIZE; i++) {
        length = length << 8 | parser->header[i];
    }
    if ((told == LENGTH_IN_16_BITS && length < LENGTH_IN_16_BITS) ||
        (told == LENGTH_IN_64_BITS && (length <= UINT16_MAX || length >> 63))) {
        return WEBSOCKET_CLOSE_PROTOCOL_ERROR;
    }
    if (!is_control(parser) && length > WEBSOCKET_MESSAGE_MAX - parser->size) {
        return WEBSOCKET_CLOSE_TOO_BIG;
    }
    parser->left = (size_t)length;
    parser->taken = 0;
    return 0;
}

static void begin_payload(struct websocket_parser *parser)
{
    if (is_control(parser)) {
        parser->control_size = 0;
    } else if (opcode_of(parser) != CONTINUATION) {
        parser->message_opcode = (uint8_t)opcode_of(parser);
        parser->text = (struct utf8_stream){0};
    }
}

static size_t take_header(struct websocket_parser *parser, const uint8_t *bytes, size_t size, unsigned *code)
{
    size_t used = 0;
    while (used < size && *code == 0 &&
           (parser->header_size < HEADER_MIN || parser->header_size < parser->header_whole)) {
        parser->header[parser->header_size++] = bytes[used++];
        if (parser->header_size == HEADER_MIN) {
            *code = judge_start(parser);
        } else if (parser->header_size == parser->header_whole) {
            *code = judge_length(parser);
            begin_payload(parser);
        }
    }
    return used;
}

static bool has_header(const struct websocket_parser *parser)
{
    return parser->header_size >= HEADER_MIN && parser->header_size == parser->header_whole;
}

static bool grow(struct websocket_parser *parser, size_t wanted)
{
    if (wanted <= parser->capacity) {
        return true;
    }
    const size_t doubled = parser->capacity ? 2 * parser->capacity : CAPACITY_MIN;
    const size_t roomy = wanted > doubled ? wanted : doubled;
    const size_t capacity = roomy < WEBSOCKET_MESSAGE_MAX ? roomy : WEBSOCKET_MESSAGE_MAX;
    uint8_t *message = realloc(parser->message, capacity);
    if (message) {
        parser->message = message;
        parser->capacity = capacity;
    }
    return message;
}

static void unmask(struct websocket_parser *parser, uint8_t *out, const uint8_t *bytes, size_t size)
{
    const uint8_t *mask = parser->header + parser->header_whole - MASK_SIZE;
    for (size_t i = 0; i < size; i++) {
        out[i] = bytes[i] ^ mask[(parser->taken + i) % MASK_SIZE];
    }
    parser->taken += size;
    parser->left -= size;
}

// The bytes of one frame's payload that are here. Nothing, a breach, or no memory.
static size_t take_payload(struct websocket_parser *parser, const uint8_t *bytes, size_t size,
                           struct websocket_parsed *out)
{
    const size_t count = size < parser->left ? size : parser->left;
    if (is_control(parser)) {
        unmask(parser, parser->control + parser->control_size, bytes, count);
        parser->control_size = (uint8_t)(parser->control_size + count);
        return count;
    }
    if (!grow(parser, parser->size + count)) {
        out->kind = WEBSOCKET_PARSED_NO_MEMORY;
        return count;
    }
    uint8_t *start = parser->message + parser->size;
    unmask(parser, start, bytes, count);
    parser->size += count;
    if (parser->message_opcode == WEBSOCKET_TEXT && !utf8_stream_take(&parser->text, start, count)) {
        *out = (struct websocket_parsed){.kind = WEBSOCKET_PARSED_BREACH, .code = WEBSOCKET_CLOSE_INVALID_TEXT};
    }
    return count;
}

// Codes that an endpoint may send: those of the RFC and of its registry at IANA, and those of libraries and programs.
static bool is_right_code(unsigned code)
{
    const bool reserved = code == 1004 || code == 1005 || code == 1006;
    return (code >= 1000 && code <= 1014 && !reserved) || (code >= 3000 && code <= 4999);
}

static struct websocket_parsed parse_close(const struct websocket_parser *parser)
{
    struct websocket_parsed close = {.kind = WEBSOCKET_PARSED_CLOSE};
    if (parser->control_size == 0) {
        return close;
    }
    struct utf8_stream reason = {0};
    const unsigned code = (unsigned)parser->control[0] << 8 | parser->control[1];
    if (parser->control_size < CODE_SIZE || !is_right_code(code)) {
        close.kind = WEBSOCKET_PARSED_BREACH;
        close.code = WEBSOCKET_CLOSE_PROTOCOL_ERROR;
    } else if (!utf8_stream_take(&reason, parser->control + CODE_SIZE, parser->control_size - (size_t)CODE_SIZE) ||
               !utf8_stream_is_whole(&reason)) {
        close.kind = WEBSOCKET_PARSED_BREACH;
        close.code = WEBSOCKET_CLOSE_INVALID_TEXT;
    } else {
        close.code = code;
    }
    return close;
}

static struct websocket_parsed end_message(struct websocket_parser *parser)
{
    if (parser->message_opcode == WEBSOCKET_TEXT && !utf8_stream_is_whole(&parser->text)) {
        return (struct websocket_parsed){.kind = WEBSOCKET_PARSED_BREACH, .code = WEBSOCKET_CLOSE_INVALID_TEXT};
    }
    const struct websocket_parsed message = {.kind = WEBSOCKET_PARSED_MESSAGE,
                                             .opcode = (enum websocket_opcode)parser->message_opcode,
                                             .payload = parser->message,
                                             .size = parser->size};
    parser->message_opcode = 0;
    return message;
}

static struct websocket_parsed end_frame(struct websocket_parser *parser)
{
    parser->header_size = parser->header_whole = 0;
    switch (opcode_of(parser)) {
    case PING:
        return (struct websocket_parsed){
            .kind = WEBSOCKET_PARSED_PING, .payload = parser->control, .size = parser->control_size};
    case CLOSE:
        return parse_close(parser);
    case PONG:
        return (struct websocket_parsed){0};
    default:
        return is_final(parser) ? end_message(parser) : (struct websocket_parsed){0};
    }
}

size_t websocket_parser_take(struct websocket_parser *parser, const uint8_t *bytes, size_t size,
                             struct websocket_parsed *out)
{
    *out = (struct websocket_parsed){0};
    if (parser->message_opcode == 0) {
        parser->size = 0;
    }
    size_t used = 0;
    while (used < size && out->kind == WEBSOCKET_PARSED_NOTHING) {
        unsigned code = 0;
        used += take_header(parser, bytes + used, size - used, &code);
        if (code != 0) {
            *out = (struct websocket_parsed){.kind = WEBSOCKET_PARSED_BREACH, .code = code};
        } else if (has_header(parser)) {
            if (parser->left > 0 && used < size) {
                used += take_payload(parser, bytes + used, size - used, out);
            }
            if (out->kind == WEBSOCKET_PARSED_NOTHING && parser->left == 0) {
                *out = end_frame(parser);
            }
        }
    }
    return used;
}

void websocket_parser_drop(struct websocket_parser *parser)
{
    free(parser->message);
    parser->message = NULL;
    parser->size = parser->capacity = 0;
}
