// SPDX-License-Identifier: GPL-3.0-or-later
// One epoll set holds an eventfd, which stands for "there is something new", and every listener's socket. A socket is
// watched for writing only after it was full. Newcomers come in through a list under a lock, some in each turn, so that
// a storm of them does not hold up those who are there.
//
// Listeners stand in the feeds of their stations. A station that has published wakes the shard; the feeds that have a
// new chunk are pumped, and in them those listeners whose socket is not full: these come when it has room again. What a
// socket has to say concerns that listener alone, so that one who floods the server costs the others nothing but its
// share of the thread. Once a second those are looked at who stopped reading, or do not hang up.
//
// What a feed's listeners get is written in batches, one system call for many (net/websocket_batch.h), where the system
// has such a call: each is first offered what is due, and behind the write pumped, which finds nothing left to do but
// where the socket took less.
//
// A listener that leaves is freed at the end of the turn, for epoll may have told of it in the same turn.
#include "station/shard.h"

#include "core/clock.h"
#include "core/log.h"
#include "net/websocket_batch.h"
#include "station/arrivals.h"
#include "station/feeds.h"
#include "station/listener.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { EVENTS = 64, TEND_MS = 1000, GOODBYE_TICK_MS = 50, ADMITTED_A_TURN = 32 };

static const int64_t NS_PER_MS = 1000000;

struct shard {
    struct listeners_options options;
    int epoll;
    int wake;
    pthread_t thread;
    bool running;
    _Atomic bool stopping;
    _Atomic bool woken; ///< there is something new, and the eventfd has been told
    _Atomic unsigned count;

    struct { ///< the shard's thread alone
        struct feeds feeds;
        struct websocket_batch *batch; ///< NULL: they are written to one after the other
        struct feed lobby;             ///< those who are turned away, until they have read why: of no station
        struct listener *gone;
        struct metrics metrics; ///< of those that are turned away
        int64_t tended_ns;
    } own;

    struct arrivals arrivals;
};

// False where the system has no room for it.
static bool watch(struct shard *shard, struct listener *listener, bool writing, int operation)
{
    struct epoll_event event = {.events = EPOLLIN | (writing ? EPOLLOUT : 0U), .data.ptr = listener};
    if (epoll_ctl(shard->epoll, operation, listener_fd(listener), &event) != 0) {
        log_write(LOG_LEVEL_WARNING, "epoll_failed", "reason=%s", strerror(errno));
        return false;
    }
    listener->watched = writing;
    return true;
}

// Coming and going.

static void leave(struct shard *shard, struct listener *listener)
{
    if (listener->gone) {
        return;
    }
    // The HTTP server may still have a descriptor of this socket, and then closing ours takes nothing out of the set.
    (void)epoll_ctl(shard->epoll, EPOLL_CTL_DEL, listener_fd(listener), NULL);
    listener->gone = true;
    listener->next_gone = shard->own.gone;
    shard->own.gone = listener;
    struct feed *feed = listener->feed;
    feed_leave(feed, listener->index);
    shard->own.feeds.has_empty |= feed->count == 0;
    if (listener->index < feed->count) {
        feed->listeners[listener->index]->index = listener->index;
    }
}

// Frees the feeds that nobody is in, and then who has left in this turn, who still hold the stations.
static void bury(struct shard *shard)
{
    feeds_drop_empty(&shard->own.feeds);
    while (shard->own.gone) {
        struct listener *listener = shard->own.gone;
        shard->own.gone = listener->next_gone;
        listener_free(listener);
        atomic_fetch_sub(&shard->count, 1);
    }
}

static void pump(struct shard *shard, struct listener *listener, int64_t now_ns)
{
    const enum status status = listener_pump(listener, now_ns);
    const bool waits = status == STATUS_AGAIN;
    const bool changes = status != STATUS_CLOSED && waits != listener->watched;
    if (status == STATUS_CLOSED || (changes && !watch(shard, listener, waits, EPOLL_CTL_MOD))) {
        leave(shard, listener);
    }
}

