// SPDX-License-Identifier: GPL-3.0-or-later
// The null device by a clock of the test's own, put into the place of the real one by the linker: time passes only
// when the device sleeps, and where a callback says so. So a week of periods can be looked at to the nanosecond.
#include "play/device.h"

#include "core/clock.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

enum { RATE = 44100, BLOCK = 64, PERIODS = 1000000 };

static const uint64_t NS_PER_S = 1000000000;

/// The linker puts these in the places of the real ones, so that they cannot be given anything.
static _Atomic int64_t now_ns;
static pthread_t main_thread;

// NOLINTBEGIN(bugprone-reserved-identifier): the names are the linker's
int64_t __wrap_clock_now_ns(void);
int64_t __wrap_clock_now_ns(void)
{
    return atomic_load(&now_ns);
}

void __wrap_clock_sleep_until(int64_t deadline_ns);
void __wrap_clock_sleep_until(int64_t deadline_ns)
{
    if (pthread_equal(pthread_self(), main_thread)) {
        (void)nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    } else if (atomic_load(&now_ns) < deadline_ns) {
        atomic_store(&now_ns, deadline_ns);
    }
}
// NOLINTEND(bugprone-reserved-identifier)

struct watch {
    uint64_t slow_at, slow_ns; ///< the call that takes so long
    uint64_t until;            ///< how many calls are looked at
    uint64_t calls;
    int64_t begun_ns;   ///< of the first call
    int64_t slipped_ns; ///< how much later than by the clock of call 0 the last one came
    uint64_t untimely;  ///< calls that came later than to the nanosecond
    atomic_bool is_done;
};

static int64_t due_ns(uint64_t period) REALTIME
{
    const uint64_t frames = period * BLOCK;
    return (int64_t)(frames / RATE * NS_PER_S + frames % RATE * NS_PER_S / RATE);
}

static void look(void *closure, const float *const *in, float *const *out, uint32_t frames) REALTIME
{
    (void)in;
    (void)out;
    (void)frames;
    struct watch *watch = closure;
    if (watch->calls >= watch->until) {
        atomic_store(&watch->is_done, true);
        return;
    }
    const int64_t now = atomic_load(&now_ns);
    if (watch->calls == 0) {
        watch->begun_ns = now;
    }
    watch->slipped_ns = now - watch->begun_ns - due_ns(watch->calls);
    watch->untimely += watch->slipped_ns != 0;
    if (watch->slow_ns && watch->calls == watch->slow_at) {
        atomic_fetch_add(&now_ns, (int64_t)watch->slow_ns);
    }
    watch->calls++;
}

/// Plays until the watch has seen what it wanted; returns what was counted.
static uint64_t play(struct watch *watch)
{
    struct device *device = NULL;
    assert_int_equal(device_open(&(struct device_options){.kind = "null", .outs = 2, .rate = RATE, .block = BLOCK},
                                 look, watch, &device, NULL),
                     STATUS_OK);
    assert_int_equal(device_start(device, NULL), STATUS_OK);
    while (!atomic_load(&watch->is_done)) {
        (void)nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    device_stop(device);
    const uint64_t xruns = device_xruns(device);
    device_close(device);
    return xruns;
}

static void does_not_drift(void **state)
{
    (void)state;
    struct watch watch = {.until = PERIODS};
    assert_int_equal(play(&watch), 0);
    assert_int_equal(watch.untimely, 0);
    assert_int_equal(watch.slipped_ns, 0);
}

static void catches_up_without_haste_after_one_that_is_late_by_less_than_a_period(void **state)
{
    (void)state;
    // Call 10 takes one and a half periods: 11 begins half a period late, 12 a quarter, 13 in time but for rounding.
    struct watch watch = {.until = 1000, .slow_at = 10, .slow_ns = (uint64_t)due_ns(3) / 2};
    assert_int_equal(play(&watch), 0);
    assert_in_range(watch.untimely, 2, 3);
    assert_int_equal(watch.slipped_ns, 0);
}

static void counts_what_began_late_by_periods_and_goes_on_from_there(void **state)
{
    (void)state;
    // Call 10 takes three and a half periods: 11 begins 2.5 late, and so do all after it.
    struct watch watch = {.until = 1000, .slow_at = 10, .slow_ns = (uint64_t)due_ns(7) / 2};
    assert_int_equal(play(&watch), 2);
    assert_int_equal(watch.untimely, 1000 - 11);
    assert_in_range(watch.slipped_ns, due_ns(5) / 2 - 2, due_ns(5) / 2 + 2);
}

static void goes_on_from_now_after_an_outage_and_counts_every_period_lost(void **state)
{
    (void)state;
    struct watch watch = {.until = 1000, .slow_at = 10, .slow_ns = NS_PER_S};
    const uint64_t lost = (NS_PER_S - (uint64_t)due_ns(1)) / (uint64_t)due_ns(1);
    assert_int_equal(play(&watch), lost);
    // Every one after it is late by the same, so none was hurried, and none skipped.
    assert_int_equal(watch.untimely, 1000 - 11);
    assert_in_range(watch.slipped_ns, NS_PER_S - (uint64_t)due_ns(1) - 2, NS_PER_S - (uint64_t)due_ns(1) + 2);
}

int main(void)
{
    main_thread = pthread_self();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(does_not_drift),
        cmocka_unit_test(catches_up_without_haste_after_one_that_is_late_by_less_than_a_period),
        cmocka_unit_test(counts_what_began_late_by_periods_and_goes_on_from_there),
        cmocka_unit_test(goes_on_from_now_after_an_outage_and_counts_every_period_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
