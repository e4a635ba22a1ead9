// SPDX-License-Identifier: GPL-3.0-or-later
#include "hear/pitch_path.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { UNVOICED, FIRST, SECOND };

// What the path chooses when a moment offers silence and two pitches.
static uint32_t choose(struct pitch_path *path, double silence, double first_hz, double first, double second_hz,
                       double second)
{
    const struct pitch_candidate candidates[] = {{.frequency = 0.0, .strength = silence},
                                                 {.frequency = first_hz, .strength = first},
                                                 {.frequency = second_hz, .strength = second}};
    return pitch_path_add(path, candidates, 3);
}

static void stays_with_a_melody_where_an_octave_is_a_little_stronger(void **state)
{
    (void)state;
    struct pitch_path path;
    pitch_path_init(&path);
    for (int i = 0; i < 10; i++) {
        assert_int_equal(choose(&path, 0.1, 220.0, 0.9, 440.0, 0.6), FIRST);
    }
    assert_int_equal(choose(&path, 0.1, 222.0, 0.7, 444.0, 0.95), FIRST);
    assert_int_equal(choose(&path, 0.1, 220.0, 0.9, 440.0, 0.6), FIRST);
}

static void follows_a_leap_that_lasts(void **state)
{
    (void)state;
    struct pitch_path path;
    pitch_path_init(&path);
    for (int i = 0; i < 10; i++) {
        (void)choose(&path, 0.1, 220.0, 0.9, 440.0, 0.3);
    }
    uint32_t chosen = FIRST;
    int steps = 0;
    while (chosen != SECOND && steps < 10) {
        chosen = choose(&path, 0.1, 220.0, 0.4, 440.0, 0.9);
        steps++;
    }
    assert_in_range(steps, 2, 4);
}

static void a_small_step_is_cheap(void **state)
{
    (void)state;
    struct pitch_path path;
    pitch_path_init(&path);
    for (int i = 0; i < 10; i++) {
        (void)choose(&path, 0.1, 220.0, 0.9, 233.1, 0.3);
    }
    assert_int_equal(choose(&path, 0.1, 220.0, 0.75, 233.1, 0.9), SECOND);
}

static void a_voice_begins_and_ends_with_evidence(void **state)
{
    (void)state;
    struct pitch_path path;
    pitch_path_init(&path);
    for (int i = 0; i < 10; i++) {
        assert_int_equal(choose(&path, 0.5, 220.0, 0.2, 440.0, 0.2), UNVOICED);
    }
    // One moment that is a little better as a voice does not begin one.
    assert_int_equal(choose(&path, 0.5, 220.0, 0.7, 440.0, 0.2), UNVOICED);
    assert_int_equal(choose(&path, 0.5, 220.0, 0.7, 440.0, 0.2), FIRST);
    assert_int_equal(choose(&path, 0.6, 220.0, 0.5, 440.0, 0.2), FIRST);
    assert_int_equal(choose(&path, 0.9, 220.0, 0.1, 440.0, 0.1), UNVOICED);
}

static void takes_the_only_candidate(void **state)
{
    (void)state;
    struct pitch_path path;
    const struct pitch_candidate alone = {.frequency = 100.0, .strength = 0.01};
    pitch_path_init(&path);
    for (int i = 0; i < 1000000; i++) {
        assert_int_equal(pitch_path_add(&path, &alone, 1), 0);
    }
    // The scores do not grow without bound.
    assert_true(path.scores[0] == 0.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stays_with_a_melody_where_an_octave_is_a_little_stronger),
        cmocka_unit_test(follows_a_leap_that_lasts),
        cmocka_unit_test(a_small_step_is_cheap),
        cmocka_unit_test(a_voice_begins_and_ends_with_evidence),
        cmocka_unit_test(takes_the_only_candidate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
