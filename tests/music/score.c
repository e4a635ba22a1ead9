// SPDX-License-Identifier: GPL-3.0-or-later
#include "music/score.h"

#include "core/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void empty_is_zeroed(void **state)
{
    (void)state;
    struct score score = {0};
    assert_int_equal(score_end(&score), 0);
    assert_int_equal(score_sort(&score), STATUS_OK);
    score_clear(&score);
    score_done(&score);
    score_done(&score);
}

static void adding_keeps_all(void **state)
{
    (void)state;
    struct score score = {0};
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(score_add(&score, event_note(i, 0, i % 128, 64, 1)), STATUS_OK);
    }
    assert_int_equal(score.count, 1000);
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(score.events[i].tick, i);
    }
    score_clear(&score);
    assert_int_equal(score.count, 0);
    assert_true(score.capacity >= 1000);
    score_done(&score);
    assert_int_equal(score.capacity, 0);
    assert_null(score.events);
}

static void reserving(void **state)
{
    (void)state;
    struct score score = {0};
    assert_int_equal(score_reserve(&score, 10), STATUS_OK);
    const struct event *events = score.events;
    for (int i = 0; i < 10; i++) {
        assert_int_equal(score_add(&score, event_cut(i, 0)), STATUS_OK);
    }
    assert_ptr_equal(score.events, events);
    assert_int_equal(score_reserve(&score, 5), STATUS_OK);
    assert_int_equal(score.capacity, 10);
    assert_int_equal(score_reserve(&score, SIZE_MAX), STATUS_NO_MEMORY);
    assert_int_equal(score_reserve(&score, SIZE_MAX / sizeof(struct event) + 2), STATUS_NO_MEMORY);
    assert_int_equal(score.count, 10);
    assert_int_equal(score.events[9].tick, 9);
    score_done(&score);
}

static void sort_and_check(size_t count, uint32_t ticks, uint64_t seed)
{
    struct score score = {0};
    struct random random;
    random_init(&random, seed, 0);
    for (size_t i = 0; i < count; i++) {
        // The duration tells the order of entry.
        assert_int_equal(score_add(&score, event_note(random_below(&random, ticks), 0, 0, 1, (int32_t)i + 1)),
                         STATUS_OK);
    }
    assert_int_equal(score_sort(&score), STATUS_OK);
    assert_int_equal(score.count, count);
    for (size_t i = 1; i < count; i++) {
        const struct event *a = &score.events[i - 1];
        const struct event *b = &score.events[i];
        assert_true(a->tick < b->tick || (a->tick == b->tick && a->note.duration < b->note.duration));
    }
    score_done(&score);
}

static void sorting_is_stable(void **state)
{
    (void)state;
    for (size_t count = 0; count < 70; count++) {
        sort_and_check(count, 10, count);
        sort_and_check(count, 1, count);
        sort_and_check(count, 1000000, count);
    }
    sort_and_check(100000, 5000, 1);
}

static void descending_is_turned(void **state)
{
    (void)state;
    struct score score = {0};
    for (int i = 0; i < 257; i++) {
        assert_int_equal(score_add(&score, event_cut(256 - i, 0)), STATUS_OK);
    }
    assert_int_equal(score_sort(&score), STATUS_OK);
    for (int i = 0; i < 257; i++) {
        assert_int_equal(score.events[i].tick, i);
    }
    score_done(&score);
}

static void the_end_is_the_last_note_or_event(void **state)
{
    (void)state;
    struct score score = {0};
    assert_int_equal(score_add(&score, event_note(0, 0, 60, 64, 5000)), STATUS_OK);
    assert_int_equal(score_add(&score, event_note(480, 0, 62, 64, 10)), STATUS_OK);
    assert_int_equal(score_end(&score), 5000);
    assert_int_equal(score_add(&score, event_tempo(6000, 60)), STATUS_OK);
    assert_int_equal(score_end(&score), 6000);
    score_done(&score);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_is_zeroed),
        cmocka_unit_test(adding_keeps_all),
        cmocka_unit_test(reserving),
        cmocka_unit_test(sorting_is_stable),
        cmocka_unit_test(descending_is_turned),
        cmocka_unit_test(the_end_is_the_last_note_or_event),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
