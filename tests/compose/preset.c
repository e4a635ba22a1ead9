// SPDX-License-Identifier: GPL-3.0-or-later
#include "compose/preset.h"

#include "core/embed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

extern const struct embed preset_files[];

static void built_in_presets_load(void **state)
{
    (void)state;
    static const char *const names[] = {"bright", "focus", "meditation", "sleep"};
    struct presets *presets;
    struct complaint complaint = {""};
    assert_int_equal(presets_load(&presets, &complaint), STATUS_OK);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_non_null(presets_find(presets, names[i], &complaint));
    }
    assert_true(presets_count(presets) >= sizeof names / sizeof *names);
    for (size_t i = 0; i < presets_count(presets); i++) {
        const struct preset *preset = presets_at(presets, i);
        assert_true(i == 0 || strcmp(presets_at(presets, i - 1)->name, preset->name) < 0);
        assert_true(strlen(preset->title) > 0 && strlen(preset->description) > 20);
        assert_int_equal(controls_check(&preset->defaults, &complaint), STATUS_OK);
        assert_ptr_equal(presets_find(presets, preset->name, &complaint), preset);
    }
    presets_free(presets);
    presets_free(NULL);
    preset_free(NULL);
}

static void unknown_preset_is_told_of_the_others(void **state)
{
    (void)state;
    static const char *const wrong[] = {"", "Focus", "focus ", "foc", "focuss", "\xff\xfe", "../../etc/passwd"};
    struct presets *presets;
    assert_int_equal(presets_load(&presets, NULL), STATUS_OK);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct complaint complaint = {""};
        assert_null(presets_find(presets, wrong[i], &complaint));
        assert_non_null(strstr(complaint.text, wrong[i]));
        assert_non_null(strstr(complaint.text, "bright, focus, meditation, sleep"));
    }
    char huge[5000];
    memset(huge, 'x', sizeof huge - 1);
    huge[sizeof huge - 1] = '\0';
    assert_null(presets_find(presets, huge, NULL));
    presets_free(presets);
}

static void pair_is_a_straight_line(void **state)
{
    (void)state;
    const struct preset_pair pair = {{10.0, 20.0}};
    assert_float_equal(preset_pair_at(pair, 0.0), 10.0, 1e-12);
    assert_float_equal(preset_pair_at(pair, 0.25), 12.5, 1e-12);
    assert_float_equal(preset_pair_at(pair, 1.0), 20.0, 1e-12);
}

// The text of focus with the first \p from replaced by \p to; the caller frees it.
static char *focus_with(const char *from, const char *to)
{
    const struct embed *file = embed_find(preset_files, "focus.yaml");
    assert_non_null(file);
    const char *text = (const char *)file->bytes;
    const char *place = strstr(text, from);
    assert_non_null(place);
    const size_t size = strlen(text) + strlen(to) + 1;
    char *made = malloc(size);
    assert_non_null(made);
    (void)snprintf(made, size, "%.*s%s%s", (int)(place - text), text, to, place + strlen(from));
    return made;
}

static void what_stands_there_is_what_is_read(void **state)
{
    (void)state;
    char *text = focus_with("meter: 4/4", "meter: 6/8");
    struct preset *preset = NULL;
    struct complaint complaint = {""};
    assert_int_equal(preset_parse("focus.yaml", text, strlen(text), &preset, &complaint), STATUS_OK);
    assert_int_equal(preset->meter.beats, 6);
    assert_int_equal(preset->meter.unit, 8);
    assert_int_equal(preset->defaults.key.tonic, 2);
    assert_int_equal(preset->defaults.key.mode, MODE_DORIAN);
    assert_int_equal(preset->harmony.chord_bars.count, 3);
    assert_int_equal(preset->harmony.chord_bars.values[2], 2);
    assert_int_equal(preset->bass.low, 33);
    assert_float_equal(preset->sparkle_density.at[1], 0.5, 1e-12);
    preset_free(preset);
    free(text);
}

struct wrong {
    const char *from;
    const char *to;
    const char *names; ///< what the complaint has to name
};

