// SPDX-License-Identifier: GPL-3.0-or-later
// A thousand listeners that are at the same chunk need it once from the station, which has a lock, and once each from
// here, which has none. What one who lags behind asks for is kept likewise, in the slot of its number, until another
// chunk needs that.
#include "station/feed.h"

#include "station/message.h"

#include <stdlib.h>

struct feed *feed_new(struct stations_entry *entry)
{
    struct feed *feed = calloc(1, sizeof *feed);
    if (feed) {
        feed->entry = entry;
        feed->station = entry->station;
        (void)feed_refresh(feed);
    }
    return feed;
}

static void drop(struct buffer **buffer)
{
    buffer_unref(*buffer);
    *buffer = NULL;
}

static void drop_chunk(struct feed_chunk *slot)
{
    drop(&slot->chunk);
    drop(&slot->score);
    slot->held = false;
}

void feed_free(struct feed *feed)
{
    if (!feed) {
        return;
    }
    for (int format = 0; format < FORMAT_COUNT; format++) {
        for (int i = 0; i < STATION_RING; i++) {
            drop_chunk(&feed->chunks[format][i]);
        }
        drop(&feed->states[format]);
        drop(&feed->hellos[format][0]);
        drop(&feed->hellos[format][1]);
    }
    free(feed->listeners);
    free(feed);
}

bool feed_refresh(struct feed *feed)
{
    feed->oldest = station_oldest(feed->station);
    const uint32_t head = station_head(feed->station);
    const bool is_new = head != feed->head;
    feed->head = head;
    const uint64_t version = station_version(feed->station);
    if (version != feed->version) {
        feed->version = version;
        for (int format = 0; format < FORMAT_COUNT; format++) {
            drop(&feed->states[format]);
        }
    }
    // What has left the station's ring is not kept alive here.
    for (int format = 0; is_new && format < FORMAT_COUNT; format++) {
        for (int i = 0; i < STATION_RING; i++) {
            struct feed_chunk *slot = &feed->chunks[format][i];
            if (slot->held && slot->sequence < feed->oldest) {
                drop_chunk(slot);
            }
        }
    }
    return is_new;
}

enum status feed_enter(struct feed *feed, struct listener *listener)
{
    if (feed->count == feed->room) {
        const unsigned room = 2 * feed->room + 4;
        void *grown = reallocarray(feed->listeners, room, sizeof(struct listener *));
        if (!grown) {
            return STATUS_NO_MEMORY;
        }
        feed->listeners = grown;
        feed->room = room;
    }
    feed->listeners[feed->count++] = listener;
    return STATUS_OK;
}

void feed_leave(struct feed *feed, unsigned index)
{
    feed->listeners[index] = feed->listeners[--feed->count];
}

enum status feed_take(struct feed *feed, uint32_t sequence, enum format format, const struct feed_chunk **out)
{
    if (sequence >= feed->head) {
        return STATUS_AGAIN;
    }
    if (sequence < feed->oldest) {
        return STATUS_CLOSED;
    }
    struct feed_chunk *slot = &feed->chunks[format][sequence % STATION_RING];
    *out = slot;
    if (slot->held && slot->sequence == sequence) {
        return STATUS_OK;
    }
    drop_chunk(slot);
    slot->sequence = sequence;
    const enum status status = station_take(feed->station, sequence, format, &slot->chunk, &slot->score, &slot->due_ns);
    slot->held = status == STATUS_OK;
    return status;
}

struct buffer *feed_state(struct feed *feed, enum format format)
{
    if (!feed->states[format]) {
        feed->states[format] = message_state(feed->station, format, 0);
    }
    return feed->states[format];
}

struct buffer *feed_hello(struct feed *feed, enum format format, bool controls, const struct presets *presets)
{
    const size_t named = stations_count(feed->entry->owner);
    if (named != feed->named) {
        for (int i = 0; i < FORMAT_COUNT; i++) {
            drop(&feed->hellos[i][0]);
            drop(&feed->hellos[i][1]);
        }
        feed->named = named;
    }
    struct buffer **hello = &feed->hellos[format][controls];
    if (!*hello) {
        *hello = message_hello(feed->entry, format, controls, presets);
    }
    return *hello;
}
