// SPDX-License-Identifier: GPL-3.0-or-later
// What a sleeper counts as a wake is a call of edge_wait() that returned long before its time was over.
#include "play/waker.h"

#include "core/clock.h"
#include "play/edge.h"

#include "stage.h"

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include <cmocka.h>

enum { PRIORITY = 2, RINGS = 2000, PATIENCE_MS = 20000 };

// The processors that the test may use, first of all.
struct cpus {
    cpu_set_t allowed;
    size_t cpu[2];
    size_t count;
};

static int look_at_cpus(void **state)
{
    static struct cpus cpus;
    cpus.count = 0;
    if (sched_getaffinity(0, sizeof cpus.allowed, &cpus.allowed) != 0) {
        return -1;
    }
    for (size_t cpu = 0; cpu < CPU_SETSIZE && cpus.count < 2; cpu++) {
        if (CPU_ISSET(cpu, &cpus.allowed)) {
            cpus.cpu[cpus.count++] = cpu;
        }
    }
    *state = &cpus;
    return 0;
}

// Whatever a test did to the thread.
static int use_all_cpus(void **state)
{
    const struct cpus *cpus = *state;
    const struct sched_param parameters = {.sched_priority = 0};
    (void)pthread_setschedparam(pthread_self(), SCHED_OTHER, &parameters);
    return pthread_setaffinity_np(pthread_self(), sizeof cpus->allowed, &cpus->allowed);
}

struct sleeper {
    _Atomic uint32_t word, seen;
    atomic_bool over;
    pthread_t thread;
};

static void *sleep_at_word(void *argument)
{
    struct sleeper *sleeper = argument;
    while (!atomic_load(&sleeper->over)) {
        const uint32_t now = atomic_load(&sleeper->word);
        atomic_store(&sleeper->seen, now);
        edge_wait(&sleeper->word, now, PATIENCE_MS);
    }
    return NULL;
}

static void start(struct sleeper *sleeper)
{
    *sleeper = (struct sleeper){.word = 0};
    assert_int_equal(pthread_create(&sleeper->thread, NULL, sleep_at_word, sleeper), 0);
}

static void stop(struct sleeper *sleeper)
{
    atomic_store(&sleeper->over, true);
    atomic_fetch_add(&sleeper->word, 1);
    edge_wake(&sleeper->word);
    (void)pthread_join(sleeper->thread, NULL);
}

// Whether the sleeper sees the word as it is now before half of its patience is over.
static bool has_seen(const struct sleeper *sleeper)
{
    const int64_t end = clock_now_ns() + PATIENCE_MS / 2 * INT64_C(1000000);
    while (clock_now_ns() < end) {
        if (atomic_load(&sleeper->seen) == atomic_load(&sleeper->word)) {
            return true;
        }
        clock_sleep_until(clock_now_ns() + 20000);
    }
    return false;
}

static void ring_on(size_t cpu, struct waker *waker, struct sleeper *sleeper)
{
    cpu_set_t only;
    CPU_ZERO(&only);
    CPU_SET(cpu, &only);
    assert_int_equal(pthread_setaffinity_np(pthread_self(), sizeof only, &only), 0);
    for (int ring = 0; ring < RINGS; ring++) {
        atomic_fetch_add(&sleeper->word, 1);
        waker_ring(waker);
        assert_true(has_seen(sleeper));
    }
}

static struct waker *new_waker(_Atomic uint32_t *word)
{
    struct waker *waker = waker_new(word, PRIORITY);
    if (!waker) {
        print_message("no thread may run in real time here\n");
        skip();
    }
    return waker;
}

struct watcher {
    _Atomic uint32_t *pulse;
    atomic_bool ready;
    int64_t took_ns;
};

static void *watch_pulse(void *argument)
{
    struct watcher *watcher = argument;
    const uint32_t seen = atomic_load(watcher->pulse);
    atomic_store(&watcher->ready, true);
    const int64_t start_ns = clock_now_ns();
    while (atomic_load(watcher->pulse) == seen) {
        edge_wait(watcher->pulse, seen, PATIENCE_MS);
    }
    watcher->took_ns = clock_now_ns() - start_ns;
    return NULL;
}

static void every_ring_wakes_on_every_processor(void **state)
{
    const struct cpus *cpus = *state;
    struct sleeper sleeper;
    struct waker *waker = new_waker(&sleeper.word);
    start(&sleeper);
    for (size_t cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (CPU_ISSET(cpu, &cpus->allowed)) {
            ring_on(cpu, waker, &sleeper);
        }
    }
    waker_free(waker);
    stop(&sleeper);
}

