// SPDX-License-Identifier: GPL-3.0-or-later
// A ring, as nearly all events come in the order in which they play.
#include "synth/event_queue.h"

static size_t place_of(const struct event_queue *queue, size_t index)
{
    return (queue->first + index) % EVENT_QUEUE_ROOM;
}

const struct event *event_queue_at(const struct event_queue *queue, size_t index)
{
    return &queue->events[place_of(queue, index)];
}

/// How many play before an event of \p tick that comes now.
static size_t count_before(const struct event_queue *queue, int64_t tick)
{
    size_t low = 0;
    size_t high = queue->count;
    if (high > 0 && event_queue_at(queue, high - 1)->tick <= tick) {
        return high;
    }
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (event_queue_at(queue, middle)->tick <= tick) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static void move_event(struct event_queue *queue, size_t from, size_t to)
{
    queue->events[place_of(queue, to)] = queue->events[place_of(queue, from)];
}

bool event_queue_add(struct event_queue *queue, const struct event *event)
{
    if (queue->count == EVENT_QUEUE_ROOM) {
        return false;
    }
    const size_t index = count_before(queue, event->tick);
    const size_t count = queue->count++;
    if (index < count / 2) {
        queue->first = place_of(queue, EVENT_QUEUE_ROOM - 1);
        for (size_t i = 0; i < index; i++) {
            move_event(queue, i + 1, i);
        }
    } else {
        for (size_t i = count; i > index; i--) {
            move_event(queue, i - 1, i);
        }
    }
    queue->events[place_of(queue, index)] = *event;
    return true;
}

struct event event_queue_take(struct event_queue *queue)
{
    const struct event next = *event_queue_at(queue, 0);
    queue->first = place_of(queue, 1);
    queue->count--;
    return next;
}
