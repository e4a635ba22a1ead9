// SPDX-License-Identifier: GPL-3.0-or-later
// Each post has a ticket. A program is prepared when its ticket is new; one that was withdrawn (its serial is above
// what is posted, or it has another ticket by now) was the last prepared, and never swapped in, so it can be given
// back. A post is copied whole before it is looked at, and only counts where its ticket was the same before and after.
#include "play/slot_parts.h"

#include <string.h>

bool slot_keep_copy(struct slot_keep *keep, uint64_t serial, uint64_t *ticket)
{
    const struct shared_post *post = &keep->score->pool[serial % SHARED_PROGRAMS];
    const uint64_t before = atomic_load_explicit(&post->ticket, memory_order_acquire);
    if (before == 0 || atomic_load_explicit(&post->serial, memory_order_relaxed) != serial) {
        return false;
    }
    memcpy(keep->program, &post->program, sizeof *keep->program);
    atomic_thread_fence(memory_order_acquire);
    *ticket = before;
    return atomic_load_explicit(&post->ticket, memory_order_relaxed) == before && keep->program->serial == serial;
}

static void take_back(struct slot_keep *keep)
{
    struct rack_bench *bench = atomic_exchange(&keep->benches->at[keep->prepared % SHARED_PROGRAMS], NULL);
    keep->prepared--;
    keep->ticket = 0; // the one before was never withdrawn
    atomic_store_explicit(&keep->benches->ready, keep->prepared, memory_order_release);
    if (bench) {
        rack_discard(keep->rack, bench);
    }
}

static bool is_withdrawn(const struct slot_keep *keep, uint64_t posted)
{
    const struct shared_post *post = &keep->score->pool[keep->prepared % SHARED_PROGRAMS];
    return keep->prepared > posted ||
           (keep->prepared > 0 && atomic_load_explicit(&post->serial, memory_order_acquire) == keep->prepared &&
            keep->ticket != 0 && atomic_load_explicit(&post->ticket, memory_order_acquire) != keep->ticket);
}

static void answer(struct slot_keep *keep, uint64_t ticket, enum status status, const struct complaint *complaint)
{
    if (status) {
        memcpy(keep->area->complaint, complaint->text, sizeof keep->area->complaint);
        keep->refused = ticket;
    }
    atomic_store_explicit(&keep->area->answer, status, memory_order_relaxed);
    atomic_store_explicit(&keep->area->answered, ticket, memory_order_release);
}

static enum status prepare(struct slot_keep *keep, uint64_t ticket)
{
    struct rack_bench *bench = NULL;
    struct complaint complaint = {""};
    const enum status status = rack_prepare(keep->rack, keep->program, &bench, &complaint);
    if (!status) {
        keep->prepared = keep->program->serial;
        keep->ticket = ticket;
        atomic_store(&keep->benches->at[keep->prepared % SHARED_PROGRAMS], bench);
        atomic_store_explicit(&keep->benches->ready, keep->prepared, memory_order_release);
    }
    answer(keep, ticket, status, &complaint);
    return status;
}

enum status slot_keep_look(struct slot_keep *keep, struct complaint *complaint)
{
    for (;;) {
        const uint64_t posted = atomic_load_explicit(&keep->score->posted, memory_order_acquire);
        if (is_withdrawn(keep, posted)) {
            take_back(keep);
            continue;
        }
        if (keep->prepared == posted) {
            return STATUS_OK;
        }
        // A slot that is behind has not swapped in yet what has the next one's place.
        if (atomic_load(&keep->benches->at[(keep->prepared + 1) % SHARED_PROGRAMS])) {
            return STATUS_OK;
        }
        uint64_t ticket;
        if (!slot_keep_copy(keep, keep->prepared + 1, &ticket)) {
            if (posted == atomic_load(&keep->score->posted)) {
                return complain(complaint, STATUS_AGAIN, "program %llu is not there any more",
                                (unsigned long long)keep->prepared + 1);
            }
            continue; // posted anew meanwhile
        }
        if (ticket == keep->refused || prepare(keep, ticket) != STATUS_OK) {
            return STATUS_OK;
        }
    }
}
