// SPDX-License-Identifier: GPL-3.0-or-later
// Frames are used as they lie in a mapped file, which has them little-endian and, as its chunks begin at even places,
// aligned; where a chunk does not, they move.
#include "synth/soundfont_pool.h"

#include <stdlib.h>
#include <string.h>

enum { FRAMES_MAX = INT32_MAX - 65536 };

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "frames are read as they lie in the file, little-endian");

/// Copies \p size bytes to \p copy where they cannot stay, and tells in \p at where they are. False: memory is out.
static bool settle(const uint8_t *bytes, size_t size, bool can_stay, void **copy, const void **at)
{
    *at = bytes;
    if (can_stay || size == 0) {
        return true;
    }
    *copy = malloc(size);
    *at = *copy;
    if (*copy) {
        memcpy(*copy, bytes, size);
    }
    return *copy;
}

enum status soundfont_pool_read(struct soundfont_pool *pool, const struct soundfont_riff *riff, bool can_stay)
{
    const struct soundfont_span chunk = riff->chunk[CHUNK_FRAMES];
    const struct soundfont_span low = riff->chunk[CHUNK_LOW_BYTES];
    const bool is_aligned = (uintptr_t)chunk.bytes % sizeof(int16_t) == 0;
    // A voice counts frames in 32 bits, and a little beyond the last.
    const size_t held = chunk.size / sizeof(int16_t);
    const uint32_t count = held < FRAMES_MAX ? (uint32_t)held : FRAMES_MAX;
    // The low bytes count from version 2.04 on, where there is one for each frame.
    const bool has_low = soundfont_riff_is_version(riff, 2, 4) && low.size >= count;
    const void *frames_at = NULL;
    const void *low_at = NULL;
    void *frames_copy = NULL;
    void *low_copy = NULL;
    const bool is_fine = settle(chunk.bytes, chunk.size, can_stay && is_aligned, &frames_copy, &frames_at) &&
                         settle(low.bytes, has_low ? count : 0, can_stay, &low_copy, &low_at);
    *pool = (struct soundfont_pool){
        .bytes = {frames_at, chunk.size},
        .frames = frames_at,
        .low = has_low ? low_at : NULL,
        .count = count,
        .frames_copy = frames_copy,
        .low_copy = low_copy,
    };
    return is_fine ? STATUS_OK : STATUS_NO_MEMORY;
}

void soundfont_pool_done(struct soundfont_pool *pool)
{
    free(pool->frames_copy);
    free(pool->low_copy);
    *pool = (struct soundfont_pool){0};
}
