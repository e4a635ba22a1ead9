// SPDX-License-Identifier: GPL-3.0-or-later
#include "music/scale.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct key key_of(int tonic, int mode)
{
    return (struct key){.tonic = (uint8_t)tonic, .mode = (enum mode)mode};
}

/// Calls \p check for the 84 keys.
static void each_key(void (*check)(struct key key))
{
    for (int mode = 0; mode < MODE_COUNT; mode++) {
        for (int tonic = 0; tonic < PITCH_CLASSES; tonic++) {
            check(key_of(tonic, mode));
        }
    }
}

static void names_are_read_back(void **state)
{
    (void)state;
    enum mode mode = MODE_COUNT;
    for (int i = 0; i < MODE_COUNT; i++) {
        assert_int_equal(mode_parse(mode_name((enum mode)i), &mode), STATUS_OK);
        assert_int_equal(mode, i);
    }
    assert_int_equal(mode_parse("DoRiAn", &mode), STATUS_OK);
    assert_int_equal(mode, MODE_DORIAN);
    assert_int_equal(mode_parse("Major", &mode), STATUS_OK);
    assert_int_equal(mode, MODE_IONIAN);
    assert_int_equal(mode_parse("minor", &mode), STATUS_OK);
    assert_int_equal(mode, MODE_AEOLIAN);
}

static void other_names_are_unknown(void **state)
{
    (void)state;
    static const char *const cases[] = {"", "dor", "dorian ", " dorian", "blues", "ionian\n"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        enum mode mode = MODE_LYDIAN;
        assert_int_equal(mode_parse(cases[i], &mode), STATUS_UNKNOWN);
        assert_int_equal(mode, MODE_LYDIAN);
    }
}

static void modes_are_the_white_keys(void **state)
{
    (void)state;
    static const int tonics[MODE_COUNT] = {0, 2, 4, 5, 7, 9, 11};
    const pitch_set white = 0xab5;
    for (int i = 0; i < MODE_COUNT; i++) {
        assert_int_equal(key_set(key_of(tonics[i], i)), white);
        assert_int_equal(key_signature(key_of(tonics[i], i)), 0);
    }
}

static void degrees_and_classes_agree(struct key key)
{
    for (int i = -15; i < 15; i++) {
        const int class = key_degree_class(key, i);
        assert_int_equal(key_class_degree(key, class), ((i % 7) + 7) % 7);
        assert_int_equal(key_degree_class(key, i + 7), class);
        assert_true(key_set(key) >> class & 1);
    }
    for (int class = 0; class < PITCH_CLASSES; class ++) {
        assert_int_equal(key_class_degree(key, class) >= 0, key_set(key) >> class & 1);
    }
}

static void degrees(void **state)
{
    (void)state;
    each_key(degrees_and_classes_agree);
    assert_int_equal(key_degree_class(key_of(2, MODE_DORIAN), -1), 0);
    assert_int_equal(key_degree_class(key_of(2, MODE_DORIAN), 2), 5);
    (void)key_degree_class(key_of(2, MODE_DORIAN), INT_MIN);
    assert_int_equal(key_class_degree(key_of(0, MODE_IONIAN), -1), 6);
}

static void nearest_is_in_the_scale(struct key key)
{
    for (int i = 0; i < PITCH_KEYS; i++) {
        const int nearest = key_nearest(key, i);
        assert_true(key_class_degree(key, pitch_class(nearest)) >= 0);
        assert_true(abs(nearest - i) <= 1);
        assert_true(nearest >= 0 && nearest < PITCH_KEYS);
        if (key_class_degree(key, pitch_class(i)) >= 0) {
            assert_int_equal(nearest, i);
        }
    }
}

static void nearest(void **state)
{
    (void)state;
    each_key(nearest_is_in_the_scale);
    assert_int_equal(key_nearest(key_of(0, MODE_IONIAN), 61), 60);
    assert_int_equal(key_nearest(key_of(1, MODE_LYDIAN), 0), 0);
    assert_int_equal(key_nearest(key_of(2, MODE_IONIAN), 0), 1);
}

/// Accidentals of a name, sharps above 0; the name must be one letter and accidentals of one kind.
static int accidentals_of(const char *name)
{
    const int count = (int)strlen(name) - 1;
    assert_non_null(strchr("ABCDEFG", name[0]));
    for (int i = 1; i <= count; i++) {
        assert_true(name[i] == name[1] && strchr("#b", name[i]));
    }
    return name[1] == 'b' ? -count : count;
}

