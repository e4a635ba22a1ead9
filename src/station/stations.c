// SPDX-License-Identifier: GPL-3.0-or-later
// Shared stations stand in an array to which they are only added, so that reading it takes no lock. Private ones are a
// list under the lock: they are looked up when a listener comes, not while it listens.
//
// A private station that is forgotten is taken out of the list under the lock and freed behind it, since its thread
// must be waited for.
#include "station/stations.h"

#include "core/clock.h"
#include "core/log.h"

#include <nettle/memops.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static const int64_t NS_PER_MS = 1000000;

struct stations {
    struct stations_options options;
    struct stations_entry *shared[STATIONS_SHARED_MAX];
    _Atomic size_t count; ///< of the shared ones
    bool started;
    pthread_mutex_t lock; ///< guards what follows, and entries
    bool stopping;        ///< no private station begins any more
    struct stations_entry *first_private;
    size_t private_count;
    int64_t gone_busy_ns; ///< of stations that were forgotten, as what follows
    struct stations_private gone;
};

static void published(void *user)
{
    const struct stations_entry *entry = user;
    const struct stations_options *options = &entry->owner->options;
    options->published(options->user, atomic_load_explicit(&entry->shards, memory_order_relaxed));
}

struct stations *stations_new(const struct stations_options *options)
{
    struct stations *stations = calloc(1, sizeof *stations);
    if (stations) {
        stations->options = *options;
        stations->options.forget_ms = options->forget_ms ? options->forget_ms : STATIONS_FORGET_MS;
        (void)pthread_mutex_init(&stations->lock, NULL);
    }
    return stations;
}

static void entry_free(struct stations_entry *entry)
{
    station_free(entry->station);
    free(entry);
}

void stations_free(struct stations *stations)
{
    if (!stations) {
        return;
    }
    stations_stop(stations);
    for (size_t i = 0; i < stations_count(stations); i++) {
        entry_free(stations->shared[i]);
    }
    while (stations->first_private) {
        struct stations_entry *next = stations->first_private->next;
        entry_free(stations->first_private);
        stations->first_private = next;
    }
    pthread_mutex_destroy(&stations->lock);
    free(stations);
}

static enum status make_entry(struct stations *stations, const struct station_options *options,
                              struct stations_entry **out, struct complaint *complaint)
{
    struct stations_entry *entry = calloc(1, sizeof *entry);
    if (!entry) {
        instrument_free(options->instrument);
        (void)complain(complaint, STATUS_NO_MEMORY, "out of memory for station %s", options->name);
        return STATUS_NO_MEMORY;
    }
    entry->owner = stations;
    struct station_options own = *options;
    own.published = published;
    own.user = entry;
    const enum status status = station_new(&own, &entry->station, complaint);
    if (status != STATUS_OK) {
        free(entry);
        return status;
    }
    *out = entry;
    return STATUS_OK;
}

static struct stations_entry *find_shared(const struct stations *stations, const char *name)
{
    const size_t count = stations_count(stations);
    for (size_t i = 0; i < count; i++) {
        if (!name || strcmp(station_name(stations->shared[i]->station), name) == 0) {
            return stations->shared[i];
        }
    }
    return NULL;
}

static enum status start(struct station *station, struct complaint *complaint)
{
    const enum status status = station_start(station);
    return status == STATUS_OK ? status
                               : complain(complaint, status, "station %s does not start: %s", station_name(station),
                                          status_text(status));
}

static enum status check_new(const struct stations *stations, const char *name, struct complaint *complaint)
{
    if (stations_count(stations) == STATIONS_SHARED_MAX) {
        return complain(complaint, STATUS_FULL, "station \"%.40s\" is one too many: there are at most %d", name,
                        STATIONS_SHARED_MAX);
    }
    if (strcmp(name, "private") == 0) {
        return complain(complaint, STATUS_INVALID,
                        "a station cannot be called \"private\": that is how listeners ask for their own");
    }
    return find_shared(stations, name)
               ? complain(complaint, STATUS_INVALID, "station \"%.40s\" is there already: give each name once", name)
               : STATUS_OK;
}

