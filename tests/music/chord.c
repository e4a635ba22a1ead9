// SPDX-License-Identifier: GPL-3.0-or-later
#include "music/chord.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct key c_ionian = {0, MODE_IONIAN};
static const struct key a_aeolian = {9, MODE_AEOLIAN};

static struct chord with_bass(int root, enum chord_quality quality, int bass)
{
    struct chord chord = chord_of(root, quality);
    chord.bass = (uint8_t)bass;
    return chord;
}

static void assert_chord_equal(struct chord a, struct chord b)
{
    assert_int_equal(a.root, b.root);
    assert_int_equal(a.bass, b.bass);
    assert_int_equal(a.quality, b.quality);
}

static void quality_names_are_read_back(void **state)
{
    (void)state;
    enum chord_quality quality = CHORD_QUALITY_COUNT;
    for (int i = 0; i < CHORD_QUALITY_COUNT; i++) {
        assert_int_equal(chord_quality_parse(chord_quality_name((enum chord_quality)i), &quality), STATUS_OK);
        assert_int_equal(quality, i);
    }
    assert_int_equal(chord_quality_parse("m7", &quality), STATUS_UNKNOWN);
    assert_int_equal(chord_quality_parse("", &quality), STATUS_UNKNOWN);
    assert_int_equal(chord_quality_parse("Maj", &quality), STATUS_UNKNOWN);
}

static void intervals_ascend_and_make_the_set(void **state)
{
    (void)state;
    for (int i = 0; i < CHORD_QUALITY_COUNT; i++) {
        const enum chord_quality quality = (enum chord_quality)i;
        int intervals[CHORD_NOTES];
        const int count = chord_quality_intervals(quality, intervals);
        unsigned set = 0;
        assert_in_range(count, 3, CHORD_NOTES);
        assert_int_equal(chord_quality_intervals(quality, NULL), count);
        assert_int_equal(intervals[0], 0);
        for (int n = 0; n < count; n++) {
            assert_true(n == 0 || intervals[n] > intervals[n - 1]);
            set |= 1U << pitch_class(intervals[n] + 5);
        }
        assert_int_equal(chord_set(chord_of(5, quality)), set);
        assert_int_equal(pitch_set_count((pitch_set)set), count);
    }
    int ninth[CHORD_NOTES];
    assert_int_equal(chord_quality_intervals(CHORD_MINOR_9, ninth), 5);
    assert_int_equal(ninth[4], 14);
}

static void the_bass_belongs_to_the_set(void **state)
{
    (void)state;
    assert_int_equal(chord_set(with_bass(0, CHORD_MAJOR, 2)), 1 | 1 << 2 | 1 << 4 | 1 << 7);
    assert_int_equal(chord_of(-1, CHORD_MAJOR).root, 11);
}

static void extension_grows_diatonic_triads(void **state)
{
    (void)state;
    static const struct {
        int root;
        enum chord_quality from;
        enum chord_quality seventh;
        enum chord_quality ninth;
    } cases[] = {
        {0, CHORD_MAJOR, CHORD_MAJOR_7, CHORD_MAJOR_9},
        {2, CHORD_MINOR, CHORD_MINOR_7, CHORD_MINOR_9},
        {4, CHORD_MINOR, CHORD_MINOR_7, CHORD_MINOR_7},
        {5, CHORD_MAJOR, CHORD_MAJOR_7, CHORD_MAJOR_9},
        {7, CHORD_MAJOR, CHORD_DOMINANT_7, CHORD_DOMINANT_9},
        {9, CHORD_MINOR, CHORD_MINOR_7, CHORD_MINOR_9},
        {11, CHORD_DIMINISHED, CHORD_HALF_DIMINISHED_7, CHORD_HALF_DIMINISHED_7},
        {7, CHORD_SUS4, CHORD_DOMINANT_7_SUS4, CHORD_DOMINANT_7_SUS4},
        {0, CHORD_AUGMENTED, CHORD_AUGMENTED, CHORD_AUGMENTED},
        {0, CHORD_MAJOR_6, CHORD_MAJOR_6, CHORD_MAJOR_6},
        {2, CHORD_MAJOR, CHORD_DOMINANT_7, CHORD_DOMINANT_9},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct chord chord = chord_of(cases[i].root, cases[i].from);
        assert_int_equal(chord_extend(chord, c_ionian, 3).quality, cases[i].from);
        assert_int_equal(chord_extend(chord, c_ionian, 4).quality, cases[i].seventh);
        assert_int_equal(chord_extend(chord, c_ionian, 5).quality, cases[i].ninth);
    }
}

