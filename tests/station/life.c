// SPDX-License-Identifier: GPL-3.0-or-later
#include "station/life.h"

#include "fixture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { WIDTH = 512 };

#define BIRTH                                                                                                          \
    "{\"tutti_station\":1,\"station\":\"main\",\"seed\":\"18446744073709551615\",\"rate\":48000,\"renderer\":"         \
    "\"tone\",\"preset\":\"focus\",\"key\":\"Db\",\"mode\":\"dorian\",\"bpm\":61.7,\"intensity\":0.4}\n"
#define POSITION "{\"position\":480000,\"sequence\":100,\"wall_us\":1795238580123456}\n"
#define CHANGE   "{\"change\":96000,\"preset\":\"sleep\",\"key\":\"F#\",\"mode\":\"lydian\",\"bpm\":50,\"intensity\":1}\n"

static enum status parse(const struct fixture *fixture, const char *text, struct life *life, struct complaint *why)
{
    return life_parse(text, strlen(text), fixture->presets, life, why);
}

static void test_reads_a_life(void **state)
{
    const struct fixture *fixture = *state;
    struct life life;
    assert_int_equal(parse(fixture, BIRTH POSITION CHANGE, &life, NULL), STATUS_OK);
    assert_string_equal(life.birth.station, "main");
    assert_string_equal(life.birth.renderer, "tone");
    assert_true(life.birth.seed == UINT64_MAX);
    assert_int_equal(life.birth.rate, 48000);
    assert_ptr_equal(life.birth.preset, fixture_preset(fixture, "focus"));
    assert_int_equal(life.birth.controls.key.tonic, 1);
    assert_int_equal(life.birth.controls.key.mode, MODE_DORIAN);
    assert_true(life.birth.controls.bpm == 61.7 && life.birth.controls.intensity == 0.4);
    assert_int_equal(life.position.frame, 480000);
    assert_int_equal(life.position.sequence, 100);
    assert_true(life.position.wall_us == 1795238580123456);
    assert_int_equal(life.count, 1);
    assert_int_equal(life.changes[0].frame, 96000);
    assert_ptr_equal(life.changes[0].preset, fixture_preset(fixture, "sleep"));
    assert_int_equal(life_latest(&life).controls.key.tonic, 6);
    life_done(&life);
    assert_null(life.changes);
}

static void test_what_is_written_is_read(void **state)
{
    const struct fixture *fixture = *state;
    const struct life_birth birth = {.station = "a-b_0",
                                     .renderer = "a \"name\" \\ of \xc3\xa9\n bars",
                                     .seed = 0,
                                     .rate = 44100,
                                     .preset = fixture_preset(fixture, "bright"),
                                     .controls = {{11, MODE_LOCRIAN}, 200, 1.0 / 3}};
    const struct life_change changes[] = {
        {882, NULL, {{3, MODE_IONIAN}, nextafter(30, 31), 0.1}},
        {882, fixture_preset(fixture, "meditation"), {{0, MODE_PHRYGIAN}, 59.99999999999999, nextafter(1, 0)}},
    };
    const struct life_position position = {.frame = 4410, .sequence = 1, .wall_us = -5};
    char text[4 * WIDTH + 1];
    assert_true(life_print_birth(&birth, WIDTH, text));
    assert_true(life_print_position(&position, WIDTH, text + WIDTH));
    assert_true(life_print_change(&changes[0], WIDTH, text + (size_t)2 * WIDTH));
    assert_true(life_print_change(&changes[1], WIDTH, text + (size_t)3 * WIDTH));
    assert_int_equal(strlen(text), 4 * WIDTH);
    struct life life;
    struct complaint complaint = {""};
    if (parse(fixture, text, &life, &complaint) != STATUS_OK) {
        fail_msg("%s", complaint.text);
    }
    assert_string_equal(life.birth.renderer, birth.renderer);
    assert_true(life.birth.controls.intensity == birth.controls.intensity && life.birth.rate == birth.rate);
    assert_int_equal(life.position.frame, 4410);
    assert_true(life.position.wall_us == -5);
    assert_int_equal(life.count, 2);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(life.changes[i].frame, changes[i].frame);
        assert_ptr_equal(life.changes[i].preset, changes[i].preset);
        assert_int_equal(life.changes[i].controls.key.tonic, changes[i].controls.key.tonic);
        assert_int_equal(life.changes[i].controls.key.mode, changes[i].controls.key.mode);
        assert_true(life.changes[i].controls.bpm == changes[i].controls.bpm);
        assert_true(life.changes[i].controls.intensity == changes[i].controls.intensity);
    }
    assert_ptr_equal(life_latest(&life).preset, changes[1].preset);
    life_done(&life);
    assert_false(life_print_position(&position, 20, text));
}