enum status stations_add(struct stations *stations, const struct station_options *options, struct complaint *complaint)
{
    enum status status = check_new(stations, options->name, complaint);
    if (status != STATUS_OK) {
        instrument_free(options->instrument);
        return status;
    }
    const size_t count = stations_count(stations);
    struct stations_entry *entry = NULL;
    status = make_entry(stations, options, &entry, complaint);
    if (status == STATUS_OK && stations->started) {
        status = start(entry->station, complaint);
        if (status != STATUS_OK) {
            entry_free(entry);
        }
    }
    if (status == STATUS_OK) {
        const struct station_state state = station_state(entry->station);
        log_write(LOG_LEVEL_INFO, "station_added", "station=%s preset=%s seed=%llu renderer=%s resumed=%d",
                  options->name, state.preset->name, (unsigned long long)station_seed(entry->station),
                  station_renderer(entry->station), station_resumed(entry->station));
        stations->shared[count] = entry;
        atomic_store_explicit(&stations->count, count + 1, memory_order_release);
    }
    return status;
}

enum status stations_start(struct stations *stations, struct complaint *complaint)
{
    stations->started = true;
    for (size_t i = 0; i < stations_count(stations); i++) {
        const enum status status = start(stations->shared[i]->station, complaint);
        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_OK;
}

void stations_stop(struct stations *stations)
{
    (void)pthread_mutex_lock(&stations->lock);
    stations->stopping = true;
    for (size_t i = 0; i < stations_count(stations); i++) {
        station_ask_to_stop(stations->shared[i]->station);
    }
    for (struct stations_entry *entry = stations->first_private; entry; entry = entry->next) {
        station_ask_to_stop(entry->station);
    }
    for (size_t i = 0; i < stations_count(stations); i++) {
        station_stop(stations->shared[i]->station);
    }
    for (struct stations_entry *entry = stations->first_private; entry; entry = entry->next) {
        station_stop(entry->station);
    }
    (void)pthread_mutex_unlock(&stations->lock);
}

size_t stations_count(const struct stations *stations)
{
    return atomic_load_explicit(&stations->count, memory_order_acquire);
}

struct station *stations_at(const struct stations *stations, size_t index)
{
    return stations->shared[index]->station;
}

// Holding.

void stations_entry_ref(struct stations_entry *entry)
{
    (void)pthread_mutex_lock(&entry->owner->lock);
    entry->references++;
    (void)pthread_mutex_unlock(&entry->owner->lock);
}

static void drop(struct stations_entry *entry, int64_t left_ns)
{
    if (entry) {
        struct stations *owner = entry->owner;
        (void)pthread_mutex_lock(&owner->lock);
        entry->references--;
        entry->left_ns = left_ns;
        (void)pthread_mutex_unlock(&owner->lock);
    }
}

void stations_entry_unref(struct stations_entry *entry)
{
    drop(entry, clock_now_ns());
}

void stations_entry_forget(struct stations_entry *entry)
{
    drop(entry, INT64_MIN / 2);
}

struct stations_entry *stations_hold(struct stations *stations, const char *name)
{
    struct stations_entry *entry = find_shared(stations, name);
    if (entry) {
        stations_entry_ref(entry);
    }
    return entry;
}

struct stations_entry *stations_hold_private(struct stations *stations, const char *token)
{
    struct stations_entry *found = NULL;
    if (strlen(token) != SECRET_SIZE - 1) {
        return NULL;
    }
    (void)pthread_mutex_lock(&stations->lock);
    for (struct stations_entry *entry = stations->first_private; entry; entry = entry->next) {
        found = memeql_sec(entry->token, token, SECRET_SIZE) ? entry : found;
    }
    if (found) {
        found->references++;
    }
    (void)pthread_mutex_unlock(&stations->lock);
    return found;
}

// Private stations.

static bool enlist(struct stations *stations, struct stations_entry *entry)
{
    (void)pthread_mutex_lock(&stations->lock);
    const bool fits = stations->private_count < STATIONS_PRIVATE_MAX && !stations->stopping;
    if (fits) {
        entry->references = 1;
        entry->next = stations->first_private;
        stations->first_private = entry;
        stations->private_count++;
    }
    (void)pthread_mutex_unlock(&stations->lock);
    return fits;
}

enum status stations_add_private(struct stations *stations, const struct station_options *options,
                                 struct stations_entry **out, struct complaint *complaint)
{
    struct stations_entry *entry = NULL;
    enum status status = make_entry(stations, options, &entry, complaint);
    if (status != STATUS_OK) {
        return status;
    }
    entry->is_private = true;
    status = secret_make(entry->token);
    status = status == STATUS_OK ? start(entry->station, complaint)
                                 : complain(complaint, status, "the system has no random numbers for a token");
    if (status == STATUS_OK && !enlist(stations, entry)) {
        status = complain(complaint, STATUS_FULL, "there are %d private stations already", STATIONS_PRIVATE_MAX);
    }
    if (status != STATUS_OK) {
        entry_free(entry);
        return status;
    }
    *out = entry;
    return STATUS_OK;
}

static void add_up(struct stations_private *sums, struct station *station)
{
    const struct metrics *metrics = station_metrics(station);
    sums->underruns += atomic_load_explicit(&metrics->underruns, memory_order_relaxed);
    sums->skips += atomic_load_explicit(&metrics->skips, memory_order_relaxed);
    sums->too_slow += atomic_load_explicit(&metrics->too_slow, memory_order_relaxed);
    sums->dropped += atomic_load_explicit(&metrics->dropped, memory_order_relaxed);
}

struct stations_private stations_private(struct stations *stations)
{
    (void)pthread_mutex_lock(&stations->lock);
    struct stations_private sums = stations->gone;
    sums.count = stations->private_count;
    for (const struct stations_entry *entry = stations->first_private; entry; entry = entry->next) {
        sums.held += entry->references > 0;
        add_up(&sums, entry->station);
    }
    (void)pthread_mutex_unlock(&stations->lock);
    return sums;
}

static bool is_over(const struct stations *stations, const struct stations_entry *entry, int64_t now_ns)
{
    return entry->references == 0 && now_ns - entry->left_ns > stations->options.forget_ms * NS_PER_MS;
}

// Takes what \p at points to out of the list. Under the lock.
static struct stations_entry *take_out(struct stations *stations, struct stations_entry **at)
{
    struct stations_entry *entry = *at;
    *at = entry->next;
    stations->private_count--;
    add_up(&stations->gone, entry->station);
    stations->gone_busy_ns += atomic_load_explicit(&station_metrics(entry->station)->busy_ns, memory_order_relaxed);
    return entry;
}

// The place of the one that was left longest ago, or NULL; and how many were left. Under the lock.
static struct stations_entry **find_left(struct stations *stations, size_t *left)
{
    struct stations_entry **oldest = NULL;
    *left = 0;
    for (struct stations_entry **at = &stations->first_private; *at; at = &(*at)->next) {
        if ((*at)->references == 0) {
            oldest = !oldest || (*at)->left_ns < (*oldest)->left_ns ? at : oldest;
            (*left)++;
        }
    }
    return oldest;
}

bool stations_evict(struct stations *stations)
{
    size_t left = 0;
    (void)pthread_mutex_lock(&stations->lock);
    struct stations_entry **at = find_left(stations, &left);
    struct stations_entry *entry = at ? take_out(stations, at) : NULL;
    (void)pthread_mutex_unlock(&stations->lock);
    if (entry) {
        log_write(LOG_LEVEL_INFO, "private_station_forgotten", "reason=%s", "another needs its place");
        entry_free(entry);
    }
    return entry;
}

void stations_tend(struct stations *stations)
{
    const int64_t now = clock_now_ns();
    struct stations_entry *over = NULL;
    size_t left = 0;
    (void)pthread_mutex_lock(&stations->lock);
    for (struct stations_entry **at = &stations->first_private; *at;) {
        if (is_over(stations, *at, now)) {
            struct stations_entry *entry = take_out(stations, at);
            entry->next = over;
            over = entry;
        } else {
            left += (*at)->references == 0;
            at = &(*at)->next;
        }
    }
    (void)pthread_mutex_unlock(&stations->lock);
    while (over) {
        struct stations_entry *next = over->next;
        log_write(LOG_LEVEL_INFO, "private_station_forgotten", "reason=%s", "nobody has come back to it");
        entry_free(over);
        over = next;
    }
    for (; left > STATIONS_LEFT_MAX && stations_evict(stations); left--) {
    }
}

static int64_t add_busy(const struct stations_entry *entry, size_t *awake)
{
    *awake += !station_asleep(entry->station);
    return atomic_load_explicit(&station_metrics(entry->station)->busy_ns, memory_order_relaxed);
}

int64_t stations_busy_ns(struct stations *stations, size_t *awake)
{
    *awake = 0;
    (void)pthread_mutex_lock(&stations->lock);
    int64_t busy = stations->gone_busy_ns;
    for (size_t i = 0; i < stations_count(stations); i++) {
        busy += add_busy(stations->shared[i], awake);
    }
    for (const struct stations_entry *entry = stations->first_private; entry; entry = entry->next) {
        busy += add_busy(entry, awake);
    }
    (void)pthread_mutex_unlock(&stations->lock);
    return busy;
}
