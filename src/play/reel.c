// SPDX-License-Identifier: GPL-3.0-or-later
// Two counters of frames that only grow, as in core/ring.h; the difference is what waits. Beside the frames runs a ring
// of gaps. A gap is held back by the audio thread, and grows, until there is room for frames again; then it is pushed,
// with the place of the frame that follows it, before that frame is published. So a reader that first looks how far the
// frames go, and then for gaps, has seen each gap that lies before these frames. Where even the ring of gaps is full,
// the gap goes on.
#include "play/reel.h"

#include "core/large.h"
#include "core/ring.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { CACHE_LINE = 64, GAPS = 64 };

struct gap {
    uint64_t at; ///< the frame that comes after it
    uint64_t frames;
};

struct reel {
    _Alignas(CACHE_LINE) _Atomic uint64_t written;
    uint64_t read_seen; ///< the writer's copy of read
    uint64_t missing;   ///< the gap that is held back
    float *frames;
    struct ring *gaps;
    uint32_t channels;
    uint32_t size; ///< frames, a power of two
    _Alignas(CACHE_LINE) _Atomic uint64_t read;
    struct gap next; ///< the reader's, where has_next
    bool has_next;
};

struct reel *reel_new(uint32_t channels, uint32_t frames)
{
    uint32_t size = 1;
    while (size < frames) {
        size *= 2;
    }
    struct reel *reel = aligned_alloc(CACHE_LINE, sizeof *reel);
    if (!reel) {
        return NULL;
    }
    memset(reel, 0, sizeof *reel);
    const size_t bytes = (size_t)size * channels * sizeof(float);
    reel->channels = channels;
    reel->size = size;
    reel->frames = large_new(bytes);
    reel->gaps = aligned_alloc(CACHE_LINE, ring_footprint(GAPS, sizeof(struct gap)));
    if (!reel->frames || !reel->gaps) {
        reel_free(reel);
        return NULL;
    }
    memset(reel->frames, 0, bytes);
    reel_clear(reel);
    return reel;
}

void reel_free(struct reel *reel)
{
    if (reel) {
        free(reel->frames);
        free(reel->gaps);
        free(reel);
    }
}

void reel_clear(struct reel *reel)
{
    atomic_store(&reel->written, 0);
    atomic_store(&reel->read, 0);
    reel->read_seen = 0;
    reel->missing = 0;
    reel->has_next = false;
    reel->gaps = ring_init(reel->gaps, GAPS, sizeof(struct gap));
}

/// Whether \p frames more fit in behind \p written.
static bool has_room(struct reel *reel, uint64_t written, uint32_t frames) REALTIME
{
    if (written + frames - reel->read_seen > reel->size) {
        reel->read_seen = atomic_load_explicit(&reel->read, memory_order_acquire);
    }
    return written + frames - reel->read_seen <= reel->size;
}

void reel_write(struct reel *reel, const float *const *channels, uint32_t frames)
{
    const uint64_t written = atomic_load_explicit(&reel->written, memory_order_relaxed);
    bool fits = has_room(reel, written, frames);
    if (fits && reel->missing && frames) {
        fits = ring_push(reel->gaps, &(struct gap){.at = written, .frames = reel->missing});
        reel->missing = fits ? 0 : reel->missing;
    }
    if (!fits) {
        reel->missing += frames;
        return;
    }
    const uint32_t count = reel->channels;
    const uint32_t start = (uint32_t)(written & (reel->size - 1));
    const uint32_t first = frames < reel->size - start ? frames : reel->size - start;
    for (uint32_t channel = 0; channel < count; channel++) {
        const float *in = channels[channel];
        float *out = reel->frames + (size_t)start * count + channel;
        for (uint32_t i = 0; i < first; i++) {
            out[(size_t)i * count] = in[i];
        }
        for (uint32_t i = first; i < frames; i++) {
            reel->frames[(size_t)(i - first) * count + channel] = in[i];
        }
    }
    atomic_store_explicit(&reel->written, written + frames, memory_order_release);
}

struct reel_piece reel_read(struct reel *reel, uint32_t most)
{
    const uint64_t read = atomic_load_explicit(&reel->read, memory_order_relaxed);
    uint64_t end = atomic_load_explicit(&reel->written, memory_order_acquire);
    struct reel_piece piece = {0};
    reel->has_next = reel->has_next || ring_pop(reel->gaps, &reel->next);
    if (reel->has_next && reel->next.at == read) {
        piece.lost = reel->next.frames;
        reel->has_next = ring_pop(reel->gaps, &reel->next);
    }
    if (reel->has_next && reel->next.at < end) {
        end = reel->next.at;
    }
    const uint32_t start = (uint32_t)(read & (reel->size - 1));
    const uint32_t straight = reel->size - start < most ? reel->size - start : most;
    piece.frames = reel->frames + (size_t)start * reel->channels;
    piece.count = end - read < straight ? (uint32_t)(end - read) : straight;
    return piece;
}

void reel_release(struct reel *reel, uint32_t count)
{
    const uint64_t read = atomic_load_explicit(&reel->read, memory_order_relaxed);
    atomic_store_explicit(&reel->read, read + count, memory_order_release);
}

uint64_t reel_lost_at_end(const struct reel *reel)
{
    return reel->missing;
}
