// SPDX-License-Identifier: GPL-3.0-or-later
// The sort merges runs that are in order already, from left to right: a score that was written in order costs one look,
// and the tracks of a file one merge for each doubling of their number. Merging keeps equal ticks in place.
#include "music/score.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 64 };

enum status score_reserve(struct score *score, size_t capacity)
{
    if (capacity <= score->capacity) {
        return STATUS_OK;
    }
    struct event *events = reallocarray(score->events, capacity, sizeof *events);
    if (!events) {
        return STATUS_NO_MEMORY;
    }
    score->events = events;
    score->capacity = capacity;
    return STATUS_OK;
}

enum status score_add(struct score *score, struct event event)
{
    if (score->count == score->capacity) {
        const enum status status = score_reserve(score, score->capacity ? score->capacity * 2 : FIRST_CAPACITY);
        if (status) {
            return status;
        }
    }
    score->events[score->count++] = event;
    return STATUS_OK;
}

/// Where the run that begins at \p start ends.
static size_t run_end(const struct event *events, size_t start, size_t count)
{
    size_t end = start + (start < count);
    while (end < count && events[end - 1].tick <= events[end].tick) {
        end++;
    }
    return end;
}

static void merge(const struct event *from, size_t start, size_t middle, size_t end, struct event *to)
{
    size_t left = start;
    size_t right = middle;
    for (size_t i = start; i < end; i++) {
        const bool take_left = right == end || (left < middle && from[left].tick <= from[right].tick);
        to[i] = from[take_left ? left++ : right++];
    }
}

/// Merges every two neighbouring runs; returns whether all was one run.
static bool merge_pass(const struct event *from, size_t count, struct event *to)
{
    for (size_t start = 0; start < count;) {
        const size_t middle = run_end(from, start, count);
        if (start == 0 && middle == count) {
            return true;
        }
        const size_t end = run_end(from, middle, count);
        merge(from, start, middle, end, to);
        start = end;
    }
    return false;
}

enum status score_sort(struct score *score)
{
    if (score->count == 0 || run_end(score->events, 0, score->count) == score->count) {
        return STATUS_OK;
    }
    struct event *other = reallocarray(NULL, score->count, sizeof *other);
    if (!other) {
        return STATUS_NO_MEMORY;
    }
    struct event *from = score->events;
    struct event *to = other;
    while (!merge_pass(from, score->count, to)) {
        struct event *swap = from;
        from = to;
        to = swap;
    }
    if (from == other) {
        memcpy(score->events, other, score->count * sizeof *other);
    }
    free(other);
    return STATUS_OK;
}

int64_t score_end(const struct score *score)
{
    int64_t end = 0;
    for (size_t i = 0; i < score->count; i++) {
        const struct event *event = &score->events[i];
        const int64_t last = event->tick + (event->kind == EVENT_NOTE ? event->note.duration : 0);
        end = last > end ? last : end;
    }
    return end;
}

void score_clear(struct score *score)
{
    score->count = 0;
}

void score_done(struct score *score)
{
    free(score->events);
    *score = (struct score){0};
}
