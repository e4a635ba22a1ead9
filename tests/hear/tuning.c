// SPDX-License-Identifier: GPL-3.0-or-later
#include "hear/tuning.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

static double heard(double sharp, int steps)
{
    struct tuning tuning;
    tuning_init(&tuning, 30.0, 15.0);
    for (int step = 0; step < steps; step++) {
        for (int note = 50; note < 90; note += 4) {
            tuning_add(&tuning, note + sharp, 0.5);
        }
        tuning_step(&tuning);
    }
    return tuning_semitones(&tuning);
}

static void begins_at_440_hz(void **state)
{
    (void)state;
    struct tuning tuning;
    tuning_init(&tuning, 30.0, 15.0);
    tuning_step(&tuning);
    assert_true(fabs(tuning_semitones(&tuning)) < 1e-9);
    for (int i = 0; i < 100000; i++) {
        tuning_step(&tuning);
    }
    assert_true(fabs(tuning_semitones(&tuning)) < 1e-9);
    assert_true(tuning_confidence(&tuning) >= 0.0);
}

static void finds_how_sharp_or_flat_the_notes_are(void **state)
{
    (void)state;
    for (double sharp = -0.45; sharp < 0.46; sharp += 0.15) {
        assert_true(fabs(heard(sharp, 300) - sharp) < 0.02);
    }
}

static void is_about_right_after_a_second(void **state)
{
    (void)state;
    assert_true(fabs(heard(0.3, 30) - 0.3) < 0.05);
}

static void follows_a_player_who_retunes(void **state)
{
    (void)state;
    struct tuning tuning;
    tuning_init(&tuning, 30.0, 5.0);
    for (int step = 0; step < 1200; step++) {
        tuning_add(&tuning, 60.0 + (step < 600 ? 0.2 : -0.2), 1.0);
        tuning_step(&tuning);
    }
    assert_true(fabs(tuning_semitones(&tuning) + 0.2) < 0.03);
}

static void is_sure_of_one_tuning_and_not_of_many(void **state)
{
    (void)state;
    struct tuning one;
    struct tuning many;
    tuning_init(&one, 30.0, 15.0);
    tuning_init(&many, 30.0, 15.0);
    for (int step = 0; step < 1000; step++) {
        tuning_add(&one, 60.1, 1.0);
        tuning_add(&many, 60.0 + fmod(step * 0.618, 1.0), 1.0);
        tuning_step(&one);
        tuning_step(&many);
    }
    assert_true(tuning_confidence(&one) > 0.95);
    assert_true(tuning_confidence(&many) < 0.2);
}

static void does_not_forget_in_a_rest(void **state)
{
    (void)state;
    struct tuning tuning;
    tuning_init(&tuning, 30.0, 15.0);
    for (int step = 0; step < 4000; step++) {
        if (step < 400) {
            tuning_add(&tuning, 60.2, 1.0);
        } else if (step >= 3990) {
            tuning_add(&tuning, 59.7, 1.0);
        }
        tuning_step(&tuning);
    }
    assert_true(fabs(tuning_semitones(&tuning) - 0.2) < 0.03);
}

static void stays_on_its_side_of_half_a_semitone(void **state)
{
    (void)state;
    for (int side = -1; side <= 1; side += 2) {
        struct tuning tuning;
        tuning_init(&tuning, 30.0, 2.0);
        for (int step = 0; step < 2000; step++) {
            const double wave = 0.05 * sin(step * 0.01);
            tuning_add(&tuning, 60.0 + side * fmin(step * 0.002, 0.5 + wave), 1.0);
            tuning_step(&tuning);
            assert_true(step < 300 || side * tuning_semitones(&tuning) > 0.3);
        }
    }
}

static void changes_sides_when_it_is_nearer_by_far(void **state)
{
    (void)state;
    struct tuning tuning;
    tuning_init(&tuning, 30.0, 2.0);
    for (int step = 0; step < 2000; step++) {
        tuning_add(&tuning, 60.0 + fmin(step * 0.001, 0.8), 1.0);
        tuning_step(&tuning);
        assert_true(fabs(tuning_semitones(&tuning)) <= 0.6);
    }
    assert_true(fabs(tuning_semitones(&tuning) + 0.2) < 0.03);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(begins_at_440_hz),
        cmocka_unit_test(finds_how_sharp_or_flat_the_notes_are),
        cmocka_unit_test(is_about_right_after_a_second),
        cmocka_unit_test(follows_a_player_who_retunes),
        cmocka_unit_test(is_sure_of_one_tuning_and_not_of_many),
        cmocka_unit_test(does_not_forget_in_a_rest),
        cmocka_unit_test(stays_on_its_side_of_half_a_semitone),
        cmocka_unit_test(changes_sides_when_it_is_nearer_by_far),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
