// SPDX-License-Identifier: GPL-3.0-or-later
#include "station/pace.h"

#include "core/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static const int64_t NS_PER_MS = 1000000;

static void expect_phase(const struct pace *pace)
{
    assert_int_equal((pace->due_ns - pace->phase_ns) % pace->period_ns, 0);
}

static void test_chunks_are_due_at_the_phase(void **state)
{
    (void)state;
    static const double speeds[] = {1, 50, 0.5, 1000};
    for (uint32_t phase = 0; phase < 100; phase += 33) {
        for (size_t s = 0; s < sizeof speeds / sizeof *speeds; s++) {
            for (unsigned behind = 0; behind < 12; behind++) {
                struct pace pace;
                const int64_t now = 987654321987 + phase * 7919;
                pace_init(&pace, speeds[s], phase);
                assert_true(pace.period_ns == (int64_t)((double)(100 * NS_PER_MS) / speeds[s]));
                pace_begin(&pace, now, behind);
                expect_phase(&pace);
                unsigned were_due = 0;
                while (pace_is_behind(&pace)) {
                    assert_true(pace.due_ns <= now);
                    assert_int_equal(pace_advance(&pace, now), 0);
                    were_due++;
                }
                expect_phase(&pace);
                assert_int_equal(were_due, behind);
                assert_true(pace.due_ns > now && pace.due_ns - now <= (behind > 0 ? 1 : 2) * pace.period_ns);
                assert_true(behind > 0 || pace.due_ns - now > pace.period_ns);
            }
        }
    }
}

static void test_real_time_has_its_phase_in_milliseconds(void **state)
{
    (void)state;
    struct pace pace;
    pace_init(&pace, 1, 37);
    pace_begin(&pace, 987123456789, 3);
    for (int i = 0; i < 10; i++) {
        assert_int_equal(pace.due_ns / NS_PER_MS % 100, 37);
        assert_int_equal(pace.due_ns % NS_PER_MS, 0);
        (void)pace_advance(&pace, 0);
    }
}

static void test_due_times_never_go_back(void **state)
{
    (void)state;
    struct pace pace;
    int64_t now = 5000 * NS_PER_MS;
    pace_init(&pace, 1, 5);
    pace_begin(&pace, now, 0);
    const int64_t next = pace.due_ns;
    // It slept for no time at all: there is nothing to be behind with.
    pace_begin(&pace, now, 3);
    assert_int_equal(pace.due_ns, next);
    assert_false(pace_is_behind(&pace));
    pace_begin(&pace, now + 250 * NS_PER_MS, 3);
    assert_int_equal(pace.due_ns, next);
    assert_true(pace_is_behind(&pace));
}

static void test_a_long_pause_is_not_caught_up_with(void **state)
{
    (void)state;
    struct pace pace;
    int64_t now = 5000 * NS_PER_MS;
    pace_init(&pace, 1, 99);
    pace_begin(&pace, now, 0);
    int64_t last = pace.due_ns;
    now = pace.due_ns + 1900 * NS_PER_MS;
    assert_int_equal(pace_advance(&pace, now), 0);
    assert_int_equal(pace.due_ns, last + 100 * NS_PER_MS);
    last = pace.due_ns;
    now = last + 30000 * NS_PER_MS + 1;
    assert_true(pace_advance(&pace, now) > 2000 * NS_PER_MS);
    expect_phase(&pace);
    assert_true(pace.due_ns > now && pace.due_ns - now <= pace.period_ns);
}

static void test_stamps_are_the_walls(void **state)
{
    (void)state;
    struct pace pace;
    pace_init(&pace, 1, 0);
    pace_begin(&pace, clock_now_ns(), 0);
    const int64_t ahead_us = pace_due_us(&pace) - clock_wall_us();
    // However late this thread is, by no more than a minute.
    assert_true(llabs(ahead_us) < 60000000);
    const int64_t before = pace_due_us(&pace);
    (void)pace_advance(&pace, clock_now_ns());
    assert_true(pace_due_us(&pace) > before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chunks_are_due_at_the_phase),
        cmocka_unit_test(test_real_time_has_its_phase_in_milliseconds),
        cmocka_unit_test(test_due_times_never_go_back),
        cmocka_unit_test(test_a_long_pause_is_not_caught_up_with),
        cmocka_unit_test(test_stamps_are_the_walls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
