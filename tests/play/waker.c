// SPDX-License-Identifier: GPL-3.0-or-later
// What a sleeper counts as a wake is a call of edge_wait() that returned long before its time was over.
#include "play/waker.h"

#include "core/clock.h"
#include "play/edge.h"

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include <cmocka.h>

enum { PRIORITY = 2, RINGS = 2000, PATIENCE_MS = 20000 };

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

static void every_ring_wakes_on_every_processor(void **state)
{
    (void)state;
    struct sleeper sleeper;
    cpu_set_t allowed;
    assert_int_equal(sched_getaffinity(0, sizeof allowed, &allowed), 0);
    struct waker *waker = new_waker(&sleeper.word);
    start(&sleeper);
    for (size_t cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (CPU_ISSET(cpu, &allowed)) {
            ring_on(cpu, waker, &sleeper);
        }
    }
    assert_int_equal(sched_setaffinity(0, sizeof allowed, &allowed), 0);
    waker_free(waker);
    stop(&sleeper);
}

static void where_it_has_no_thread_the_caller_wakes(void **state)
{
    (void)state;
    struct sleeper sleeper;
    cpu_set_t allowed, first;
    assert_int_equal(sched_getaffinity(0, sizeof allowed, &allowed), 0);
    size_t cpu = 0;
    while (!CPU_ISSET(cpu, &allowed)) {
        cpu++;
    }
    CPU_ZERO(&first);
    CPU_SET(cpu, &first);
    assert_int_equal(sched_setaffinity(0, sizeof first, &first), 0);
    struct waker *waker = new_waker(&sleeper.word);
    assert_int_equal(sched_setaffinity(0, sizeof allowed, &allowed), 0);
    start(&sleeper);
    for (cpu++; cpu < CPU_SETSIZE; cpu++) {
        if (CPU_ISSET(cpu, &allowed)) {
            ring_on(cpu, waker, &sleeper);
            break;
        }
    }
    assert_int_equal(sched_setaffinity(0, sizeof allowed, &allowed), 0);
    waker_free(waker);
    stop(&sleeper);
}

// One who rings and stays on the processor, in real time, would keep the waker's thread from it.
static void who_stays_can_have_them_woken_now(void **state)
{
    (void)state;
    struct sleeper sleeper;
    struct waker *waker = new_waker(&sleeper.word);
    start(&sleeper);
    for (int ring = 0; ring < RINGS; ring++) {
        atomic_fetch_add(&sleeper.word, 1);
        waker_ring(waker);
        waker_hurry(waker);
        assert_true(has_seen(&sleeper));
        waker_hurry(waker);
    }
    waker_free(waker);
    stop(&sleeper);
}

static void nothing_to_free_is_fine(void **state)
{
    (void)state;
    waker_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_ring_wakes_on_every_processor),
        cmocka_unit_test(where_it_has_no_thread_the_caller_wakes),
        cmocka_unit_test(who_stays_can_have_them_woken_now),
        cmocka_unit_test(nothing_to_free_is_fine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
