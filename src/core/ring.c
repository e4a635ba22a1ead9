// SPDX-License-Identifier: GPL-3.0-or-later
// Two counters that only grow: the writer owns `written`, the reader owns `read`, and their difference is the depth,
// right across the wrap at 2^32. Each stands in a cache line of its own, and each side keeps a copy of the other's
// that it refreshes only when it seems to be out of room or out of messages, so that in a steady flow the lines
// move between the cores once in many messages. The release store of a counter publishes the bytes before it.
#include "core/ring.h"

#include <assert.h>
#include <stdatomic.h>
#include <string.h>

enum { CACHE_LINE = 64 };

struct ring {
    uint32_t count;
    uint32_t size;
    _Alignas(CACHE_LINE) _Atomic uint32_t written;
    uint32_t read_seen; ///< the writer's copy of read
    _Alignas(CACHE_LINE) _Atomic uint32_t read;
    uint32_t written_seen; ///< the reader's copy of written
    _Alignas(CACHE_LINE) unsigned char messages[];
};

size_t ring_footprint(uint32_t count, uint32_t size)
{
    const size_t bytes = sizeof(struct ring) + (size_t)count * size;
    return (bytes + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
}

struct ring *ring_init(void *block, uint32_t count, uint32_t size)
{
    assert(count > 0 && (count & (count - 1)) == 0 && size > 0);
    assert((uintptr_t)block % CACHE_LINE == 0);
    struct ring *ring = block;
    ring->count = count;
    ring->size = size;
    ring->read_seen = 0;
    ring->written_seen = 0;
    atomic_init(&ring->written, 0);
    atomic_init(&ring->read, 0);
    return ring;
}

bool ring_push(struct ring *ring, const void *message)
{
    const uint32_t written = atomic_load_explicit(&ring->written, memory_order_relaxed);
    if (written - ring->read_seen == ring->count) {
        ring->read_seen = atomic_load_explicit(&ring->read, memory_order_acquire);
        if (written - ring->read_seen == ring->count) {
            return false;
        }
    }
    memcpy(ring->messages + (size_t)(written & (ring->count - 1)) * ring->size, message, ring->size);
    atomic_store_explicit(&ring->written, written + 1, memory_order_release);
    return true;
}

bool ring_pop(struct ring *ring, void *message)
{
    const uint32_t read = atomic_load_explicit(&ring->read, memory_order_relaxed);
    if (read == ring->written_seen) {
        ring->written_seen = atomic_load_explicit(&ring->written, memory_order_acquire);
        if (read == ring->written_seen) {
            return false;
        }
    }
    memcpy(message, ring->messages + (size_t)(read & (ring->count - 1)) * ring->size, ring->size);
    atomic_store_explicit(&ring->read, read + 1, memory_order_release);
    return true;
}

uint32_t ring_depth(const struct ring *ring)
{
    return atomic_load_explicit(&ring->written, memory_order_acquire) -
           atomic_load_explicit(&ring->read, memory_order_relaxed);
}
