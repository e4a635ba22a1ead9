// SPDX-License-Identifier: GPL-3.0-or-later
// One epoll set holds an eventfd, which stands for "there is something new", and every listener's socket. A socket is
// watched for writing only after it was full. Newcomers come in through a small list under a lock.
//
// What is new goes to everyone; what a socket has to say concerns that listener alone, so that one who floods the
// server costs the others nothing but its share of the thread.
#include "station/listeners.h"

#include "core/clock.h"
#include "core/log.h"
#include "station/listener.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { EVENTS = 64, TICK_MS = 1000, GOODBYE_TICK_MS = 50 };

static const int64_t NS_PER_MS = 1000000;

struct arrival {
    struct listeners_join join;
    struct arrival *next;
    uint8_t extra[];
};

struct listeners {
    struct listeners_options options;
    int epoll;
    int wake;
    pthread_t thread;
    bool running;
    _Atomic bool stopping;
    _Atomic unsigned count;

    struct { ///< the listeners' thread alone
        struct listener *all[LISTENERS_MAX];
        bool watched[LISTENERS_MAX]; ///< for writing too
        unsigned count;
    } own;

    pthread_mutex_t lock; ///< guards what follows
    struct arrival *arrivals;
};

static void watch(struct listeners *listeners, unsigned index, bool writing, int operation)
{
    struct epoll_event event = {.events = EPOLLIN | (writing ? EPOLLOUT : 0U), .data.ptr = listeners->own.all[index]};
    if (epoll_ctl(listeners->epoll, operation, listener_fd(listeners->own.all[index]), &event) != 0) {
        log_write(LOG_LEVEL_WARNING, "epoll_failed", "reason=%s", strerror(errno));
    }
    listeners->own.watched[index] = writing;
}

static void leave(struct listeners *listeners, unsigned index)
{
    listener_free(listeners->own.all[index]); // closing takes the socket out of the epoll set
    const unsigned last = --listeners->own.count;
    listeners->own.all[index] = listeners->own.all[last];
    listeners->own.watched[index] = listeners->own.watched[last];
    atomic_store(&listeners->count, last);
}

static void admit(struct listeners *listeners, const struct arrival *arrival)
{
    struct listeners_join join = arrival->join;
    join.extra = arrival->extra;
    if (listeners->own.count == LISTENERS_MAX) {
        (void)close(join.socket);
        log_write(LOG_LEVEL_WARNING, "listener_refused", "reason=%s limit=%d", "all places are taken", LISTENERS_MAX);
        return;
    }
    struct listener *listener = listener_new(&listeners->options, &join);
    if (!listener) {
        log_write(LOG_LEVEL_WARNING, "listener_refused", "reason=%s", status_text(STATUS_NO_MEMORY));
        return;
    }
    const unsigned index = listeners->own.count;
    listeners->own.all[index] = listener;
    watch(listeners, index, false, EPOLL_CTL_ADD);
    atomic_store(&listeners->count, ++listeners->own.count);
    // No epoll tells of what came with the handshake.
    if (listener_read(listener) == STATUS_CLOSED) {
        leave(listeners, index);
    }
}

static void admit_all(struct listeners *listeners)
{
    pthread_mutex_lock(&listeners->lock);
    struct arrival *arrival = listeners->arrivals;
    listeners->arrivals = NULL;
    pthread_mutex_unlock(&listeners->lock);
    while (arrival) {
        struct arrival *next = arrival->next;
        admit(listeners, arrival);
        free(arrival);
        arrival = next;
    }
}

static void pump(struct listeners *listeners, unsigned index, int64_t now_ns)
{
    const enum status status = listener_pump(listeners->own.all[index], now_ns);
    if (status == STATUS_CLOSED) {
        leave(listeners, index);
    } else if ((status == STATUS_AGAIN) != listeners->own.watched[index]) {
        watch(listeners, index, status == STATUS_AGAIN, EPOLL_CTL_MOD);
    }
}

// From the last to the first, so that one who leaves moves nobody that is still to come.
static void pump_all(struct listeners *listeners)
{
    const int64_t now = clock_now_ns();
    for (unsigned i = listeners->own.count; i-- > 0;) {
        pump(listeners, i, now);
    }
}

static unsigned index_of(const struct listeners *listeners, const struct listener *listener)
{
    unsigned i = 0;
    while (i < listeners->own.count && listeners->own.all[i] != listener) {
        i++;
    }
    return i;
}