static void test_a_line_that_was_cut_off_does_not_count(void **state)
{
    static const char whole[] = BIRTH POSITION CHANGE;
    const size_t without = strlen(BIRTH POSITION);
    struct life life;
    for (size_t size = 0; size < sizeof whole - 1; size++) {
        const enum status status = life_parse(whole, size, ((struct fixture *)*state)->presets, &life, NULL);
        assert_int_equal(status, size < without ? STATUS_CORRUPT : STATUS_OK);
        assert_int_equal(life.count, 0);
        life_done(&life);
    }
}

static void test_refuses_what_cannot_be(void **state)
{
    static const char *const wrong[] = {
        "",
        "\n",
        "hello\n",
        "[]\n",
        "{}\n",
        POSITION,
        BIRTH,
        BIRTH BIRTH POSITION,
        BIRTH POSITION "\n",
        BIRTH POSITION "{\"position\":480000,\"sequence\":99,\"wall_us\":1}\n",
        BIRTH POSITION "{\"position\":475200,\"sequence\":100,\"wall_us\":1}\n",
        BIRTH "{\"position\":480001,\"sequence\":100,\"wall_us\":1}\n",
        BIRTH "{\"position\":480000,\"sequence\":101,\"wall_us\":1}\n",
        BIRTH "{\"position\":-960,\"sequence\":0,\"wall_us\":1}\n",
        BIRTH "{\"position\":9223372036854775040,\"sequence\":0,\"wall_us\":1}\n",
        BIRTH "{\"position\":480000,\"sequence\":-1,\"wall_us\":1}\n",
        BIRTH "{\"position\":480000,\"sequence\":100}\n",
        BIRTH "{\"position\":480000,\"sequence\":100,\"wall_us\":1,\"more\":1}\n",
        BIRTH "{\"position\":480000,\"position\":480000,\"sequence\":100,\"wall_us\":1}\n",
        BIRTH "{\"position\":4.8e5,\"sequence\":100,\"wall_us\":1}\n",
        BIRTH POSITION CHANGE CHANGE "{\"change\":0,\"key\":\"C\",\"mode\":\"lydian\",\"bpm\":50,\"intensity\":1}\n",
        BIRTH POSITION "{\"change\":577920,\"key\":\"C\",\"mode\":\"lydian\",\"bpm\":50,\"intensity\":1}\n",
        BIRTH POSITION "{\"change\":100,\"key\":\"C\",\"mode\":\"lydian\",\"bpm\":50,\"intensity\":1}\n",
        BIRTH POSITION "{\"change\":960,\"key\":\"C\",\"mode\":\"lydian\",\"bpm\":500,\"intensity\":1}\n",
        BIRTH POSITION "{\"change\":960,\"key\":\"C\",\"mode\":\"lydian\",\"bpm\":50,\"intensity\":-1}\n",
        BIRTH POSITION "{\"change\":960,\"key\":\"H\",\"mode\":\"lydian\",\"bpm\":50,\"intensity\":1}\n",
        BIRTH POSITION "{\"change\":960,\"key\":\"C\",\"mode\":\"blue\",\"bpm\":50,\"intensity\":1}\n",
        BIRTH POSITION "{\"change\":960,\"key\":\"C\",\"mode\":\"lydian\",\"bpm\":50}\n",
        BIRTH POSITION "{\"change\":960,\"preset\":\"polka\",\"key\":\"C\",\"mode\":\"lydian\",\"bpm\":50,"
                       "\"intensity\":1}\n",
        "{\"tutti_station\":1,\"station\":\"main\",\"seed\":\"-1\",\"rate\":48000,\"renderer\":\"tone\",\"preset\":"
        "\"focus\",\"key\":\"Db\",\"mode\":\"dorian\",\"bpm\":61.7,\"intensity\":0.4}\n" POSITION,
        "{\"tutti_station\":1,\"station\":\"main\",\"seed\":\"18446744073709551616\",\"rate\":48000,\"renderer\":"
        "\"tone\",\"preset\":\"focus\",\"key\":\"Db\",\"mode\":\"dorian\",\"bpm\":61.7,\"intensity\":0.4}\n" POSITION,
        "{\"tutti_station\":1,\"station\":\"main\",\"seed\":\"7\",\"rate\":0,\"renderer\":\"tone\",\"preset\":"
        "\"focus\",\"key\":\"Db\",\"mode\":\"dorian\",\"bpm\":61.7,\"intensity\":0.4}\n" POSITION,
        "{\"tutti_station\":1,\"station\":\"a-name-that-is-far-too-long-to-be-one\",\"seed\":\"7\",\"rate\":48000,"
        "\"renderer\":\"tone\",\"preset\":\"focus\",\"key\":\"Db\",\"mode\":\"dorian\",\"bpm\":61.7,"
        "\"intensity\":0.4}\n" POSITION,
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct life life;
        struct complaint complaint = {""};
        if (parse(*state, wrong[i], &life, &complaint) != STATUS_CORRUPT || !complaint.text[0]) {
            fail_msg("%zu: %s", i, wrong[i]);
        }
        assert_null(life.changes);
    }
}

