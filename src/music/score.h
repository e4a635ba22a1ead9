// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// A list of events in the order of their ticks: a phrase, or a whole piece. One owner at a time.
#pragma once

#include "core/status.h"
#include "music/event.h"

#include <stddef.h>

/// Zeroed memory is an empty score. Read \c events and \c count; change them only through the functions.
struct score {
    struct event *events;
    size_t count;
    size_t capacity;
};

/// Makes room for \p capacity events in all, so that adding up to there cannot fail. STATUS_NO_MEMORY.
MUST_USE enum status score_reserve(struct score *score, size_t capacity);

/// Adds a copy of \p event behind the others. STATUS_NO_MEMORY, with the score unchanged.
MUST_USE enum status score_add(struct score *score, struct event event);

/// Orders the events by tick; those of one tick keep their order. STATUS_NO_MEMORY, with the score unchanged.
MUST_USE enum status score_sort(struct score *score);

/// The tick at which the last note has ended, or the last event stands; 0 for an empty score.
int64_t score_end(const struct score *score);

/// Forgets the events and keeps the memory.
void score_clear(struct score *score);

/// Gives the memory back; the score is empty again.
void score_done(struct score *score);
