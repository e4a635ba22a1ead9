// SPDX-License-Identifier: GPL-3.0-or-later
#include "hear/trend.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void is_sure_of_a_line(void **state)
{
    (void)state;
    struct trend trend = {0};
    for (int i = 0; i < 20; i++) {
        trend_add(&trend, 3.0 + 0.1 * i, -40.0 + 1.5 * (3.0 + 0.1 * i));
    }
    const struct trend_line line = trend_fit(&trend, 1.0);
    assert_true(fabs(line.slope - 1.5) < 1e-6);
    assert_true(line.confidence > 0.999 && line.confidence <= 1.0);
}

static void says_nothing_of_too_little(void **state)
{
    (void)state;
    struct trend trend = {0};
    for (int i = 0; i < 2; i++) {
        const struct trend_line line = trend_fit(&trend, 1.0);
        assert_true(line.slope == 0.0 && line.confidence == 0.0);
        trend_add(&trend, i, 5.0 * i);
    }
    trend_add(&trend, 2.0, 10.0);
    assert_true(trend_fit(&trend, 1.0).slope > 4.999);
    // Three points of which any two say the same are not three.
    assert_true(trend_fit(&trend, 2.0).confidence == 0.0);
    struct trend once = {0};
    for (int i = 0; i < 9; i++) {
        trend_add(&once, 1.0, i);
    }
    assert_true(trend_fit(&once, 1.0).slope == 0.0 && trend_fit(&once, 1.0).confidence == 0.0);
}

// The standard error of the slope of these points, worked out by hand: the values leave 1, -1, -1, 1 beside the line
// of slope 2, so that the squares left over are 4 for 2 degrees of freedom, and the times spread by 5.
static void is_as_sure_as_the_standard_error(void **state)
{
    (void)state;
    struct trend trend = {0};
    const double beside[] = {1.0, -1.0, -1.0, 1.0};
    for (int i = 0; i < 4; i++) {
        trend_add(&trend, i, 2.0 * i + beside[i]);
    }
    const struct trend_line line = trend_fit(&trend, 1.0);
    assert_true(fabs(line.slope - 2.0) < 1e-9);
    assert_true(fabs(line.confidence - 1.0 / (1.0 + 4.0 / 2.0 / 5.0)) < 1e-9);
}

static void is_less_sure_of_points_that_overlap(void **state)
{
    (void)state;
    struct trend trend = {0};
    for (int i = 0; i < 40; i++) {
        trend_add(&trend, 0.1 * i, i % 2 ? 1.0 : -1.0);
    }
    const struct trend_line apart = trend_fit(&trend, 1.0);
    const struct trend_line overlapping = trend_fit(&trend, 4.0);
    assert_true(apart.slope == overlapping.slope);
    assert_true(overlapping.confidence < apart.confidence && overlapping.confidence > 0.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_sure_of_a_line),
        cmocka_unit_test(says_nothing_of_too_little),
        cmocka_unit_test(is_as_sure_as_the_standard_error),
        cmocka_unit_test(is_less_sure_of_points_that_overlap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