static void test_names_another_version(void **state)
{
    struct life life;
    struct complaint complaint = {""};
    assert_int_equal(parse(*state, "{\"tutti_station\":2,\"stars\":5}\n", &life, &complaint), STATUS_UNSUPPORTED);
    assert_non_null(strstr(complaint.text, "version 2"));
}

static void test_refuses_lines_and_lives_that_are_too_long(void **state)
{
    const struct fixture *fixture = *state;
    const size_t size = (size_t)LIFE_BYTES_MAX + 1;
    static const char head[] = BIRTH POSITION;
    char *text = malloc(size);
    assert_non_null(text);
    memset(text, ' ', size);
    for (size_t i = 0; head[i]; i++) {
        text[i] = head[i];
    }
    struct life life;
    assert_int_equal(life_parse(text, size, fixture->presets, &life, NULL), STATUS_CORRUPT);
    // As a line that was cut off it does not count; with its end it is too long.
    assert_int_equal(life_parse(text, size - 1, fixture->presets, &life, NULL), STATUS_OK);
    text[strlen(BIRTH POSITION) + LIFE_LINE_MAX + 1] = '\n';
    assert_int_equal(life_parse(text, size - 1, fixture->presets, &life, NULL), STATUS_CORRUPT);
    free(text);
}

static void test_keeps_so_many_changes(void **state)
{
    const struct fixture *fixture = *state;
    struct life life = {.birth = {.preset = fixture_preset(fixture, "focus")}};
    struct life_change change = {.controls = {{1, MODE_IONIAN}, 60, 0.5}};
    for (int i = 0; i < LIFE_CHANGES; i++) {
        change.frame = (uint64_t)i;
        assert_int_equal(life_add(&life, &change), STATUS_OK);
    }
    change.frame = 123456;
    change.controls.bpm = 99;
    assert_int_equal(life_add(&life, &change), STATUS_FULL);
    assert_int_equal(life.count, LIFE_CHANGES);
    assert_int_equal(life.changes[LIFE_CHANGES - 2].frame, LIFE_CHANGES - 2);
    assert_true(life_latest(&life).frame == 123456 && life_latest(&life).controls.bpm == 99);
    life_done(&life);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_a_life),
        cmocka_unit_test(test_what_is_written_is_read),
        cmocka_unit_test(test_a_line_that_was_cut_off_does_not_count),
        cmocka_unit_test(test_refuses_what_cannot_be),
        cmocka_unit_test(test_names_another_version),
        cmocka_unit_test(test_refuses_lines_and_lives_that_are_too_long),
        cmocka_unit_test(test_keeps_so_many_changes),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
