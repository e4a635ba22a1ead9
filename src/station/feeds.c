// SPDX-License-Identifier: GPL-3.0-or-later
#include "station/feeds.h"

#include <stdatomic.h>
#include <stdlib.h>

static struct feed *find(const struct feeds *feeds, const struct stations_entry *entry)
{
    for (size_t i = 0; i < feeds->count; i++) {
        if (feeds->list[i]->entry == entry) {
            return feeds->list[i];
        }
    }
    return NULL;
}

static bool has_room(struct feeds *feeds)
{
    if (feeds->count == feeds->room) {
        const size_t room = 2 * feeds->room + 8;
        void *grown = reallocarray(feeds->list, room, sizeof(struct feed *));
        if (!grown) {
            return false;
        }
        feeds->list = grown;
        feeds->room = room;
    }
    return true;
}

struct feed *feeds_take(struct feeds *feeds, struct stations_entry *entry)
{
    struct feed *feed = find(feeds, entry);
    if (feed || !has_room(feeds)) {
        return feed;
    }
    // First the bit, then the look at the station: what it publishes in between wakes the shard.
    atomic_fetch_or(&entry->shards, feeds->bit);
    feed = feed_new(entry);
    if (feed) {
        feeds->list[feeds->count++] = feed;
    } else {
        atomic_fetch_and(&entry->shards, ~feeds->bit);
    }
    return feed;
}

void feeds_drop_empty(struct feeds *feeds)
{
    for (size_t i = feeds->has_empty ? feeds->count : 0; i-- > 0;) {
        struct feed *feed = feeds->list[i];
        if (feed->count == 0) {
            feeds->list[i] = feeds->list[--feeds->count];
            atomic_fetch_and(&feed->entry->shards, ~feeds->bit);
            feed_free(feed);
        }
    }
    feeds->has_empty = false;
}

void feeds_done(struct feeds *feeds)
{
    feeds->has_empty = true;
    feeds_drop_empty(feeds);
    free(feeds->list);
}
