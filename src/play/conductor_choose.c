// SPDX-License-Identifier: GPL-3.0-or-later
// A block is copied out of both rings and the copies are hashed. A copy whose number and hash are right is what the
// slot rendered, whatever happened to it since. The active slot's is played, else at once the other's, which then is
// the active one. Where both are right and differ, nothing says which one is wrong: what is heard goes on, and the
// other is given up.
//
// Where neither has it, one that has all blocks before it is most likely at it, held up with its core, and half of the
// period is left to it, a few milliseconds at most: the callback looks again and again, without a system call, until
// then. One that runs on the callback's own core gets nowhere meanwhile, and is not waited for. Once there is a gap,
// nothing is waited for until sound is back.
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

// Whether a slot may soon have the block, which may be there already.
static bool is_near(const struct conductor *conductor, uint32_t slot, int cpu) REALTIME;

static bool is_near(const struct conductor *conductor, uint32_t slot, int cpu)
{
    const struct shared_area *area = conductor->area[slot];
    return area && atomic_load_explicit(&conductor->verdict[slot], memory_order_relaxed) == CONDUCTOR_FAIR &&
           atomic_load_explicit(&area->state, memory_order_relaxed) == SHARED_PLAYING &&
           atomic_load_explicit(&area->first, memory_order_relaxed) <= conductor->block &&
           atomic_load_explicit(&area->done, memory_order_relaxed) >= conductor->block &&
           (cpu < 0 || !CPU_ISSET((size_t)cpu, &conductor->cores[slot]));
}

static void rest(void) REALTIME;

// So that what shares the core's pipelines gets on.
static void rest(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
}

// The slots that have the block that begins, a bit each.
static uint32_t fetch_all(struct conductor *conductor, uint64_t hash[SHARED_SLOTS]) REALTIME;

static uint32_t fetch_all(struct conductor *conductor, uint64_t hash[SHARED_SLOTS])
{
    uint32_t have = 0;
    for (uint32_t slot = 0; slot < SHARED_SLOTS; slot++) {
        have |= fetch(conductor, slot, &hash[slot]) ? 1U << slot : 0;
    }
    return have;
}

// The same, where at first none has it.
static uint32_t await(struct conductor *conductor, uint64_t hash[SHARED_SLOTS]) REALTIME;

static uint32_t await(struct conductor *conductor, uint64_t hash[SHARED_SLOTS])
{
    // A callback that follows hard on the one before has not let the waker run.
    if (conductor->waker) {
        waker_hurry(conductor->waker);
    }
    if (!conductor->begun || conductor->starving) {
        return 0;
    }
    const int cpu = edge_cpu();
    while (edge_now_ns() < conductor->patience_ns) {
        const bool near[SHARED_SLOTS] = {is_near(conductor, 0, cpu), is_near(conductor, 1, cpu)};
        if (!near[0] && !near[1]) {
            return 0;
        }
        const uint32_t have = fetch_all(conductor, hash);
        if (have) {
            conductor_count(&conductor->counts.awaited, 1);
            return have;
        }
        rest();
    }
    return 0;
}

int conductor_choose(struct conductor *conductor)
{
    struct conductor_counts *counts = &conductor->counts;
    const uint32_t active = atomic_load_explicit(&counts->active, memory_order_relaxed);
    const uint32_t other = 1 - active;
    uint64_t hash[SHARED_SLOTS];
    uint32_t have = fetch_all(conductor, hash);
    if (!have) {
        have = await(conductor, hash);
    }
    if (have & 1U << active) {
        if ((have & 1U << other) && hash[active] != hash[other]) {
            condemn(conductor, other, CONDUCTOR_DIVERGED);
            conductor_count(&counts->divergences, 1);
        }
        return (int)active;
    }
    if (!have) {
        return CONDUCTOR_NOBODY;
    }
    atomic_store_explicit(&counts->active, other, memory_order_relaxed);
    conductor_count(&counts->switches, conductor->begun ? 1 : 0);
    return (int)other;
}