static const struct wrong wrongs[] = {
    // A field is missing, unknown or twice.
    {"name: focus\n", "", "name"},
    {"bpm: 72\n", "", "bpm"},
    {"slot_beats: 1\n", "", "slot_beats"},
    {"  recall: 0.4\n", "", "recall"},
    {"pan: 70, ", "", "pan"},
    {"bpm: 72\n", "bpm: 72\nbmp: 72\n", "bmp"},
    {"  recall: 0.4\n", "  recall: 0.4\n  tempo: 3\n", "tempo"},
    {"pan: 70,", "pan: 70, pam: 3,", "pam"},
    // A value is of the wrong type.
    {"bpm: 72", "bpm: fast", "bpm"},
    {"bpm: 72", "bpm: [72]", "bpm"},
    {"bpm: 72", "bpm:", "bpm"},
    {"program: 89", "program: organ", "program"},
    {"program: 89", "program: {}", "program"},
    {"chord_bars: [1, 2, 2]", "chord_bars: 2", "chord_bars"},
    {"chord_bars: [1, 2, 2]", "chord_bars: []", "chord_bars"},
    {"chord_bars: [1, 2, 2]", "chord_bars: [1, 1, 1, 1, 1, 1, 1, 1, 1]", "chord_bars"},
    {"divide: [0.1, 0.7]", "divide: [0.1]", "divide"},
    {"divide: [0.1, 0.7]", "divide: [0.1, 0.7, 0.8]", "divide"},
    {"harmony:\n  chord_bars: [1, 2, 2]\n  phrase_bars: [8, 8, 12]\n  chord_notes: [4, 4, 5]\n  recall: 0.4\n",
     "harmony: dense\n", "harmony"},
    // A value is out of its range.
    {"key: D", "key: H", "key"},
    {"mode: dorian", "mode: doric", "mode"},
    {"meter: 4/4", "meter: 5/4", "meter"},
    {"bpm: 72", "bpm: 29.9", "bpm"},
    {"bpm: 72", "bpm: 201", "bpm"},
    {"bpm: 72", "bpm: .nan", "bpm"},
    {"bpm: 72", "bpm: nan", "bpm"},
    {"bpm: 72", "bpm: inf", "bpm"},
    {"bpm: 72", "bpm: 1e999", "bpm"},
    {"intensity: 0.45", "intensity: 1.01", "intensity"},
    {"gain_db: 16.3", "gain_db: 25", "gain_db"},
    {"chord_bars: [1, 2, 2]", "chord_bars: [1, 0, 2]", "chord_bars"},
    {"chord_bars: [1, 2, 2]", "chord_bars: [1, 9, 2]", "chord_bars"},
    {"phrase_bars: [8, 8, 12]", "phrase_bars: [8, 7, 12]", "phrase_bars"},
    {"phrase_bars: [8, 8, 12]", "phrase_bars: [8, 17]", "phrase_bars"},
    {"chord_notes: [4, 4, 5]", "chord_notes: [2, 4]", "chord_notes"},
    {"recall: 0.4", "recall: nan", "recall"},
    {"recall: 0.4", "recall: -0.1", "recall"},
    {"program: 89", "program: 128", "program"},
    {"program: 89", "program: -1", "program"},
    {"program: 89", "program: 4294967296", "program"},
    {"volume: 64", "volume: 128", "volume"},
    {"low: 48, high: 76", "low: 48, high: 60", "pad.high"},
    {"low: 48, high: 76", "low: 48, high: 128", "pad.high"},
    {"low: 48, high: 76", "low: 76, high: 48", "pad.high"},
    {"low: 58, high: 86", "low: -1, high: 86", "melody.low"},
    {"enters: 0.3", "enters: 1.5", "bass.enters"},
    {"velocity: [72, 88]", "velocity: [19, 88]", "melody.velocity"},
    {"velocity: [72, 88]", "velocity: [72, 101]", "melody.velocity"},
    {"pad_voices: [3, 4, 4]", "pad_voices: [3, 6]", "pad_voices"},
    {"slot_beats: 1\n", "slot_beats: 0.75\n", "slot_beats"},
    {"slot_beats: 1\n", "slot_beats: nan\n", "slot_beats"},
    {"gesture_slots: [6, 8, 8, 12]", "gesture_slots: [3, 8]", "gesture_slots"},
    {"gesture_slots: [6, 8, 8, 12]", "gesture_slots: [17]", "gesture_slots"},
    {"breath_beats: [6, 2]", "breath_beats: [-1, 2]", "breath_beats"},
    {"breath_beats: [6, 2]", "breath_beats: [6, inf]", "breath_beats"},
    {"sparkle_density: [0.0, 0.5]", "sparkle_density: [0.0, 1.1]", "sparkle_density"},
    // It is no YAML, or too much of it.
    {"harmony:", "harmony: [", "focus.yaml"},
    {"bpm: 72", "bpm: \"72", "focus.yaml"},
    {"bpm: 72", "\tbpm: 72", "focus.yaml"},
    {"bpm: 72", "bpm: *tempo", "focus.yaml"},
    {"title: Focus", "title: \"\"", "title"},
    {"title: Focus", "title: 01234567890123456789012345678901234567890123456789012345678901234567890", "title"},
};

