// SPDX-License-Identifier: GPL-3.0-or-later
#include "music/pitch.h"

#include <limits.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static void class_of_any_key(void **state)
{
    (void)state;
    assert_int_equal(pitch_class(60), 0);
    assert_int_equal(pitch_class(71), 11);
    assert_int_equal(pitch_class(-1), 11);
    assert_int_equal(pitch_class(-12), 0);
    assert_int_equal(pitch_class(INT_MIN), 4);
    assert_int_equal(pitch_class(INT_MAX), 7);
}

static void parse_reads_every_spelling(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int class;
    } cases[] = {{"C", 0},  {"c", 0},   {"F#", 6},  {"Bb", 10}, {"bb", 10}, {"E♭", 3},   {"c♯", 1}, {"Cb", 11},
                 {"B#", 0}, {"F##", 7}, {"Abb", 7}, {"G♭♭", 5}, {"D♯♯", 4}, {"Cbb", 10}, {"e", 4},  {"A", 9}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int class = -1;
        assert_int_equal(pitch_class_parse(cases[i].text, &class), STATUS_OK);
        assert_int_equal(class, cases[i].class);
    }
}

static void parse_refuses_the_rest(void **state)
{
    (void)state;
    static const char *const cases[] = {"", "H", "#", "C###", "Cbbb", "C ", " C", "Cm", "0", "C\xe2", "C\xe2\x99", "é"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int class = 77;
        assert_int_equal(pitch_class_parse(cases[i], &class), STATUS_INVALID);
        assert_int_equal(class, 77);
    }
}

static void read_stops_behind_the_name(void **state)
{
    (void)state;
    int class = -1;
    assert_string_equal(pitch_class_read("Bbm7", &class), "m7");
    assert_int_equal(class, 10);
    assert_null(pitch_class_read("m7", &class));
    assert_int_equal(class, 10);
}

static void names_are_read_back(void **state)
{
    (void)state;
    for (int sharps = 0; sharps < 2; sharps++) {
        for (int i = 0; i < PITCH_CLASSES; i++) {
            int class = -1;
            assert_int_equal(pitch_class_parse(pitch_class_name(i, sharps), &class), STATUS_OK);
            assert_int_equal(class, i);
        }
    }
    assert_string_equal(pitch_class_name(10, 0), "Bb");
    assert_string_equal(pitch_class_name(10, 1), "A#");
    assert_string_equal(pitch_class_name(-2, 0), "Bb");
}

static void spelling_follows_the_line_of_fifths(void **state)
{
    (void)state;
    static const struct {
        int fifths;
        const char *name;
    } cases[] = {{0, "C"},   {-1, "F"},   {5, "B"},   {6, "F#"},   {-2, "Bb"},   {11, "E#"},
                 {12, "B#"}, {13, "F##"}, {-8, "Fb"}, {-9, "Bbb"}, {-15, "Fbb"}, {20, "F###"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char name[8];
        pitch_spell(cases[i].fifths, name, sizeof name);
        assert_string_equal(name, cases[i].name);
    }
    for (int fifths = -15; fifths <= 19; fifths++) {
        char name[8];
        int class = -1;
        pitch_spell(fifths, name, sizeof name);
        assert_int_equal(pitch_class_parse(name, &class), STATUS_OK);
        assert_int_equal(class, pitch_class(7 * fifths));
    }
}

static void spelling_stays_inside_its_room(void **state)
{
    (void)state;
    char name[3] = "zz";
    pitch_spell(1000, name, sizeof name);
    assert_string_equal(name, "F#");
    pitch_spell(INT_MIN, name, sizeof name);
    pitch_name(61, 1, name, 2);
    assert_string_equal(name, "C");
    pitch_name(61, 1, NULL, 0);
}

static void hz_is_equal_tempered(void **state)
{
    (void)state;
    assert_true(pitch_hz(69) == 440.0);
    assert_true(fabs(pitch_hz(60) - 261.6255653) < 1e-6);
    assert_true(fabs(pitch_hz(81) - 880.0) < 1e-9);
    assert_true(fabs(pitch_hz(69.5) / pitch_hz(69) - pow(2.0, 1.0 / 24.0)) < 1e-12);
    assert_true(isnan(pitch_hz(NAN)));
}

static void key_names(void **state)
{
    (void)state;
    static const struct {
        int key;
        int sharps;
        const char *name;
    } cases[] = {{60, 0, "C4"}, {59, 0, "B3"},  {54, 1, "F#3"}, {54, 0, "Gb3"},
                 {0, 0, "C-1"}, {127, 0, "G9"}, {-1, 0, "B-2"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char name[16];
        pitch_name(cases[i].key, cases[i].sharps, name, sizeof name);
        assert_string_equal(name, cases[i].name);
    }
}

static void sets_turn_in_a_circle(void **state)
{
    (void)state;
    const pitch_set triad = 1 | 1 << 4 | 1 << 7;
    assert_int_equal(pitch_set_count(triad), 3);
    assert_int_equal(pitch_set_count(0), 0);
    assert_int_equal(pitch_set_count(0xffff), 12);
    assert_int_equal(pitch_set_transpose(triad, 7), 1 << 7 | 1 << 11 | 1 << 2);
    assert_int_equal(pitch_set_transpose(triad, 0), triad);
    for (int i = -30; i < 30; i++) {
        assert_int_equal(pitch_set_transpose(pitch_set_transpose(triad, i), -i), triad);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(class_of_any_key),
        cmocka_unit_test(parse_reads_every_spelling),
        cmocka_unit_test(parse_refuses_the_rest),
        cmocka_unit_test(read_stops_behind_the_name),
        cmocka_unit_test(names_are_read_back),
        cmocka_unit_test(spelling_follows_the_line_of_fifths),
        cmocka_unit_test(spelling_stays_inside_its_room),
        cmocka_unit_test(hz_is_equal_tempered),
        cmocka_unit_test(key_names),
        cmocka_unit_test(sets_turn_in_a_circle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