static struct listener *make_listener(struct shard *shard, const struct listeners_join *join)
{
    struct feed *feed = join->entry ? feeds_take(&shard->own.feeds, join->entry) : &shard->own.lobby;
    if (!feed) {
        listeners_drop(&shard->options, join);
        return NULL;
    }
    struct metrics *metrics = join->entry ? station_metrics(feed->station) : &shard->own.metrics;
    struct listener *listener = listener_new(&shard->options, feed, metrics, join);
    if (listener && feed_enter(feed, listener) != STATUS_OK) {
        listener_free(listener);
        listener = NULL;
    }
    if (listener) {
        listener->index = feed->count - 1;
    }
    return listener;
}

// Holds the station until a feed that nobody came into is gone: else it might be freed before.
static struct listener *take_in(struct shard *shard, const struct listeners_join *join)
{
    struct stations_entry *entry = join->entry;
    if (entry) {
        stations_entry_ref(entry);
    }
    struct listener *listener = make_listener(shard, join);
    if (!listener) {
        shard->own.feeds.has_empty = true;
        feeds_drop_empty(&shard->own.feeds);
    }
    stations_entry_unref(entry);
    return listener;
}

static void admit(struct shard *shard, const struct arrival *arrival)
{
    struct listener *listener = take_in(shard, &arrival->join);
    if (!listener) {
        log_write(LOG_LEVEL_WARNING, "listener_refused", "reason=%s", status_text(STATUS_NO_MEMORY));
        atomic_fetch_sub(&shard->count, 1);
        return;
    }
    // No epoll tells of what came with the handshake.
    if (!watch(shard, listener, false, EPOLL_CTL_ADD) || listener_read(listener) == STATUS_CLOSED) {
        leave(shard, listener);
    } else {
        pump(shard, listener, clock_now_ns());
    }
}

// Some of those who wait; whether others still do.
static bool admit_some(struct shard *shard, unsigned most)
{
    for (unsigned i = 0; i < most; i++) {
        struct arrival *arrival = arrivals_take(&shard->arrivals);
        if (!arrival) {
            return false;
        }
        admit(shard, arrival);
        free(arrival);
    }
    return true;
}

// Turns.

// Has the processor bring in those who come next: thousands do not fit into its caches, and each is read anew for a
// chunk.
static void fetch_ahead(const struct feed *feed, unsigned index)
{
    enum { FAR = 6, NEAR = 3, LINE = 64 };
    if (index >= FAR) {
        const char *far = (const char *)feed->listeners[index - FAR];
        for (size_t i = 0; i < sizeof(struct listener); i += LINE) {
            __builtin_prefetch(far + i);
        }
        websocket_prefetch(feed->listeners[index - NEAR]->websocket);
    }
}

// What has not been written by a batch that failed is written here, and then without one.
static void write_batch(struct shard *shard)
{
    void *users[WEBSOCKET_BATCH];
    unsigned count = 0;
    const enum status status = websocket_batch_write(shard->own.batch, users, &count);
    if (status != STATUS_OK) {
        log_write(LOG_LEVEL_WARNING, "batch_failed", "reason=%s", status_text(status));
        websocket_batch_free(shard->own.batch);
        shard->own.batch = NULL;
    }
    const int64_t now = clock_now_ns();
    for (unsigned i = 0; i < count; i++) {
        pump(shard, users[i], now);
    }
}

static void pump_or_batch(struct shard *shard, struct listener *listener, int64_t now_ns)
{
    if (!shard->own.batch || !listener_offer(listener, now_ns)) {
        pump(shard, listener, now_ns);
    } else if (websocket_batch_add(shard->own.batch, listener->websocket, listener)) {
        write_batch(shard);
    }
}