static void heed(struct listeners *listeners, const struct epoll_event *event)
{
    // A listener may have left since epoll spoke of it.
    const unsigned index = index_of(listeners, event->data.ptr);
    if (index == listeners->own.count) {
        return;
    }
    if ((event->events & (EPOLLIN | EPOLLHUP | EPOLLERR)) && listener_read(listeners->own.all[index]) != STATUS_OK) {
        leave(listeners, index);
        return;
    }
    pump(listeners, index, clock_now_ns());
}

// Waits until something happens, at most \p wait_ms.
static void take_turn(struct listeners *listeners, int wait_ms)
{
    struct epoll_event events[EVENTS];
    const int count = epoll_wait(listeners->epoll, events, EVENTS, wait_ms);
    bool is_new = count <= 0;
    for (int i = 0; i < count; i++) {
        if (events[i].data.ptr) {
            heed(listeners, &events[i]);
        } else {
            uint64_t wakes = 0;
            (void)!read(listeners->wake, &wakes, sizeof wakes);
            is_new = true;
        }
    }
    if (is_new) {
        if (!atomic_load(&listeners->stopping)) {
            admit_all(listeners);
        }
        pump_all(listeners);
    }
}

static void say_goodbye(struct listeners *listeners)
{
    admit_all(listeners);
    for (unsigned i = 0; i < listeners->own.count; i++) {
        listener_dismiss(listeners->own.all[i]);
    }
    pump_all(listeners);
    const int64_t end_ns = clock_now_ns() + LISTENERS_GOODBYE_MS * NS_PER_MS;
    while (listeners->own.count > 0 && clock_now_ns() < end_ns) {
        take_turn(listeners, GOODBYE_TICK_MS);
    }
}

static void *run(void *user)
{
    struct listeners *listeners = user;
    while (!atomic_load(&listeners->stopping)) {
        take_turn(listeners, TICK_MS);
    }
    say_goodbye(listeners);
    return NULL;
}

static enum status start(struct listeners *listeners)
{
    listeners->epoll = epoll_create1(EPOLL_CLOEXEC);
    listeners->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    if (listeners->epoll < 0 || listeners->wake < 0 ||
        epoll_ctl(listeners->epoll, EPOLL_CTL_ADD, listeners->wake, &event) != 0) {
        return STATUS_IO;
    }
    if (pthread_create(&listeners->thread, NULL, run, listeners) != 0) {
        return STATUS_NO_MEMORY;
    }
    listeners->running = true;
    return STATUS_OK;
}

enum status listeners_new(const struct listeners_options *options, struct listeners **out)
{
    struct listeners *listeners = calloc(1, sizeof *listeners);
    if (!listeners) {
        return STATUS_NO_MEMORY;
    }
    listeners->options = *options;
    listeners->epoll = listeners->wake = -1;
    pthread_mutex_init(&listeners->lock, NULL);
    const enum status status = start(listeners);
    if (status != STATUS_OK) {
        listeners_free(listeners);
        return status;
    }
    *out = listeners;
    return STATUS_OK;
}

static void close_fd(int fd)
{
    if (fd >= 0) {
        (void)close(fd);
    }
}

void listeners_free(struct listeners *listeners)
{
    if (!listeners) {
        return;
    }
    if (listeners->running) {
        atomic_store(&listeners->stopping, true);
        listeners_wake(listeners);
        pthread_join(listeners->thread, NULL);
    }
    while (listeners->own.count > 0) {
        leave(listeners, listeners->own.count - 1);
    }
    while (listeners->arrivals) {
        struct arrival *next = listeners->arrivals->next;
        close_fd(listeners->arrivals->join.socket);
        free(listeners->arrivals);
        listeners->arrivals = next;
    }
    close_fd(listeners->wake);
    close_fd(listeners->epoll);
    pthread_mutex_destroy(&listeners->lock);
    free(listeners);
}

void listeners_add(struct listeners *listeners, const struct listeners_join *join)
{
    struct arrival *arrival = malloc(sizeof *arrival + join->extra_size);
    if (!arrival) {
        log_write(LOG_LEVEL_WARNING, "listener_refused", "reason=%s", status_text(STATUS_NO_MEMORY));
        close_fd(join->socket);
        return;
    }
    arrival->join = *join;
    if (join->extra_size > 0) {
        memcpy(arrival->extra, join->extra, join->extra_size);
    }
    pthread_mutex_lock(&listeners->lock);
    arrival->next = listeners->arrivals;
    listeners->arrivals = arrival;
    pthread_mutex_unlock(&listeners->lock);
    listeners_wake(listeners);
}

unsigned listeners_room(const struct listeners *listeners)
{
    return LISTENERS_MAX - atomic_load(&listeners->count);
}

void listeners_wake(struct listeners *listeners)
{
    const uint64_t one = 1;
    (void)!write(listeners->wake, &one, sizeof one);
}
