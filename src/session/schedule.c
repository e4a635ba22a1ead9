// SPDX-License-Identifier: GPL-3.0-or-later
// A binary heap, ordered by time and then by the order of coming.
#include "session/schedule.h"

#include "session/request.h"

#include <stdlib.h>

struct entry {
    int64_t due;
    uint64_t order;
    struct request *request;
};

struct schedule {
    uint64_t pushed;
    size_t count;
    struct entry heap[SCHEDULE_MAX];
};

struct schedule *schedule_new(void)
{
    return calloc(1, sizeof(struct schedule));
}

void schedule_free(struct schedule *schedule)
{
    for (size_t i = 0; schedule && i < schedule->count; i++) {
        request_free(schedule->heap[i].request);
    }
    free(schedule);
}

static bool is_before(const struct entry *a, const struct entry *b)
{
    return a->due < b->due || (a->due == b->due && a->order < b->order);
}

enum status schedule_push(struct schedule *schedule, struct request *request, int64_t due)
{
    if (schedule->count == SCHEDULE_MAX) {
        return STATUS_FULL;
    }
    const struct entry entry = {.due = due, .order = schedule->pushed++, .request = request};
    size_t at = schedule->count++;
    while (at > 0 && is_before(&entry, &schedule->heap[(at - 1) / 2])) {
        schedule->heap[at] = schedule->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    schedule->heap[at] = entry;
    return STATUS_OK;
}

struct request *schedule_pop(struct schedule *schedule, int64_t now)
{
    if (schedule->count == 0 || schedule->heap[0].due > now) {
        return NULL;
    }
    struct request *first = schedule->heap[0].request;
    const struct entry last = schedule->heap[--schedule->count];
    size_t at = 0;
    for (size_t child = 1; child < schedule->count; child = 2 * at + 1) {
        child += child + 1 < schedule->count && is_before(&schedule->heap[child + 1], &schedule->heap[child]);
        if (!is_before(&schedule->heap[child], &last)) {
            break;
        }
        schedule->heap[at] = schedule->heap[child];
        at = child;
    }
    schedule->heap[at] = last;
    return first;
}

bool schedule_next(const struct schedule *schedule, int64_t *due)
{
    *due = schedule->count > 0 ? schedule->heap[0].due : 0;
    return schedule->count > 0;
}

size_t schedule_count(const struct schedule *schedule)
{
    return schedule->count;
}