// From the last to the first, so that one who leaves moves nobody that is still to come.
static void pump_feed(struct shard *shard, struct feed *feed)
{
    const int64_t now = clock_now_ns();
    for (unsigned i = feed->count; i-- > 0;) {
        struct listener *listener = feed->listeners[i];
        fetch_ahead(feed, i);
        if (!listener->watched) {
            pump_or_batch(shard, listener, now);
        }
    }
    if (shard->own.batch) {
        write_batch(shard);
    }
}

static void pump_new(struct shard *shard)
{
    for (size_t i = shard->own.feeds.count; i-- > 0;) {
        if (feed_refresh(shard->own.feeds.list[i])) {
            pump_feed(shard, shard->own.feeds.list[i]);
        }
    }
}

// Looks at those who are in the way of their own end.
static void tend_feed(struct shard *shard, const struct feed *feed, int64_t now_ns)
{
    for (unsigned i = feed->count; i-- > 0;) {
        if (listener_lingers(feed->listeners[i])) {
            pump(shard, feed->listeners[i], now_ns);
        }
    }
}

static void tend(struct shard *shard)
{
    shard->own.tended_ns = clock_now_ns();
    for (size_t f = 0; f < shard->own.feeds.count; f++) {
        tend_feed(shard, shard->own.feeds.list[f], shard->own.tended_ns);
    }
    tend_feed(shard, &shard->own.lobby, shard->own.tended_ns);
}

static void heed(struct shard *shard, const struct epoll_event *event)
{
    struct listener *listener = event->data.ptr;
    if (listener->gone) {
        return;
    }
    if ((event->events & (EPOLLIN | EPOLLHUP | EPOLLERR)) && listener_read(listener) != STATUS_OK) {
        leave(shard, listener);
        return;
    }
    pump(shard, listener, clock_now_ns());
}

// Waits until something happens, at most \p wait_ms.
static void take_turn(struct shard *shard, int wait_ms)
{
    struct epoll_event events[EVENTS];
    const int count = epoll_wait(shard->epoll, events, EVENTS, wait_ms);
    // The descriptor before the flag: who sets the flag behind us writes to it again.
    for (int i = 0; i < count; i++) {
        if (!events[i].data.ptr) {
            uint64_t wakes = 0;
            (void)!read(shard->wake, &wakes, sizeof wakes);
        }
    }
    // First what is due, whatever else there is to hear, and whether or not epoll has come to tell of it.
    if (atomic_exchange(&shard->woken, false)) {
        pump_new(shard);
        if (!atomic_load(&shard->stopping) && admit_some(shard, ADMITTED_A_TURN)) {
            shard_wake(shard);
        }
    }
    for (int i = 0; i < count; i++) {
        if (events[i].data.ptr) {
            heed(shard, &events[i]);
        }
    }
    if (clock_now_ns() - shard->own.tended_ns > wait_ms * NS_PER_MS) {
        tend(shard);
    }
    bury(shard);
}

static void dismiss_all(struct shard *shard)
{
    const int64_t now = clock_now_ns();
    for (size_t f = 0; f < shard->own.feeds.count; f++) {
        const struct feed *feed = shard->own.feeds.list[f];
        for (unsigned i = feed->count; i-- > 0;) {
            struct listener *listener = feed->listeners[i];
            listener_dismiss(listener);
            pump(shard, listener, now);
        }
    }
}

static void say_goodbye(struct shard *shard)
{
    while (admit_some(shard, ADMITTED_A_TURN)) {
    }
    // What is due goes out before the good-bye.
    pump_new(shard);
    dismiss_all(shard);
    bury(shard);
    const int64_t end_ns = clock_now_ns() + LISTENERS_GOODBYE_MS * NS_PER_MS;
    while (atomic_load(&shard->count) > 0 && clock_now_ns() < end_ns) {
        take_turn(shard, GOODBYE_TICK_MS);
    }
}

