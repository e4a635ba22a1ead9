// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/schedule.h"

#include "session/request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
// cmocka wants the standard headers above before it.
#include <cmocka.h>

static void push(struct schedule *schedule, unsigned line, int64_t due)
{
    const struct request request = {.from = {.line = line}};
    assert_int_equal(schedule_push(schedule, request_copy(&request), due), STATUS_OK);
}

static unsigned pop(struct schedule *schedule, int64_t now)
{
    struct request *request = schedule_pop(schedule, now);
    const unsigned line = request ? request->from.line : 0;
    request_free(request);
    return line;
}

static void comes_in_order_of_time_and_then_of_coming(void **state)
{
    (void)state;
    struct schedule *schedule = schedule_new();
    push(schedule, 1, 30);
    push(schedule, 2, 10);
    push(schedule, 3, 20);
    push(schedule, 4, 10);
    push(schedule, 5, 30);
    push(schedule, 6, 10);
    int64_t due = 0;
    assert_true(schedule_next(schedule, &due));
    assert_int_equal(due, 10);
    assert_int_equal(pop(schedule, 9), 0);
    static const unsigned expected[] = {2, 4, 6, 3, 1, 5};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        assert_int_equal(pop(schedule, 30), expected[i]);
    }
    assert_int_equal(pop(schedule, INT64_MAX), 0);
    assert_false(schedule_next(schedule, &due));
    schedule_free(schedule);
}

static void keeps_order_when_full_and_refuses_more(void **state)
{
    (void)state;
    struct schedule *schedule = schedule_new();
    uint32_t random = 1;
    for (unsigned i = 0; i < SCHEDULE_MAX; i++) {
        random = random * 1664525U + 1013904223U;
        push(schedule, i + 1, random >> 22);
    }
    struct request *one_more = request_copy(&(struct request){.count = 0});
    assert_int_equal(schedule_push(schedule, one_more, 0), STATUS_FULL);
    request_free(one_more);
    assert_int_equal(schedule_count(schedule), SCHEDULE_MAX);
    int64_t before = -1;
    unsigned line_before = 0;
    for (unsigned i = 0; i < SCHEDULE_MAX; i++) {
        int64_t due = 0;
        assert_true(schedule_next(schedule, &due));
        const unsigned line = pop(schedule, due);
        assert_true(due > before || (due == before && line > line_before));
        before = due;
        line_before = line;
    }
    schedule_free(schedule);
}

static void frees_what_still_waits(void **state)
{
    (void)state;
    struct schedule *schedule = schedule_new();
    push(schedule, 1, 1);
    schedule_free(schedule);
    schedule_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_in_order_of_time_and_then_of_coming),
        cmocka_unit_test(keeps_order_when_full_and_refuses_more),
        cmocka_unit_test(frees_what_still_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