static void extend_and_check(struct chord chord, struct key key, int notes)
{
    const struct chord grown = chord_extend(chord, key, notes);
    const unsigned before = chord_set(chord);
    const unsigned after = chord_set(grown);
    const int count = chord_quality_intervals(grown.quality, NULL);
    assert_int_equal(grown.root, chord.root);
    assert_int_equal(grown.bass, chord.bass);
    assert_int_equal(before & ~after, 0);
    assert_int_equal(after & ~before & ~(unsigned)key_set(key), 0);
    assert_true(grown.quality == chord.quality || count <= notes);
    assert_true(count >= chord_quality_intervals(chord.quality, NULL));
}

static void extension_never_leaves_the_key(void **state)
{
    (void)state;
    for (int i = 0; i < 12 * MODE_COUNT * 12 * CHORD_QUALITY_COUNT * 3; i++) {
        const struct key key = {(uint8_t)(i % 12), (enum mode)(i / 12 % MODE_COUNT)};
        const int rest = i / 12 / MODE_COUNT;
        struct chord chord = chord_of(rest % 12, (enum chord_quality)(rest / 12 % CHORD_QUALITY_COUNT));
        chord.bass = (uint8_t)((chord.root + i) % 12);
        extend_and_check(chord, key, 3 + rest / 12 / CHORD_QUALITY_COUNT);
    }
}