static void where_it_has_no_thread_the_caller_wakes(void **state)
{
    const struct cpus *cpus = *state;
    if (cpus->count < 2) {
        skip();
    }
    struct sleeper sleeper;
    cpu_set_t first;
    CPU_ZERO(&first);
    CPU_SET(cpus->cpu[0], &first);
    assert_int_equal(sched_setaffinity(0, sizeof first, &first), 0);
    struct waker *waker = new_waker(&sleeper.word);
    start(&sleeper);
    ring_on(cpus->cpu[1], waker, &sleeper);
    waker_free(waker);
    stop(&sleeper);
}

static void run_on(pthread_t thread, size_t cpu, int priority)
{
    cpu_set_t only;
    CPU_ZERO(&only);
    CPU_SET(cpu, &only);
    const struct sched_param parameters = {.sched_priority = priority};
    assert_int_equal(pthread_setaffinity_np(thread, sizeof only, &only), 0);
    assert_int_equal(pthread_setschedparam(thread, priority ? SCHED_FIFO : SCHED_OTHER, &parameters), 0);
}

// Whether the sleeper sees the word as it is now within \p ns, in which the caller does not leave the processor.
static bool sees_within(const struct sleeper *sleeper, int64_t ns)
{
    const int64_t end = clock_now_ns() + ns;
    while (clock_now_ns() < end) {
        if (atomic_load(&sleeper->seen) == atomic_load(&sleeper->word)) {
            return true;
        }
    }
    return false;
}

// One who rings and stays on the processor, in real time as a callback is, keeps the waker's thread from it. The
// sleeper is on another one.
static void who_stays_wakes_nobody_until_it_hurries(void **state)
{
    enum { STAYS = 20, STAY_NS = 2000000, LONG_NS = 500000000 };
    const struct cpus *cpus = *state;
    if (cpus->count < 2) {
        skip();
    }
    struct sleeper sleeper;
    struct waker *waker = new_waker(&sleeper.word);
    start(&sleeper);
    run_on(sleeper.thread, cpus->cpu[1], PRIORITY);
    run_on(pthread_self(), cpus->cpu[0], PRIORITY + 1);
    int deferred = 0;
    for (int stay = 0; stay < STAYS; stay++) {
        atomic_fetch_add(&sleeper.word, 1);
        waker_ring(waker);
        // A sleeper that was yet to fall asleep sees it all the same.
        deferred += sees_within(&sleeper, STAY_NS) ? 0 : 1;
        waker_hurry(waker);
        assert_true(sees_within(&sleeper, LONG_NS));
        clock_sleep_until(clock_now_ns() + STAY_NS);
    }
    run_on(pthread_self(), cpus->cpu[0], 0);
    assert_true(deferred > STAYS / 2);
    waker_free(waker);
    stop(&sleeper);
}

// Blocks end in it, and what waits for the next one is woken.
static void a_conductor_rings_it(void **state)
{
    (void)state;
    struct stage *stage = stage_new(64, 0, 2);
    struct waker *waker = new_waker(&stage->score->pulse);
    conductor_wake_by(stage->conductor, waker);
    pthread_t thread;
    struct watcher watcher = {.pulse = &stage->score->pulse};
    assert_int_equal(pthread_create(&thread, NULL, watch_pulse, &watcher), 0);
    while (!atomic_load(&watcher.ready)) {
        clock_sleep_until(clock_now_ns() + 100000);
    }
    stage_warm_up(stage, 1);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_true(watcher.took_ns < PATIENCE_MS / 2 * INT64_C(1000000));
    waker_free(waker);
    stage_free(stage);
}

static void nothing_to_free_is_fine(void **state)
{
    (void)state;
    waker_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(every_ring_wakes_on_every_processor, use_all_cpus),
        cmocka_unit_test_teardown(where_it_has_no_thread_the_caller_wakes, use_all_cpus),
        cmocka_unit_test_teardown(who_stays_wakes_nobody_until_it_hurries, use_all_cpus),
        cmocka_unit_test(a_conductor_rings_it),
        cmocka_unit_test(nothing_to_free_is_fine),
    };
    return cmocka_run_group_tests(tests, look_at_cpus, NULL);
}
