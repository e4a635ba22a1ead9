// SPDX-License-Identifier: GPL-3.0-or-later
#include "net/websocket_frame.h"

#include "net/websocket.h"

#include <assert.h>
#include <string.h>

enum { FINAL = 0x80, LENGTH_IN_16_BITS = 126, LENGTH_IN_64_BITS = 127 };

static struct buffer *frame_reserve(unsigned opcode, size_t size, uint8_t **payload)
{
    size_t length_size = 0;
    uint8_t length = (uint8_t)size;
    if (size > UINT16_MAX) {
        length_size = sizeof(uint64_t);
        length = LENGTH_IN_64_BITS;
    } else if (size >= LENGTH_IN_16_BITS) {
        length_size = sizeof(uint16_t);
        length = LENGTH_IN_16_BITS;
    }
    const size_t header_size = 2 + length_size;
    struct buffer *frame = size <= SIZE_MAX - header_size ? buffer_new(header_size + size) : NULL;
    if (frame) {
        frame->bytes[0] = (uint8_t)(FINAL | opcode);
        frame->bytes[1] = length;
        for (size_t i = 0; i < length_size; i++) {
            frame->bytes[2 + i] = (uint8_t)(size >> (8 * (length_size - 1 - i)));
        }
        *payload = frame->bytes + header_size;
    }
    return frame;
}

static struct buffer *frame_copy(unsigned opcode, const void *source, size_t size)
{
    uint8_t *payload = NULL;
    struct buffer *frame = frame_reserve(opcode, size, &payload);
    if (frame && size > 0) {
        memcpy(payload, source, size);
    }
    return frame;
}

struct buffer *websocket_frame_reserve(enum websocket_opcode opcode, size_t size, uint8_t **payload)
{
    return frame_reserve(opcode, size, payload);
}

struct buffer *websocket_frame(enum websocket_opcode opcode, const void *source, size_t size)
{
    return frame_copy(opcode, source, size);
}

struct buffer *websocket_frame_control(enum websocket_control opcode, const void *source, size_t size)
{
    assert(size <= WEBSOCKET_CONTROL_MAX);
    return frame_copy(opcode, source, size);
}
