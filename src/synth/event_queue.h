// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Events that wait for their ticks, in the order in which they play: by tick, and as they came within one. Part of
/// synth/sequencer. Plain data, zeroed when empty; one owner; nothing is allocated.
#pragma once

#include "core/status.h"
#include "music/event.h"

#include <stdbool.h>
#include <stddef.h>

enum { EVENT_QUEUE_ROOM = 4096 };

struct event_queue {
    size_t first; ///< where the next one is
    size_t count;
    struct event events[EVENT_QUEUE_ROOM];
};

/// Queues a copy of \p event behind those of its tick; false when the queue is full. At once for one that plays last or
/// first; in between it moves the fewer of those before and behind: some microseconds at most.
MUST_USE bool event_queue_add(struct event_queue *queue, const struct event *event);

/// The one that plays \p index (below \c count) after the next. Until the queue changes.
const struct event *event_queue_at(const struct event_queue *queue, size_t index);

/// Takes the next one out; there is one.
struct event event_queue_take(struct event_queue *queue);