static void refused(const char *text, size_t size, const char *names)
{
    struct preset *preset = NULL;
    struct complaint complaint = {""};
    const enum status status = preset_parse("focus.yaml", text, size, &preset, &complaint);
    if (status != STATUS_CORRUPT || preset || !strstr(complaint.text, names) || !strstr(complaint.text, "focus.yaml")) {
        fail_msg("status %d, and not a word of %s in: %s", (int)status, names, complaint.text);
    }
    assert_int_equal(preset_parse("focus.yaml", text, size, &preset, NULL), STATUS_CORRUPT);
}

static void mistakes_are_named_with_file_and_field(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
        char *text = focus_with(wrongs[i].from, wrongs[i].to);
        refused(text, strlen(text), wrongs[i].names);
        free(text);
    }
}

static void bytes_that_are_no_preset_are_refused(void **state)
{
    (void)state;
    static const char nul[] = "name: focus\0title: x\n";
    static const char binary[] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    refused("", 0, "focus.yaml");
    refused(" \n# nothing\n", 12, "focus.yaml");
    refused("- 1\n- 2\n", 8, "focus.yaml");
    refused("text", 4, "focus.yaml");
    refused("---\n---\n", 8, "focus.yaml");
    refused(nul, sizeof nul - 1, "focus.yaml");
    refused(binary, sizeof binary - 1, "focus.yaml");
    refused("\xff\xfe\x00\x01", 4, "focus.yaml");
}

static void huge_files_are_refused(void **state)
{
    (void)state;
    enum { SIZE = 1 << 20, DEEP = 20000 };
    static const char field[] = "name: ";
    char *text = malloc(SIZE);
    assert_non_null(text);
    memset(text, 'x', SIZE);
    refused(text, SIZE, "focus.yaml");
    memcpy(text, field, sizeof field - 1);
    refused(text, SIZE, "name");
    memset(text, '[', DEEP);
    refused(text, DEEP, "focus.yaml");
    free(text);
}

static void every_cut_is_refused_or_read(void **state)
{
    (void)state;
    const struct embed *file = embed_find(preset_files, "focus.yaml");
    for (size_t size = 0; size < embed_size(file); size += 7) {
        struct preset *preset = NULL;
        struct complaint complaint = {""};
        const enum status status = preset_parse("focus.yaml", file->bytes, size, &preset, &complaint);
        assert_int_equal(status, STATUS_CORRUPT);
        assert_non_null(strstr(complaint.text, "focus.yaml"));
    }
}

// Anchors are YAML too; what they stand for is checked like anything else, and they cannot multiply themselves.
static void aliases_do_no_harm(void **state)
{
    (void)state;
    static const char alias[] = "velocity: *soft   ";
    char *text = focus_with("velocity: [52, 58]", "velocity: &soft [52, 58]");
    char *end = strstr(text, "velocity: [54, 66]");
    assert_non_null(end);
    memcpy(end, alias, sizeof alias - 1);
    struct preset *preset = NULL;
    struct complaint complaint = {""};
    if (preset_parse("focus.yaml", text, strlen(text), &preset, &complaint) == STATUS_OK) {
        assert_float_equal(preset->bass.velocity.at[1], 58.0, 1e-12);
        preset_free(preset);
    } else {
        assert_non_null(strstr(complaint.text, "focus.yaml"));
    }
    free(text);
    static const char bomb[] = "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"
                               "c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\n"
                               "e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nname: *e\n";
    static const char circle[] = "name: &a [*a]\n";
    refused(bomb, sizeof bomb - 1, "focus.yaml");
    refused(circle, sizeof circle - 1, "focus.yaml");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(built_in_presets_load),
        cmocka_unit_test(unknown_preset_is_told_of_the_others),
        cmocka_unit_test(pair_is_a_straight_line),
        cmocka_unit_test(what_stands_there_is_what_is_read),
        cmocka_unit_test(mistakes_are_named_with_file_and_field),
        cmocka_unit_test(bytes_that_are_no_preset_are_refused),
        cmocka_unit_test(huge_files_are_refused),
        cmocka_unit_test(every_cut_is_refused_or_read),
        cmocka_unit_test(aliases_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