static void each_letter_is_used_once(struct key key)
{
    unsigned letters = 0;
    int sum = 0;
    int last = 0;
    for (int i = 0; i < SCALE_DEGREES; i++) {
        char name[4];
        int class = -1;
        key_spell(key, key_degree_class(key, i), name, sizeof name);
        assert_int_equal(pitch_class_parse(name, &class), STATUS_OK);
        assert_int_equal(class, key_degree_class(key, i));
        assert_true(abs(accidentals_of(name)) <= 1);
        assert_true(i == 0 || name[0] == 'A' + (last - 'A' + 1) % 7);
        last = (unsigned char)name[0];
        letters |= 1U << (name[0] - 'A');
        sum += accidentals_of(name);
    }
    assert_int_equal(letters, 0x7f);
    assert_int_equal(sum, key_signature(key));
    assert_true(abs(sum) <= 6);
    assert_int_equal(key_uses_sharps(key), sum > 0);
}

static void scales_use_each_letter_once(void **state)
{
    (void)state;
    each_key(each_letter_is_used_once);
}

static void others_have_one_accidental_or_none(struct key key)
{
    for (int class = 0; class < PITCH_CLASSES; class ++) {
        char name[4];
        int back = -1;
        key_spell(key, class, name, sizeof name);
        assert_int_equal(pitch_class_parse(name, &back), STATUS_OK);
        assert_int_equal(back, class);
        const int white = 0xab5 >> class & 1;
        assert_true(abs(accidentals_of(name)) <= 1);
        if (key_class_degree(key, class) < 0) {
            assert_int_equal(abs(accidentals_of(name)), !white);
        }
    }
}

static void other_notes(void **state)
{
    (void)state;
    each_key(others_have_one_accidental_or_none);
}

static void spelling_is_the_usual_one(void **state)
{
    (void)state;
    static const struct {
        int tonic;
        enum mode mode;
        int class;
        const char *name;
    } cases[] = {
        {6, MODE_IONIAN, 5, "E#"},   {6, MODE_IONIAN, 6, "F#"},  {1, MODE_IONIAN, 1, "Db"},
        {3, MODE_AEOLIAN, 11, "Cb"}, {3, MODE_AEOLIAN, 3, "Eb"}, {10, MODE_PHRYGIAN, 10, "Bb"},
        {5, MODE_LOCRIAN, 11, "Cb"}, {8, MODE_AEOLIAN, 8, "G#"}, {0, MODE_IONIAN, 10, "Bb"},
        {0, MODE_IONIAN, 6, "F#"},   {0, MODE_IONIAN, 3, "Eb"},  {9, MODE_AEOLIAN, 8, "G#"},
        {9, MODE_AEOLIAN, 10, "Bb"}, {7, MODE_IONIAN, 5, "F"},   {2, MODE_DORIAN, 1, "C#"},
        {1, MODE_IONIAN, 4, "E"},    {11, MODE_LOCRIAN, 5, "F"}, {5, MODE_LYDIAN, 11, "B"},
        {11, MODE_LYDIAN, 5, "E#"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char name[4];
        key_spell(key_of(cases[i].tonic, (int)cases[i].mode), cases[i].class, name, sizeof name);
        assert_string_equal(name, cases[i].name);
    }
}

static void names_of_keys(void **state)
{
    (void)state;
    char name[16];
    key_name(key_of(2, MODE_DORIAN), name, sizeof name);
    assert_string_equal(name, "D dorian");
    key_name(key_of(10, MODE_MIXOLYDIAN), name, sizeof name);
    assert_string_equal(name, "Bb mixolydian");
}

static void scale_notes_are_counted_through_the_octaves(void **state)
{
    (void)state;
    for (int tonic = 0; tonic < PITCH_CLASSES; tonic++) {
        for (int mode = 0; mode < MODE_COUNT; mode++) {
            const struct key key = {(uint8_t)tonic, (enum mode)mode};
            int last = key_scale_note(key, -30);
            for (int index = -29; index < 80; index++) {
                const int note = key_scale_note(key, index);
                assert_in_range(note - last, 1, 2);
                assert_int_equal(key_scale_index(key, note), index);
                assert_int_equal(pitch_class(note), key_degree_class(key, index));
                last = note;
            }
            assert_int_equal(key_scale_note(key, 0), tonic);
            assert_int_equal(key_scale_note(key, 7), tonic + PITCH_CLASSES);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scale_notes_are_counted_through_the_octaves),
        cmocka_unit_test(names_are_read_back),
        cmocka_unit_test(other_names_are_unknown),
        cmocka_unit_test(modes_are_the_white_keys),
        cmocka_unit_test(degrees),
        cmocka_unit_test(nearest),
        cmocka_unit_test(scales_use_each_letter_once),
        cmocka_unit_test(other_notes),
        cmocka_unit_test(spelling_is_the_usual_one),
        cmocka_unit_test(names_of_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
