// SPDX-License-Identifier: GPL-3.0-or-later
// The bytes of all tracks grow in one buffer. It remembers that memory ran out, so that only the end has to ask. A
// chunk's length is not known before its end, and is set then.
#include "music/midi_track_write.h"

#include "music/midi_file.h"

#include <stdlib.h>
#include <string.h>

enum { LAST_QUANTITY = 0x0fffffff, META_TEXT = 1, META_NAME = 3, META_END = 0x2f };

void midi_bytes_add(struct midi_bytes *bytes, const void *data, size_t size)
{
    if (bytes->failed) {
        return;
    }
    if (size > bytes->capacity - bytes->size) {
        const size_t capacity = 2 * bytes->capacity + size + 1024;
        uint8_t *grown = realloc(bytes->data, capacity);
        if (!grown) {
            bytes->failed = true;
            return;
        }
        bytes->data = grown;
        bytes->capacity = capacity;
    }
    memcpy(bytes->data + bytes->size, data, size);
    bytes->size += size;
}

static void bytes_quantity(struct midi_bytes *bytes, uint32_t quantity)
{
    uint8_t digits[4];
    size_t first = sizeof digits;
    do {
        first--;
        digits[first] = (uint8_t)((quantity & 0x7f) | (first < sizeof digits - 1 ? 0x80 : 0));
        quantity >>= 7;
    } while (quantity && first > 0);
    midi_bytes_add(bytes, digits + first, sizeof digits - first);
}

static void u32_put(uint8_t out[4], uint32_t value)
{
    for (int i = 0; i < 4; i++) {
        out[i] = (uint8_t)(value >> (24 - 8 * i));
    }
}

void midi_track_meta(struct midi_track *track, int type, const void *body, size_t size)
{
    const uint32_t length = size < LAST_QUANTITY ? (uint32_t)size : LAST_QUANTITY;
    const uint8_t start[2] = {0xff, (uint8_t)type};
    midi_bytes_add(track->bytes, start, sizeof start);
    bytes_quantity(track->bytes, length);
    midi_bytes_add(track->bytes, body, length);
}

void midi_track_move(struct midi_track *track, int64_t tick)
{
    const int64_t target = tick < MIDI_FILE_TICKS ? tick : MIDI_FILE_TICKS;
    while (target - track->tick > LAST_QUANTITY) {
        bytes_quantity(track->bytes, LAST_QUANTITY);
        midi_track_meta(track, META_TEXT, "", 0);
        track->tick += LAST_QUANTITY;
    }
    const int64_t delta = target > track->tick ? target - track->tick : 0;
    bytes_quantity(track->bytes, (uint32_t)delta);
    track->tick += delta;
}

void midi_track_begin(struct midi_track *track, const char *name)
{
    track->start = track->bytes->size;
    midi_bytes_add(track->bytes, "MTrk\0\0\0\0", 8);
    if (name) {
        midi_track_move(track, 0);
        midi_track_meta(track, META_NAME, name, strlen(name));
    }
}

void midi_track_finish(struct midi_track *track)
{
    midi_track_move(track, track->tick);
    midi_track_meta(track, META_END, "", 0);
    const size_t length = track->bytes->size - track->start - 8;
    if (length > UINT32_MAX) {
        track->bytes->failed = true;
    }
    if (!track->bytes->failed) {
        u32_put(track->bytes->data + track->start + 4, (uint32_t)length);
    }
}