static void symbols_are_the_usual_ones(void **state)
{
    (void)state;
    static const struct {
        struct chord chord;
        struct key key;
        const char *symbol;
    } cases[] = {
        {{0, 0, CHORD_MAJOR}, {0, MODE_IONIAN}, "C"},
        {{2, 2, CHORD_MINOR_7}, {0, MODE_IONIAN}, "Dm7"},
        {{7, 7, CHORD_SUS4}, {0, MODE_IONIAN}, "Gsus4"},
        {{11, 11, CHORD_HALF_DIMINISHED_7}, {0, MODE_IONIAN}, "Bø7"},
        {{11, 11, CHORD_DIMINISHED}, {0, MODE_IONIAN}, "Bdim"},
        {{0, 4, CHORD_MAJOR}, {0, MODE_IONIAN}, "C/E"},
        {{5, 5, CHORD_MAJOR_9}, {0, MODE_IONIAN}, "Fmaj9"},
        {{4, 8, CHORD_MAJOR}, {9, MODE_AEOLIAN}, "E/G#"},
        {{4, 8, CHORD_DOMINANT_7}, {0, MODE_IONIAN}, "E7/G#"},
        {{8, 11, CHORD_MINOR}, {3, MODE_IONIAN}, "Abm/Cb"},
        {{10, 10, CHORD_MAJOR}, {0, MODE_IONIAN}, "Bb"},
        {{10, 10, CHORD_MAJOR}, {11, MODE_IONIAN}, "A#"},
        {{0, 9, CHORD_DIMINISHED_7}, {0, MODE_IONIAN}, "Cdim7/A"},
        {{5, 7, CHORD_MAJOR}, {0, MODE_IONIAN}, "F/G"},
        {{4, 4, CHORD_MINOR_MAJOR_7}, {4, MODE_AEOLIAN}, "Em(maj7)"},
        {{3, 3, CHORD_MINOR_ADD9}, {3, MODE_AEOLIAN}, "Ebm(add9)"},
        {{6, 10, CHORD_MINOR_MAJOR_7}, {6, MODE_IONIAN}, "F#m(maj7)/A#"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char symbol[16];
        chord_symbol(cases[i].chord, cases[i].key, symbol, sizeof symbol);
        assert_string_equal(symbol, cases[i].symbol);
    }
}

static void round_trip(struct chord chord, struct key key)
{
    char symbol[64];
    struct chord back = {99, 99, CHORD_QUALITY_COUNT};
    chord_symbol(chord, key, symbol, sizeof symbol);
    assert_true(strlen(symbol) < 16);
    assert_null(strstr(symbol, "##"));
    assert_null(strstr(symbol, "bb"));
    assert_int_equal(chord_parse(symbol, &back), STATUS_OK);
    assert_chord_equal(back, chord);
}

static void symbols_are_read_back(void **state)
{
    (void)state;
    for (int i = 0; i < 12 * MODE_COUNT * 12 * CHORD_QUALITY_COUNT; i++) {
        const struct key key = {(uint8_t)(i % 12), (enum mode)(i / 12 % MODE_COUNT)};
        const int rest = i / 12 / MODE_COUNT;
        struct chord chord = chord_of(rest % 12, (enum chord_quality)(rest / 12));
        for (int bass = 0; bass < 12; bass++) {
            chord.bass = (uint8_t)bass;
            round_trip(chord, key);
        }
    }
}

/// The diatonic triads of the 84 keys are spelled with the letters of the scale.
static void symbols_follow_the_scale(void **state)
{
    (void)state;
    for (int i = 0; i < 12 * MODE_COUNT * SCALE_DEGREES; i++) {
        const struct key key = {(uint8_t)(i % 12), (enum mode)(i / 12 % MODE_COUNT)};
        const int degree = i / 12 / MODE_COUNT;
        const int root = key_degree_class(key, degree);
        const int third = key_degree_class(key, degree + 2);
        const int fifth = key_degree_class(key, degree + 4);
        const bool minor = pitch_class(third - root) == 3;
        const bool diminished = pitch_class(fifth - root) == 6;
        const enum chord_quality quality = diminished ? CHORD_DIMINISHED : minor ? CHORD_MINOR : CHORD_MAJOR;
        char names[2][4];
        char expected[16];
        char symbol[16];
        key_spell(key, root, names[0], sizeof names[0]);
        key_spell(key, third, names[1], sizeof names[1]);
        (void)snprintf(expected, sizeof expected, "%s%s/%s", names[0], diminished ? "dim" : minor ? "m" : "", names[1]);
        chord_symbol(with_bass(root, quality, third), key, symbol, sizeof symbol);
        assert_string_equal(symbol, expected);
    }
}

static void parse_reads_what_people_write(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        struct chord chord;
    } cases[] = {
        {"Ebm", {3, 3, CHORD_MINOR}},
        {"D#min7", {3, 3, CHORD_MINOR_7}},
        {"Bb/D", {10, 2, CHORD_MAJOR}},
        {"Cmaj7", {0, 0, CHORD_MAJOR_7}},
        {"F#dim", {6, 6, CHORD_DIMINISHED}},
        {"CM7", {0, 0, CHORD_MAJOR_7}},
        {"F#°7", {6, 6, CHORD_DIMINISHED_7}},
        {"B♭-7", {10, 10, CHORD_MINOR_7}},
        {"Bm7b5", {11, 11, CHORD_HALF_DIMINISHED_7}},
        {"G+", {7, 7, CHORD_AUGMENTED}},
        {"Asus", {9, 9, CHORD_SUS4}},
        {"Cb9", {11, 11, CHORD_DOMINANT_9}},
        {"CΔ", {0, 0, CHORD_MAJOR_7}},
        {"A♭m(maj7)/C♭", {8, 11, CHORD_MINOR_MAJOR_7}},
        {"Bb6/F", {10, 5, CHORD_MAJOR_6}},
        {"Gmaj", {7, 7, CHORD_MAJOR}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct chord chord = {99, 99, CHORD_QUALITY_COUNT};
        assert_int_equal(chord_parse(cases[i].text, &chord), STATUS_OK);
        assert_chord_equal(chord, cases[i].chord);
    }
}

static void parse_refuses_the_rest(void **state)
{
    (void)state;
    static const char *const cases[] = {"",     "H",    "m7",   "C/",    "C/H",   "C//E", "Cmaj7 ", " C", "Cmaj77",
                                        "C###", "Cfoo", "C/Em", "C/E/G", "Cm7\n", "N",    "N.C.",   "/C", "C\xc3"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct chord chord = {1, 2, CHORD_SUS2};
        assert_int_equal(chord_parse(cases[i], &chord), STATUS_INVALID);
        assert_chord_equal(chord, (struct chord){1, 2, CHORD_SUS2});
    }
}

static void numerals_are_the_usual_ones(void **state)
{
    (void)state;
    static const struct {
        struct chord chord;
        struct key key;
        const char *numeral;
    } cases[] = {
        {{0, 0, CHORD_MAJOR}, {0, MODE_IONIAN}, "I"},
        {{9, 9, CHORD_MINOR_7}, {9, MODE_AEOLIAN}, "i7"},
        {{5, 5, CHORD_MAJOR}, {0, MODE_IONIAN}, "IV"},
        {{10, 10, CHORD_MAJOR}, {0, MODE_IONIAN}, "bVII"},
        {{7, 7, CHORD_MAJOR}, {9, MODE_AEOLIAN}, "bVII"},
        {{11, 11, CHORD_HALF_DIMINISHED_7}, {0, MODE_IONIAN}, "viiø7"},
        {{11, 11, CHORD_DIMINISHED}, {0, MODE_IONIAN}, "vii°"},
        {{7, 11, CHORD_MAJOR}, {0, MODE_IONIAN}, "V/3"},
        {{9, 0, CHORD_MINOR}, {9, MODE_AEOLIAN}, "i/b3"},
        {{0, 10, CHORD_MAJOR}, {0, MODE_IONIAN}, "I/b7"},
        {{0, 8, CHORD_AUGMENTED}, {9, MODE_AEOLIAN}, "bIII+/#5"},
        {{1, 1, CHORD_MAJOR}, {0, MODE_PHRYGIAN}, "bII"},
        {{6, 6, CHORD_DIMINISHED}, {0, MODE_LYDIAN}, "#iv°"},
        {{6, 6, CHORD_MAJOR}, {0, MODE_LOCRIAN}, "bV"},
        {{0, 0, CHORD_MINOR_MAJOR_7}, {0, MODE_AEOLIAN}, "imaj7"},
        {{4, 4, CHORD_MAJOR}, {1, MODE_IONIAN}, "bIII"},
        {{7, 5, CHORD_DOMINANT_7_SUS4}, {0, MODE_IONIAN}, "V7sus4/b7"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char numeral[16];
        chord_numeral(cases[i].chord, cases[i].key, numeral, sizeof numeral);
        assert_string_equal(numeral, cases[i].numeral);
    }
}

static void numerals_fit_and_differ(void **state)
{
    (void)state;
    enum { CHORDS = 12 * CHORD_QUALITY_COUNT * 12 };
    static char numerals[CHORDS][24];
    for (int i = 0; i < CHORDS; i++) {
        const struct chord chord = with_bass(i % 12, (enum chord_quality)(i / 144), i / 12 % 12);
        chord_numeral(chord, a_aeolian, numerals[i], sizeof numerals[i]);
        assert_true(strlen(numerals[i]) < 16);
    }
    qsort(numerals, CHORDS, sizeof numerals[0], (int (*)(const void *, const void *))strcmp);
    for (int i = 1; i < CHORDS; i++) {
        assert_string_not_equal(numerals[i - 1], numerals[i]);
    }
}

static void chords_move_as_a_whole(void **state)
{
    (void)state;
    struct chord chord = chord_of(2, CHORD_MINOR_7);
    chord.bass = 5;
    const struct chord up = chord_transpose(chord, 11);
    assert_int_equal(up.root, 1);
    assert_int_equal(up.bass, 4);
    assert_int_equal(up.quality, CHORD_MINOR_7);
    assert_true(chord_equal(chord_transpose(up, -11), chord));
    assert_false(chord_equal(chord, chord_of(2, CHORD_MINOR_7)));
    assert_false(chord_equal(chord_of(2, CHORD_MINOR), chord_of(2, CHORD_MINOR_7)));
    assert_int_equal(chord_set(up), pitch_set_transpose(chord_set(chord), 11));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chords_move_as_a_whole),
        cmocka_unit_test(quality_names_are_read_back),
        cmocka_unit_test(intervals_ascend_and_make_the_set),
        cmocka_unit_test(the_bass_belongs_to_the_set),
        cmocka_unit_test(extension_grows_diatonic_triads),
        cmocka_unit_test(extension_never_leaves_the_key),
        cmocka_unit_test(symbols_are_the_usual_ones),
        cmocka_unit_test(symbols_are_read_back),
        cmocka_unit_test(symbols_follow_the_scale),
        cmocka_unit_test(parse_reads_what_people_write),
        cmocka_unit_test(parse_refuses_the_rest),
        cmocka_unit_test(numerals_are_the_usual_ones),
        cmocka_unit_test(numerals_fit_and_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
