// SPDX-License-Identifier: GPL-3.0-or-later
#include "station/reactions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { RATE = 48000 };

static const int64_t NS_PER_MS = 1000000;

// The chunk that begins at frame 4800 and is due a second after time 0.
static const struct chunk chunk = {.frame = 4800, .due_ns = 1000000000, .rate = RATE};

static struct histogram_summary recorded(struct reactions *reactions)
{
    static struct histogram histogram;
    histogram = (struct histogram){0};
    reactions_record(reactions, &chunk, &histogram);
    return histogram_summarize(&histogram);
}

// The buckets are within 3.2% of the truth.
static void expect_ms(double got_us, double wanted_ms)
{
    assert_true(got_us > wanted_ms * 1000 * 0.96 && got_us < wanted_ms * 1000 * 1.04);
}

static void test_a_change_takes_until_its_frame_is_due(void **state)
{
    (void)state;
    struct reactions reactions = {0};
    reactions_add(&reactions, 900 * NS_PER_MS, 4800 + 960, false);
    expect_ms(recorded(&reactions).max, 120);
    assert_int_equal(recorded(&reactions).count, 0); // once only
}

static void test_a_new_key_takes_until_its_chord(void **state)
{
    (void)state;
    struct reactions reactions = {0};
    reactions_add(&reactions, 900 * NS_PER_MS, 4800, true);
    reactions_add(&reactions, 950 * NS_PER_MS, 4800, false);
    const struct histogram_summary first = recorded(&reactions);
    assert_int_equal(first.count, 1);
    expect_ms(first.max, 50);
    reactions_chord(&reactions, 4800 + 4800);
    reactions_chord(&reactions, 4800 + 9600); // a later one changes nothing
    const struct histogram_summary second = recorded(&reactions);
    assert_int_equal(second.count, 1);
    expect_ms(second.max, 200);
}

static void test_what_was_due_before_it_came_took_no_time(void **state)
{
    (void)state;
    struct reactions reactions = {0};
    reactions_add(&reactions, 2000 * NS_PER_MS, 4800, false);
    const struct histogram_summary summary = recorded(&reactions);
    assert_int_equal(summary.count, 1);
    assert_true(summary.max <= 1);
}

static void test_more_than_may_wait_go_uncounted(void **state)
{
    (void)state;
    struct reactions reactions = {0};
    for (int i = 0; i < STATION_COMMANDS + 10; i++) {
        reactions_add(&reactions, 0, 4800, false);
    }
    assert_int_equal(recorded(&reactions).count, STATION_COMMANDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_change_takes_until_its_frame_is_due),
        cmocka_unit_test(test_a_new_key_takes_until_its_chord),
        cmocka_unit_test(test_what_was_due_before_it_came_took_no_time),
        cmocka_unit_test(test_more_than_may_wait_go_uncounted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
