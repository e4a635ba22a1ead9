// SPDX-License-Identifier: GPL-3.0-or-later
// A newcomer goes to the shard that has the fewest; where two have as many, to the first. Those of a station are then
// spread over all shards, and what it publishes is sent by all of them at once.
#include "station/listeners.h"

#include "core/log.h"
#include "station/shard.h"

#include <stdlib.h>
#include <unistd.h>

struct listeners {
    struct listeners_options options;
    unsigned most;
    unsigned count;
    struct shard *shards[LISTENERS_SHARDS_MAX];
};

static unsigned shards_of(const struct listeners_options *options)
{
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    const unsigned wanted = options->shards > 0 ? options->shards : processors > 0 ? (unsigned)processors : 1;
    return wanted < LISTENERS_SHARDS_MAX ? wanted : LISTENERS_SHARDS_MAX;
}

enum status listeners_new(const struct listeners_options *options, struct listeners **out)
{
    struct listeners *listeners = calloc(1, sizeof *listeners);
    if (!listeners) {
        return STATUS_NO_MEMORY;
    }
    listeners->options = *options;
    listeners->most = options->most > 0 ? options->most : LISTENERS_MAX;
    const unsigned wanted = shards_of(options);
    enum status status = STATUS_OK;
    while (listeners->count < wanted && status == STATUS_OK) {
        status = shard_new(options, listeners->count, &listeners->shards[listeners->count]);
        listeners->count += status == STATUS_OK;
    }
    if (status != STATUS_OK) {
        listeners_free(listeners);
        return status;
    }
    *out = listeners;
    return STATUS_OK;
}

void listeners_free(struct listeners *listeners)
{
    if (!listeners) {
        return;
    }
    for (unsigned i = 0; i < listeners->count; i++) {
        shard_ask_to_stop(listeners->shards[i]);
    }
    for (unsigned i = 0; i < listeners->count; i++) {
        shard_free(listeners->shards[i]);
    }
    free(listeners);
}

void listeners_drop(const struct listeners_options *options, const struct listeners_join *join)
{
    if (join->socket >= 0) {
        (void)close(join->socket);
    }
    http_stream_end(join->stream);
    stations_entry_unref(join->entry);
    if (options->addresses) {
        addresses_leave(options->addresses, &join->address);
    }
}

void listeners_add(struct listeners *listeners, const struct listeners_join *join)
{
    if (listeners_room(listeners) == 0) {
        listeners_drop(&listeners->options, join);
        log_write(LOG_LEVEL_WARNING, "listener_refused", "reason=%s limit=%u", "all places are taken", listeners->most);
        return;
    }
    unsigned least = 0;
    for (unsigned i = 1; i < listeners->count; i++) {
        least = shard_count(listeners->shards[i]) < shard_count(listeners->shards[least]) ? i : least;
    }
    shard_add(listeners->shards[least], join);
}

unsigned listeners_room(const struct listeners *listeners)
{
    unsigned count = 0;
    for (unsigned i = 0; i < listeners->count; i++) {
        count += shard_count(listeners->shards[i]);
    }
    return count < listeners->most ? listeners->most - count : 0;
}

void listeners_wake(struct listeners *listeners, uint32_t shards)
{
    for (unsigned i = 0; i < listeners->count; i++) {
        if (shards >> i & 1) {
            shard_wake(listeners->shards[i]);
        }
    }
}
