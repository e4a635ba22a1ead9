// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/bucket.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const int64_t SECOND = 1000000000;

static int take_all(struct bucket *bucket, int64_t now_ns)
{
    int taken = 0;
    while (bucket_take(bucket, now_ns)) {
        taken++;
    }
    return taken;
}

static void test_gives_what_it_holds_and_then_what_comes(void **state)
{
    (void)state;
    struct bucket bucket = bucket_of(5, 2, SECOND);
    assert_int_equal(take_all(&bucket, SECOND), 5);
    assert_int_equal(take_all(&bucket, SECOND + SECOND / 4), 0);
    assert_int_equal(take_all(&bucket, SECOND + SECOND / 2), 1);
    assert_int_equal(take_all(&bucket, 3 * SECOND), 3);
}

static void test_holds_no_more_than_it_can(void **state)
{
    (void)state;
    struct bucket bucket = bucket_of(5, 2, 0);
    assert_int_equal(take_all(&bucket, 1000000 * SECOND), 5);
    assert_int_equal(take_all(&bucket, INT64_MAX), 5);
}

static void test_a_rate_is_kept_whatever_the_steps(void **state)
{
    (void)state;
    struct bucket bucket = bucket_of(1, 10, 0);
    int taken = 0;
    for (int64_t now = 0; now < 100 * SECOND; now += SECOND / 1000) {
        taken += bucket_take(&bucket, now);
    }
    assert_in_range(taken, 990, 1002);
}

static void test_a_clock_that_goes_back_changes_nothing(void **state)
{
    (void)state;
    struct bucket bucket = bucket_of(2, 1, 10 * SECOND);
    assert_int_equal(take_all(&bucket, 0), 2);
    assert_int_equal(take_all(&bucket, 9 * SECOND), 0);
    assert_int_equal(take_all(&bucket, 11 * SECOND), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gives_what_it_holds_and_then_what_comes),
        cmocka_unit_test(test_holds_no_more_than_it_can),
        cmocka_unit_test(test_a_rate_is_kept_whatever_the_steps),
        cmocka_unit_test(test_a_clock_that_goes_back_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
