// SPDX-License-Identifier: GPL-3.0-or-later
// A thread waits for its sockets, but no longer than until the next start or tick. The one that throws bytes away also
// pauses between turns while nobody's first chunk is awaited, so that it finds many sockets ready at once and takes
// less of the machine that it shares with the server.
#include "cmd/bench_listeners_crowd.h"

#include "core/clock.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { THREADS = 2, DISCARDERS = 0, CHECKERS = 1, EVENTS = 512, START_MS = 2, TICK_MS = 100, PAUSE_MS = 10 };

static const int64_t NS_PER_MS = 1000000;
static const int64_t NS_PER_S = 1000000000;

struct crowd_thread {
    struct crowd *crowd;
    struct load_loop loop;
    struct load_client *clients;
    size_t count;
    size_t room;
    size_t started;
    int64_t ticked_ns;
    _Atomic int64_t longest_ns;
    pthread_t thread;
    bool running;
};

struct crowd {
    struct load_plan *plan;
    _Atomic bool stopping;
    struct crowd_thread threads[THREADS];
};

enum status crowd_new(struct load_plan *plan, uint64_t seed, struct crowd **out)
{
    struct crowd *crowd = calloc(1, sizeof *crowd);
    if (!crowd) {
        return STATUS_NO_MEMORY;
    }
    crowd->plan = plan;
    for (int i = 0; i < THREADS; i++) {
        crowd->threads[i].crowd = crowd;
        crowd->threads[i].loop.plan = plan;
        crowd->threads[i].loop.epoll = -1;
        random_init(&crowd->threads[i].loop.random, seed, (uint64_t)i);
    }
    for (int i = 0; i < THREADS; i++) {
        crowd->threads[i].loop.epoll = epoll_create1(EPOLL_CLOEXEC);
        if (crowd->threads[i].loop.epoll < 0) {
            crowd_free(crowd);
            return STATUS_IO;
        }
    }
    *out = crowd;
    return STATUS_OK;
}

static struct load_client *add_client(struct crowd_thread *thread)
{
    if (thread->count == thread->room) {
        const size_t room = thread->room > 0 ? 2 * thread->room : 64;
        struct load_client *clients = realloc(thread->clients, room * sizeof *clients);
        if (!clients) {
            return NULL;
        }
        thread->clients = clients;
        thread->room = room;
    }
    return &thread->clients[thread->count++];
}

enum status crowd_add(struct crowd *crowd, enum load_role role, size_t count, size_t check, bool stormed,
                      struct tally *tally, int64_t start_ns, double ramp_s)
{
    for (size_t i = 0; i < count; i++) {
        const bool checks = role == LOAD_LISTENER && i % check == 0;
        struct crowd_thread *thread = &crowd->threads[checks ? CHECKERS : DISCARDERS];
        struct load_client *client = add_client(thread);
        if (!client) {
            return STATUS_NO_MEMORY;
        }
        // Each thread's clients are dealt over all the targets, or one in a hundred might check the same few.
        const size_t target = (thread->count - 1) % crowd->plan->target_count;
        const double delay_s = ramp_s * (double)i / (double)count;
        *client = (struct load_client){.role = checks ? LOAD_CHECKER : role,
                                       .stormed = stormed,
                                       .target = crowd->plan->targets[target],
                                       .tally = tally,
                                       .start_ns = start_ns + (int64_t)(delay_s * (double)NS_PER_S),
                                       .fd = -1};
    }
    tally_add(tally, TALLY_WANTED, count);
    return STATUS_OK;
}

static void start_due(struct crowd_thread *thread, int64_t now_ns)
{
    while (thread->started < thread->count && thread->clients[thread->started].start_ns <= now_ns) {
        load_client_start(&thread->loop, &thread->clients[thread->started++], now_ns);
    }
}

static void tick_due(struct crowd_thread *thread, int64_t now_ns)
{
    if (now_ns - thread->ticked_ns < TICK_MS * NS_PER_MS) {
        return;
    }
    thread->ticked_ns = now_ns;
    for (size_t i = 0; i < thread->started; i++) {
        load_client_tick(&thread->loop, &thread->clients[i], now_ns);
    }
}

static void note_turn(struct crowd_thread *thread, int64_t began_ns)
{
    const int64_t took_ns = clock_now_ns() - began_ns;
    if (took_ns > atomic_load_explicit(&thread->longest_ns, memory_order_relaxed)) {
        atomic_store_explicit(&thread->longest_ns, took_ns, memory_order_relaxed);
    }
}

static void turn(struct crowd_thread *thread, bool pauses)
{
    struct epoll_event events[EVENTS];
    const bool starting = thread->started < thread->count;
    if (pauses && !starting && thread->loop.opening == 0) {
        clock_sleep_until(clock_now_ns() + PAUSE_MS * NS_PER_MS);
    }
    const int ready = epoll_wait(thread->loop.epoll, events, EVENTS, starting ? START_MS : TICK_MS);
    const int64_t began_ns = clock_now_ns();
    for (int i = 0; i < ready; i++) {
        load_client_event(&thread->loop, events[i].data.ptr, events[i].events, clock_now_ns());
    }
    start_due(thread, clock_now_ns());
    tick_due(thread, clock_now_ns());
    note_turn(thread, began_ns);
}

static void *run(void *argument)
{
    struct crowd_thread *thread = argument;
    const bool pauses = thread == &thread->crowd->threads[DISCARDERS];
    while (!atomic_load_explicit(&thread->crowd->stopping, memory_order_relaxed)) {
        turn(thread, pauses);
    }
    for (size_t i = 0; i < thread->started; i++) {
        load_client_end(&thread->loop, &thread->clients[i]);
    }
    return NULL;
}

static int compare_starts(const void *a, const void *b)
{
    const struct load_client *left = a;
    const struct load_client *right = b;
    return (left->start_ns > right->start_ns) - (left->start_ns < right->start_ns);
}

enum status crowd_start(struct crowd *crowd)
{
    for (int i = 0; i < THREADS; i++) {
        struct crowd_thread *thread = &crowd->threads[i];
        if (thread->count > 0) {
            qsort(thread->clients, thread->count, sizeof *thread->clients, compare_starts);
        }
        if (pthread_create(&thread->thread, NULL, run, thread) != 0) {
            return STATUS_NO_MEMORY;
        }
        thread->running = true;
    }
    return STATUS_OK;
}

int64_t crowd_longest_turn_ns(const struct crowd *crowd)
{
    int64_t longest_ns = 0;
    for (int i = 0; i < THREADS; i++) {
        const int64_t found_ns = atomic_load_explicit(&crowd->threads[i].longest_ns, memory_order_relaxed);
        longest_ns = found_ns > longest_ns ? found_ns : longest_ns;
    }
    return longest_ns;
}

void crowd_free(struct crowd *crowd)
{
    if (!crowd) {
        return;
    }
    atomic_store(&crowd->stopping, true);
    for (int i = 0; i < THREADS; i++) {
        struct crowd_thread *thread = &crowd->threads[i];
        if (thread->running) {
            (void)pthread_join(thread->thread, NULL);
        }
        if (thread->loop.epoll >= 0) {
            (void)close(thread->loop.epoll);
        }
        free(thread->clients);
    }
    free(crowd);
}
