// SPDX-License-Identifier: GPL-3.0-or-later
// A binary heap: the children of place i are at 2 i + 1 and 2 i + 2, and none comes before its parent. So a push or a
// pop moves 13 commands at most.
#include "play/timed.h"

static bool is_before(const struct command *a, const struct command *b) REALTIME;

static bool is_before(const struct command *a, const struct command *b)
{
    return a->frame != b->frame ? a->frame < b->frame : a->order < b->order;
}

bool timed_push(struct timed *timed, const struct command *command)
{
    if (timed->count == TIMED_SIZE) {
        return false;
    }
    uint32_t hole = timed->count++;
    while (hole > 0 && is_before(command, &timed->heap[(hole - 1) / 2])) {
        timed->heap[hole] = timed->heap[(hole - 1) / 2];
        hole = (hole - 1) / 2;
    }
    timed->heap[hole] = *command;
    return true;
}

const struct command *timed_first(const struct timed *timed)
{
    return timed->count ? &timed->heap[0] : NULL;
}

void timed_pop(struct timed *timed)
{
    const struct command *last = &timed->heap[--timed->count];
    uint32_t hole = 0;
    for (uint32_t child = 1; child < timed->count; child = 2 * hole + 1) {
        if (child + 1 < timed->count && is_before(&timed->heap[child + 1], &timed->heap[child])) {
            child++;
        }
        if (!is_before(&timed->heap[child], last)) {
            break;
        }
        timed->heap[hole] = timed->heap[child];
        hole = child;
    }
    timed->heap[hole] = *last;
}
