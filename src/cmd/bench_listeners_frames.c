// SPDX-License-Identifier: GPL-3.0-or-later
// A header is gathered in ten bytes, which may come one at a time; how many it has is known from its second byte.
#include "cmd/bench_listeners_frames.h"

#include <string.h>

enum {
    FINAL = 0x80,
    RESERVED = 0x70,
    OPCODE = 0x0f,
    MASKED = 0x80,
    SIZE_MASK = 0x7f,
    SIZE_IN_16 = 126,
    SIZE_IN_64 = 127,
    HEADER_LEAST = 2,
    HEADER_16 = 4,
    HEADER_64 = 10,
    CONTROL_MAX = 125,
    CLOSE_WITHOUT_CODE = 1005
};

static bool is_control(unsigned opcode)
{
    return opcode >= FRAME_CLOSE;
}

static size_t header_length(const struct frame_reader *reader)
{
    if (reader->header_size < HEADER_LEAST) {
        return HEADER_LEAST;
    }
    const unsigned size = reader->header[1] & SIZE_MASK;
    return size == SIZE_IN_16 ? HEADER_16 : size == SIZE_IN_64 ? HEADER_64 : HEADER_LEAST;
}

static uint64_t payload_size(const struct frame_reader *reader, size_t length)
{
    if (length == HEADER_LEAST) {
        return reader->header[1] & SIZE_MASK;
    }
    uint64_t size = 0;
    for (size_t i = HEADER_LEAST; i < length; i++) {
        size = size << 8 | reader->header[i];
    }
    return size;
}

static bool is_legal(const struct frame_reader *reader, size_t length)
{
    const unsigned first = reader->header[0];
    const unsigned opcode = first & OPCODE;
    const uint64_t size = payload_size(reader, length);
    const bool known = opcode <= FRAME_BINARY || (opcode >= FRAME_CLOSE && opcode <= FRAME_PONG);
    const bool shortest = (length != HEADER_16 || size >= SIZE_IN_16) && (length != HEADER_64 || size > UINT16_MAX);
    if ((first & RESERVED) || (reader->header[1] & MASKED) || !known || !shortest) {
        return false;
    }
    if (is_control(opcode)) {
        return (first & FINAL) && size <= CONTROL_MAX;
    }
    const uint64_t before = reader->fragmented ? reader->data.size : 0;
    return (opcode == FRAME_CONTINUATION) == reader->fragmented && size <= FRAME_MESSAGE_MAX - before;
}

static struct frame_message *message_of(struct frame_reader *reader)
{
    return is_control(reader->header[0] & OPCODE) ? &reader->control : &reader->data;
}

static void begin_payload(struct frame_reader *reader, size_t length)
{
    const unsigned opcode = reader->header[0] & OPCODE;
    struct frame_message *message = message_of(reader);
    if (opcode != FRAME_CONTINUATION) {
        message->opcode = (enum frame_opcode)opcode;
        message->size = 0;
        message->head_size = 0;
    }
    if (!is_control(opcode)) {
        reader->fragmented = !(reader->header[0] & FINAL);
    }
    reader->left = payload_size(reader, length);
    reader->inside = true;
}

static void take_payload(struct frame_reader *reader, const uint8_t **at, const uint8_t *end)
{
    struct frame_message *message = message_of(reader);
    const size_t there = (size_t)(end - *at);
    const size_t size = reader->left < there ? (size_t)reader->left : there;
    const size_t room = FRAME_HEAD - message->head_size;
    const size_t kept = size < room ? size : room;
    memcpy(message->head + message->head_size, *at, kept);
    message->head_size += kept;
    message->size += size;
    reader->left -= size;
    *at += size;
}

enum status frame_reader_take(struct frame_reader *reader, const uint8_t **at, const uint8_t *end,
                              const struct frame_message **message)
{
    for (;;) {
        while (!reader->inside) {
            if (*at == end) {
                return STATUS_AGAIN;
            }
            reader->header[reader->header_size++] = *(*at)++;
            const size_t length = header_length(reader);
            if (reader->header_size == length) {
                if (!is_legal(reader, length)) {
                    return STATUS_CORRUPT;
                }
                begin_payload(reader, length);
            }
        }
        take_payload(reader, at, end);
        if (reader->left > 0) {
            return STATUS_AGAIN;
        }
        reader->inside = false;
        reader->header_size = 0;
        struct frame_message *done = message_of(reader);
        if (done == &reader->control || !reader->fragmented) {
            done->head[done->head_size] = '\0';
            *message = done;
            return STATUS_OK;
        }
    }
}

unsigned frame_close_code(const struct frame_message *message)
{
    return message->head_size < 2 ? CLOSE_WITHOUT_CODE : (unsigned)message->head[0] << 8 | message->head[1];
}
