// SPDX-License-Identifier: GPL-3.0-or-later
// A block is copied out of both rings and the copies are hashed. A copy whose number and hash are right is what the
// slot rendered, whatever happened to it since. The active slot's is played, else at once the other's, which then is
// the active one. Where both are right and differ, nothing says which one is wrong: what is heard goes on, and the
// other is given up.
#include "play/conductor_parts.h"
#include "play/edge.h"

#include <string.h>

static void condemn(struct conductor *conductor, uint32_t slot, enum conductor_verdict verdict) REALTIME;

static void condemn(struct conductor *conductor, uint32_t slot, enum conductor_verdict verdict)
{
    atomic_store_explicit(&conductor->verdict[slot], verdict, memory_order_release);
}

// Whether `slot` has the block that begins; then it lies in `fetched`, and `hash` is right for it.
static bool fetch(struct conductor *conductor, uint32_t slot, uint64_t *hash) REALTIME;

static bool fetch(struct conductor *conductor, uint32_t slot, uint64_t *hash)
{
    const struct shared_area *area = conductor->area[slot];
    if (!area || atomic_load_explicit(&conductor->verdict[slot], memory_order_acquire) != CONDUCTOR_FAIR) {
        return false;
    }
    const uint64_t done = atomic_load_explicit(&area->done, memory_order_acquire);
    const uint64_t first = atomic_load_explicit(&area->first, memory_order_relaxed);
    if (done <= conductor->block) {
        return false;
    }
    if (done > conductor->go || first > done) {
        condemn(conductor, slot, CONDUCTOR_LIED);
        return false;
    }
    if (first > conductor->block) {
        return false;
    }
    const struct shared_block *block = shared_block_read(area, &conductor->format, conductor->block);
    const uint64_t number = block->number;
    *hash = block->hash;
    memcpy(conductor->fetched[slot], block->samples, conductor->block_bytes);
    if (number != conductor->block || edge_hash(conductor->fetched[slot], conductor->block_bytes, number) != *hash) {
        condemn(conductor, slot, CONDUCTOR_LIED);
        return false;
    }
    return true;
}

int conductor_choose(struct conductor *conductor)
{
    struct conductor_counts *counts = &conductor->counts;
    const uint32_t active = atomic_load_explicit(&counts->active, memory_order_relaxed);
    const uint32_t other = 1 - active;
    uint64_t hash[SHARED_SLOTS];
    bool have[SHARED_SLOTS];
    for (uint32_t slot = 0; slot < SHARED_SLOTS; slot++) {
        have[slot] = fetch(conductor, slot, &hash[slot]);
    }
    if (have[active]) {
        if (have[other] && hash[active] != hash[other]) {
            condemn(conductor, other, CONDUCTOR_DIVERGED);
            conductor_count(&counts->divergences, 1);
        }
        return (int)active;
    }
    if (!have[other]) {
        return CONDUCTOR_NOBODY;
    }
    atomic_store_explicit(&counts->active, other, memory_order_relaxed);
    conductor_count(&counts->switches, conductor->begun ? 1 : 0);
    return (int)other;
}