static void *run(void *user)
{
    struct shard *shard = user;
    // Made here: it belongs to the thread.
    const enum status status = shard->options.singly ? STATUS_UNSUPPORTED : websocket_batch_new(&shard->own.batch);
    if (status != STATUS_OK && !shard->options.singly) {
        log_write(LOG_LEVEL_INFO, "no_batches", "reason=%s consequence=%s", status_text(status),
                  "a system call for each write: io_uring wants Linux 6.1, and containers may forbid it");
    }
    while (!atomic_load(&shard->stopping)) {
        take_turn(shard, TEND_MS);
    }
    say_goodbye(shard);
    websocket_batch_free(shard->own.batch);
    return NULL;
}

// Making and freeing.

static enum status start(struct shard *shard)
{
    shard->epoll = epoll_create1(EPOLL_CLOEXEC);
    shard->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    if (shard->epoll < 0 || shard->wake < 0 || epoll_ctl(shard->epoll, EPOLL_CTL_ADD, shard->wake, &event) != 0) {
        return STATUS_IO;
    }
    if (pthread_create(&shard->thread, NULL, run, shard) != 0) {
        return STATUS_NO_MEMORY;
    }
    shard->running = true;
    return STATUS_OK;
}

enum status shard_new(const struct listeners_options *options, unsigned number, struct shard **out)
{
    struct shard *shard = calloc(1, sizeof *shard);
    if (!shard) {
        return STATUS_NO_MEMORY;
    }
    shard->options = *options;
    shard->own.feeds.bit = UINT32_C(1) << number;
    shard->epoll = shard->wake = -1;
    arrivals_init(&shard->arrivals);
    const enum status status = start(shard);
    if (status != STATUS_OK) {
        shard_free(shard);
        return status;
    }
    *out = shard;
    return STATUS_OK;
}

static void close_fd(int fd)
{
    if (fd >= 0) {
        (void)close(fd);
    }
}

void shard_ask_to_stop(struct shard *shard)
{
    atomic_store(&shard->stopping, true);
    shard_wake(shard);
}

static void empty(struct shard *shard, const struct feed *feed)
{
    while (feed->count > 0) {
        leave(shard, feed->listeners[0]);
    }
}

static void leave_all(struct shard *shard)
{
    for (size_t f = 0; f < shard->own.feeds.count; f++) {
        empty(shard, shard->own.feeds.list[f]);
    }
    empty(shard, &shard->own.lobby);
    bury(shard);
    for (struct arrival *arrival; (arrival = arrivals_take(&shard->arrivals));) {
        listeners_drop(&shard->options, &arrival->join);
        free(arrival);
    }
}

void shard_free(struct shard *shard)
{
    if (!shard) {
        return;
    }
    if (shard->running) {
        shard_ask_to_stop(shard);
        (void)pthread_join(shard->thread, NULL);
    }
    leave_all(shard);
    close_fd(shard->wake);
    close_fd(shard->epoll);
    arrivals_done(&shard->arrivals);
    feeds_done(&shard->own.feeds);
    free(shard->own.lobby.listeners);
    free(shard);
}

void shard_add(struct shard *shard, const struct listeners_join *join)
{
    atomic_fetch_add(&shard->count, 1);
    if (arrivals_put(&shard->arrivals, join) == STATUS_OK) {
        shard_wake(shard);
        return;
    }
    atomic_fetch_sub(&shard->count, 1);
    log_write(LOG_LEVEL_WARNING, "listener_refused", "reason=%s", status_text(STATUS_NO_MEMORY));
    listeners_drop(&shard->options, join);
}

unsigned shard_count(const struct shard *shard)
{
    return atomic_load(&shard->count);
}

void shard_wake(struct shard *shard)
{
    const uint64_t one = 1;
    if (!atomic_exchange(&shard->woken, true)) {
        (void)!write(shard->wake, &one, sizeof one);
    }
}
