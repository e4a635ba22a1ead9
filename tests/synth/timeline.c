// SPDX-License-Identifier: GPL-3.0-or-later
#include "synth/timeline.h"

#include "core/random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct timeline timeline;

static void test_ticks_at_60(void **state)
{
    (void)state;
    timeline_init(&timeline, 48000, 60);
    assert_int_equal(timeline_frame(&timeline, 0), 0);
    assert_int_equal(timeline_frame(&timeline, 1), 100);
    assert_int_equal(timeline_frame(&timeline, 480), 48000);
    assert_int_equal(timeline_tick(&timeline, 99), 0);
    assert_int_equal(timeline_tick(&timeline, 100), 1);
}

static void test_a_tick_between_frames_plays_on_the_next(void **state)
{
    (void)state;
    timeline_init(&timeline, 44100, 60); // 91.875 frames a tick
    assert_int_equal(timeline_frame(&timeline, 1), 92);
    assert_int_equal(timeline_frame(&timeline, 8), 735);
    assert_int_equal(timeline_tick(&timeline, 91), 0);
    assert_int_equal(timeline_tick(&timeline, 92), 1);
}

/// Every tempo of whole tenths puts whole minutes on whole frames; 60 days of them, none a frame off.
static void test_whole_minutes_fall_on_whole_frames(void **state)
{
    (void)state;
    for (int64_t tenths = 300; tenths <= 2000; tenths += 7) {
        timeline_init(&timeline, 44100, (double)tenths / 10);
        for (int64_t minute = 10; minute <= INT64_C(60) * 24 * 60; minute += 9990) {
            // Ten minutes are tenths * 480 ticks.
            assert_int_equal(timeline_frame(&timeline, minute / 10 * tenths * INT64_C(480)), minute / 10 * 26460000);
        }
    }
}

static void test_the_two_ways_agree(void **state)
{
    (void)state;
    static const double bpms[] = {0.001, 7, 60, 61.7, 119.99, 333, 250000, 1e6};
    struct random random;
    random_init(&random, 3, 0);
    for (size_t i = 0; i < sizeof bpms / sizeof *bpms; i++) {
        timeline_init(&timeline, 48000, bpms[i]);
        for (int round = 0; round < 20000; round++) {
            const int64_t frame = (int64_t)(random_bits(&random) >> (24 + round % 40));
            const int64_t tick = timeline_tick(&timeline, frame);
            assert_true(timeline_frame(&timeline, tick) <= frame);
            assert_true(timeline_frame(&timeline, tick + 1) > frame);
        }
    }
}

static void test_turning_keeps_the_place(void **state)
{
    (void)state;
    timeline_init(&timeline, 48000, 60);
    timeline_turn_at_tick(&timeline, 480, 120);
    assert_int_equal(timeline_frame(&timeline, 480), 48000);
    assert_int_equal(timeline_frame(&timeline, 481), 48050);
    timeline_turn_at_frame(&timeline, 48025, 60); // half a tick later
    assert_int_equal(timeline_tick(&timeline, 48025), 480);
    assert_int_equal(timeline_frame(&timeline, 481), 48075);
}

/// A day of tempo changes, one a second and none on a whole frame, against the sum in long double.
static void test_many_turns_do_not_drift(void **state)
{
    (void)state;
    struct random random;
    random_init(&random, 4, 0);
    double bpm = 61.7;
    timeline_init(&timeline, 48000, bpm);
    long double frame = 0;
    int64_t tick = 0;
    for (int i = 0; i < 86400; i++) {
        const int64_t ticks = 300 + random_below(&random, 500);
        frame += (long double)ticks * 60 * 48000 / ((long double)bpm * 480);
        tick += ticks;
        bpm = 40 + 160 * random_unit(&random);
        timeline_turn_at_tick(&timeline, tick, bpm);
    }
    assert_true(fabsl(frame - (long double)timeline.anchor_frame) < 0.01L);
}

static void test_ticks_never_go_back(void **state)
{
    (void)state;
    struct random random;
    random_init(&random, 5, 0);
    timeline_init(&timeline, 48000, 100);
    int64_t frame = 0;
    for (int i = 0; i < 100000; i++) {
        const int64_t tick = timeline_tick(&timeline, frame);
        timeline_turn_at_frame(&timeline, frame, 20 + 300 * random_unit(&random));
        // A tick that was just over a thousandth of a frame away may now be just under it.
        assert_in_range(timeline_tick(&timeline, frame), tick, tick + 1);
        frame += random_below(&random, 200);
        assert_true(timeline_tick(&timeline, frame) >= tick);
    }
}

static void test_far_ends_are_held(void **state)
{
    (void)state;
    timeline_init(&timeline, 48000, 1e-300);
    assert_int_equal(timeline_frame(&timeline, INT64_MAX), TIMELINE_END);
    assert_true(timeline_frame(&timeline, INT64_MIN) <= 0);
    timeline_init(&timeline, 48000, 1e300);
    assert_true(timeline_tick(&timeline, TIMELINE_END) <= TIMELINE_END + 1);
    assert_false(timeline_bpm_valid(NAN));
    assert_false(timeline_bpm_valid(INFINITY));
    assert_false(timeline_bpm_valid(0));
    assert_false(timeline_bpm_valid(-1));
    assert_true(timeline_bpm_valid(61.7));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ticks_at_60),
        cmocka_unit_test(test_a_tick_between_frames_plays_on_the_next),
        cmocka_unit_test(test_whole_minutes_fall_on_whole_frames),
        cmocka_unit_test(test_the_two_ways_agree),
        cmocka_unit_test(test_turning_keeps_the_place),
        cmocka_unit_test(test_many_turns_do_not_drift),
        cmocka_unit_test(test_ticks_never_go_back),
        cmocka_unit_test(test_far_ends_are_held),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
