// SPDX-License-Identifier: GPL-3.0-or-later
#include "station/ogg_listener.h"

#include "core/clock.h"
#include "core/log.h"

#include <stdlib.h>
#include <string.h>

struct ogg_listener {
    struct stations_entry *entry; ///< held
    struct station *station;
    int64_t joined_ns;
    uint32_t next;
    uint32_t live;        ///< of the first chunk that does not come in a burst, whose lateness says something
    struct buffer *pages; ///< what is being read; NULL for nothing
    size_t offset;
};

// The burst of a station, or all that there is of one that has slept.
static uint32_t burst_of(struct station *station)
{
    const uint32_t oldest = station_oldest(station);
    const uint32_t head = station_head(station);
    return head - oldest > STATION_BURST ? head - STATION_BURST : oldest;
}

static void next_pages(struct ogg_listener *listener)
{
    int64_t due_ns = 0;
    enum status status = station_take(listener->station, listener->next, FORMAT_OGG, &listener->pages, NULL, &due_ns);
    if (status == STATUS_CLOSED) {
        listener->next = burst_of(listener->station);
        listener->live = listener->next + STATION_BURST;
        atomic_fetch_add_explicit(&station_metrics(listener->station)->skips, 1, memory_order_relaxed);
        status = station_take(listener->station, listener->next, FORMAT_OGG, &listener->pages, NULL, &due_ns);
    }
    if (status == STATUS_OK) {
        const int64_t late_ns = clock_now_ns() - due_ns;
        if (listener->next >= listener->live) {
            histogram_record(&station_metrics(listener->station)->lateness,
                             late_ns > 0 ? (uint64_t)(late_ns / 1000) : 0);
        }
        listener->next++;
        listener->offset = 0;
    }
}

static ssize_t read_pages(void *user, uint8_t *out, size_t size)
{
    struct ogg_listener *listener = user;
    if (!listener->pages) {
        next_pages(listener);
    }
    if (!listener->pages) {
        return 0;
    }
    const size_t left = listener->pages->size - listener->offset;
    const size_t taken = left < size ? left : size;
    memcpy(out, listener->pages->bytes + listener->offset, taken);
    listener->offset += taken;
    if (listener->offset == listener->pages->size) {
        buffer_unref(listener->pages);
        listener->pages = NULL;
    }
    struct metrics *metrics = station_metrics(listener->station);
    atomic_fetch_add_explicit(&metrics->sent_bytes, taken, memory_order_relaxed);
    return (ssize_t)taken;
}

static void closed(void *user)
{
    struct ogg_listener *listener = user;
    log_write(LOG_LEVEL_INFO, "listener_left", "station=%s format=%s seconds=%.1f", station_name(listener->station),
              format_name(FORMAT_OGG), (double)(clock_now_ns() - listener->joined_ns) / 1e9);
    atomic_fetch_sub_explicit(&station_metrics(listener->station)->listeners[FORMAT_OGG], 1, memory_order_relaxed);
    buffer_unref(listener->pages);
    stations_entry_unref(listener->entry);
    free(listener);
}

struct http_source ogg_listener_source(struct stations_entry *entry)
{
    struct ogg_listener *listener = calloc(1, sizeof *listener);
    if (!listener) {
        stations_entry_unref(entry);
        return (struct http_source){0};
    }
    struct station *station = entry->station;
    const uint32_t next = burst_of(station);
    *listener = (struct ogg_listener){.entry = entry,
                                      .station = station,
                                      .next = next,
                                      .live = next + STATION_BURST,
                                      .joined_ns = clock_now_ns(),
                                      .pages = station_ogg_head(station)};
    atomic_fetch_add_explicit(&station_metrics(station)->listeners[FORMAT_OGG], 1, memory_order_relaxed);
    log_write(LOG_LEVEL_INFO, "listener_joined", "station=%s format=%s", station_name(station),
              format_name(FORMAT_OGG));
    return (struct http_source){.read = read_pages, .closed = closed, .user = listener};
}
