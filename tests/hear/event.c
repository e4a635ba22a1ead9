// SPDX-License-Identifier: GPL-3.0-or-later
#include "hear/event.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void assert_chord(bool sounds, int root, int bass, enum chord_quality quality, const char *expected)
{
    struct hear_event event = {.kind = HEAR_CHORD, .chord = {.sounds = sounds, .chord = chord_of(root, quality)}};
    event.chord.chord.bass = (uint8_t)bass;
    char label[HEAR_LABEL_SIZE];
    hear_label(&event, label);
    assert_string_equal(label, expected);
}

static void chords_are_written_as_harte_does(void **state)
{
    (void)state;
    assert_chord(true, 0, 0, CHORD_MAJOR, "C:maj");
    assert_chord(true, 9, 0, CHORD_MINOR_7, "A:min7/b3");
    assert_chord(true, 10, 8, CHORD_DOMINANT_7, "Bb:7/b7");
    assert_chord(true, 11, 11, CHORD_HALF_DIMINISHED_7, "B:hdim7");
    assert_chord(true, 6, 6, CHORD_DIMINISHED, "F#:dim");
    assert_chord(false, 3, 7, CHORD_MAJOR, "N");
}

static void keys_are_major_or_minor(void **state)
{
    (void)state;
    char label[HEAR_LABEL_SIZE];
    hear_label(&(struct hear_event){.kind = HEAR_KEY, .key = {.key = {6, MODE_IONIAN}}}, label);
    assert_string_equal(label, "Gb:maj");
    hear_label(&(struct hear_event){.kind = HEAR_KEY, .key = {.key = {4, MODE_AEOLIAN}}}, label);
    assert_string_equal(label, "E:min");
    hear_label(&(struct hear_event){.kind = HEAR_KEY, .key = {.key = {1, MODE_AEOLIAN}}}, label);
    assert_string_equal(label, "C#:min");
}

static void others_have_no_label(void **state)
{
    (void)state;
    char label[HEAR_LABEL_SIZE] = "x";
    hear_label(&(struct hear_event){.kind = HEAR_BEAT}, label);
    assert_string_equal(label, "");
    for (int kind = 0; kind < HEAR_KINDS; kind++) {
        assert_non_null(hear_kind_name((enum hear_kind)kind));
    }
    for (int band = 0; band < ONSET_BANDS; band++) {
        assert_non_null(hear_band_name((enum onset_band)band));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chords_are_written_as_harte_does),
        cmocka_unit_test(keys_are_major_or_minor),
        cmocka_unit_test(others_have_no_label),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
