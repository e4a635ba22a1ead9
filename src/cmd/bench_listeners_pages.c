// SPDX-License-Identifier: GPL-3.0-or-later
// The header's 27th byte says how many lengths follow it, and their sum is the size of the body.
#include "cmd/bench_listeners_pages.h"

enum { PATTERN = 4, VERSION = 4, GRANULE = 6, SERIAL = 14, SEQUENCE = 18, SEGMENTS = 26, FIXED = 27 };

static uint64_t number_at(const uint8_t *bytes, int size)
{
    uint64_t number = 0;
    for (int i = size - 1; i >= 0; i--) {
        number = number << 8 | bytes[i];
    }
    return number;
}

static size_t header_length(const struct page_reader *reader)
{
    return reader->header_size < FIXED ? FIXED : FIXED + (size_t)reader->header[SEGMENTS];
}

static size_t body_size(const struct page_reader *reader)
{
    size_t size = 0;
    for (size_t i = FIXED; i < reader->header_size; i++) {
        size += reader->header[i];
    }
    return size;
}

enum status page_reader_take(struct page_reader *reader, const uint8_t **at, const uint8_t *end, struct page *page)
{
    static const uint8_t pattern[PATTERN] = {'O', 'g', 'g', 'S'};
    while (!reader->inside) {
        if (*at == end) {
            return STATUS_AGAIN;
        }
        const size_t place = reader->header_size++;
        reader->header[place] = *(*at)++;
        if ((place < PATTERN && reader->header[place] != pattern[place]) ||
            (place == VERSION && reader->header[place] != 0)) {
            return STATUS_CORRUPT;
        }
        if (reader->header_size == header_length(reader)) {
            reader->left = body_size(reader);
            reader->inside = true;
        }
    }
    const size_t there = (size_t)(end - *at);
    const size_t size = reader->left < there ? reader->left : there;
    *at += size;
    reader->left -= size;
    if (reader->left > 0) {
        return STATUS_AGAIN;
    }
    *page = (struct page){.granule = (int64_t)number_at(reader->header + GRANULE, 8),
                          .serial = (uint32_t)number_at(reader->header + SERIAL, 4),
                          .sequence = (uint32_t)number_at(reader->header + SEQUENCE, 4)};
    reader->inside = false;
    reader->header_size = 0;
    return STATUS_OK;
}
