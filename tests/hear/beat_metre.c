// SPDX-License-Identifier: GPL-3.0-or-later
#include "hear/beat_metre.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct beat_metre_reading after(struct beat_metre *metre, unsigned beats, unsigned first, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        beat_metre_push_beat(metre, (first + i) % beats == 0 ? 0.85 : 0.15);
    }
    struct beat_metre_reading reading;
    beat_metre_read(metre, &reading);
    return reading;
}

static void finds_the_bar_of_two_three_and_four(void **state)
{
    (void)state;
    for (unsigned beats = 2; beats <= 4; beats++) {
        for (unsigned first = 0; first < beats; first++) {
            struct beat_metre *metre = beat_metre_new();
            assert_non_null(metre);
            const struct beat_metre_reading reading = after(metre, beats, first, 20);
            assert_int_equal(reading.beats, beats);
            assert_int_equal(reading.number, (first + 20) % beats + 1);
            assert_true(reading.trust > 0.5);
            beat_metre_free(metre);
        }
    }
}

static void finds_a_new_metre_and_a_bar_that_was_cut(void **state)
{
    (void)state;
    struct beat_metre *metre = beat_metre_new();
    (void)after(metre, 4, 0, 22);
    struct beat_metre_reading reading = after(metre, 4, 0, 14);
    assert_int_equal(reading.beats, 4);
    assert_int_equal(reading.number, 3);
    reading = after(metre, 3, 0, 24);
    assert_int_equal(reading.beats, 3);
    assert_int_equal(reading.number, 1);
    beat_metre_free(metre);
}

static void does_not_trust_what_says_nothing(void **state)
{
    (void)state;
    struct beat_metre *metre = beat_metre_new();
    for (int i = 0; i < 200; i++) {
        beat_metre_push_beat(metre, NAN);
    }
    struct beat_metre_reading reading;
    beat_metre_read(metre, &reading);
    assert_true(reading.trust < 0.3);
    for (int i = 0; i < 100; i++) {
        beat_metre_push_beat(metre, i % 2 ? 1.0 : 0.0);
        beat_metre_read(metre, &reading);
        assert_true(isfinite(reading.trust));
    }
    assert_int_equal(reading.beats, 2);
    assert_int_equal(reading.number, 2);
    beat_metre_free(metre);
}

static void tells_thirds_from_halves(void **state)
{
    (void)state;
    struct beat_metre *metre = beat_metre_new();
    struct beat_metre_reading reading;
    for (int i = 0; i < 12; i++) {
        beat_metre_push_onset(metre, 0.34, 0.5);
        beat_metre_push_onset(metre, 0.66, 0.5);
        beat_metre_push_beat(metre, NAN);
    }
    beat_metre_read(metre, &reading);
    assert_int_equal(reading.division, 3);
    for (int i = 0; i < 24; i++) {
        beat_metre_push_onset(metre, 0.5, 0.5);
        beat_metre_push_onset(metre, 0.66, 0.5); // a swing alone is no third
        beat_metre_push_beat(metre, NAN);
    }
    beat_metre_read(metre, &reading);
    assert_int_equal(reading.division, 2);
    beat_metre_free(metre);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_bar_of_two_three_and_four),
        cmocka_unit_test(finds_a_new_metre_and_a_bar_that_was_cut),
        cmocka_unit_test(does_not_trust_what_says_nothing),
        cmocka_unit_test(tells_thirds_from_halves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
