// SPDX-License-Identifier: GPL-3.0-or-later
// What has expired is left in the list until room is needed or somebody looks.
#include "session/subscribers.h"

#include <string.h>

void subscribers_init(struct subscribers *subscribers)
{
    *subscribers = (struct subscribers){.count = 0};
    (void)pthread_mutex_init(&subscribers->lock, NULL);
}

void subscribers_done(struct subscribers *subscribers)
{
    (void)pthread_mutex_destroy(&subscribers->lock);
}

static bool is_same(const struct osc_peer *a, const struct osc_peer *b)
{
    return strcmp(a->host, b->host) == 0 && strcmp(a->port, b->port) == 0;
}

static void tidy(struct subscribers *subscribers, int64_t now_ns)
{
    size_t kept = 0;
    for (size_t i = 0; i < subscribers->count; i++) {
        bool lives = false;
        for (int kind = 0; kind < SUBSCRIPTION_COUNT; kind++) {
            lives = lives || subscribers->list[i].until_ns[kind] > now_ns;
        }
        if (lives) {
            subscribers->list[kept++] = subscribers->list[i];
        }
    }
    subscribers->count = kept;
}

static struct subscriber *find(struct subscribers *subscribers, const struct osc_peer *peer)
{
    size_t i = 0;
    while (i < subscribers->count && !is_same(&subscribers->list[i].peer, peer)) {
        i++;
    }
    return i < subscribers->count ? &subscribers->list[i] : NULL;
}

static void set_until(struct subscriber *subscriber, unsigned kinds, int64_t until_ns)
{
    for (int kind = 0; kind < SUBSCRIPTION_COUNT; kind++) {
        if (kinds >> kind & 1) {
            subscriber->until_ns[kind] = until_ns;
        }
    }
}

enum status subscribers_add(struct subscribers *subscribers, const struct osc_peer *peer, unsigned kinds,
                            int64_t now_ns, int64_t until_ns)
{
    (void)pthread_mutex_lock(&subscribers->lock);
    tidy(subscribers, now_ns);
    struct subscriber *subscriber = find(subscribers, peer);
    if (!subscriber && subscribers->count < SUBSCRIBERS_MAX) {
        subscriber = &subscribers->list[subscribers->count++];
        *subscriber = (struct subscriber){.peer = *peer};
    }
    if (subscriber) {
        set_until(subscriber, kinds, until_ns);
    }
    (void)pthread_mutex_unlock(&subscribers->lock);
    return subscriber ? STATUS_OK : STATUS_FULL;
}

void subscribers_remove(struct subscribers *subscribers, const struct osc_peer *peer, unsigned kinds)
{
    (void)pthread_mutex_lock(&subscribers->lock);
    struct subscriber *subscriber = find(subscribers, peer);
    if (subscriber) {
        set_until(subscriber, kinds, 0);
    }
    (void)pthread_mutex_unlock(&subscribers->lock);
}

size_t subscribers_of(struct subscribers *subscribers, enum subscription kind, int64_t now_ns,
                      const struct osc_peer *except, struct osc_peer peers[SUBSCRIBERS_MAX])
{
    size_t count = 0;
    (void)pthread_mutex_lock(&subscribers->lock);
    for (size_t i = 0; i < subscribers->count; i++) {
        const struct subscriber *subscriber = &subscribers->list[i];
        if (subscriber->until_ns[kind] > now_ns && !(except && is_same(&subscriber->peer, except))) {
            peers[count++] = subscriber->peer;
        }
    }
    (void)pthread_mutex_unlock(&subscribers->lock);
    return count;
}
