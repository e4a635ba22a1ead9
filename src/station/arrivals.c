// SPDX-License-Identifier: GPL-3.0-or-later
#include "station/arrivals.h"

#include <stdlib.h>
#include <string.h>

void arrivals_init(struct arrivals *arrivals)
{
    *arrivals = (struct arrivals){.last = &arrivals->first};
    (void)pthread_mutex_init(&arrivals->lock, NULL);
}

void arrivals_done(struct arrivals *arrivals)
{
    (void)pthread_mutex_destroy(&arrivals->lock);
}

enum status arrivals_put(struct arrivals *arrivals, const struct listeners_join *join)
{
    const size_t refusal_size = join->refusal ? strlen(join->refusal) + 1 : 0;
    struct arrival *arrival = malloc(sizeof *arrival + join->extra_size + refusal_size);
    if (!arrival) {
        return STATUS_NO_MEMORY;
    }
    arrival->join = *join;
    arrival->next = NULL;
    arrival->join.extra = arrival->bytes;
    if (join->extra_size > 0) {
        memcpy(arrival->bytes, join->extra, join->extra_size);
    }
    if (refusal_size > 0) {
        arrival->join.refusal = memcpy(arrival->bytes + join->extra_size, join->refusal, refusal_size);
    }
    (void)pthread_mutex_lock(&arrivals->lock);
    *arrivals->last = arrival;
    arrivals->last = &arrival->next;
    (void)pthread_mutex_unlock(&arrivals->lock);
    return STATUS_OK;
}

struct arrival *arrivals_take(struct arrivals *arrivals)
{
    (void)pthread_mutex_lock(&arrivals->lock);
    struct arrival *arrival = arrivals->first;
    if (arrival) {
        arrivals->first = arrival->next;
        arrivals->last = arrivals->first ? arrivals->last : &arrivals->first;
    }
    (void)pthread_mutex_unlock(&arrivals->lock);
    return arrival;
}
