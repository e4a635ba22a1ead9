// SPDX-License-Identifier: GPL-3.0-or-later
#include "compose/harmony_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct harmony_table table;
static struct complaint complaint;

/// Reads from memory of exactly \p size, so that a sanitizer sees any step beyond it.
static enum status read_bytes(const void *text, size_t size)
{
    void *bytes = malloc(size ? size : 1);
    assert_non_null(bytes);
    memcpy(bytes, text, size);
    complaint.text[0] = '\0';
    const enum status status = harmony_table_read("t.txt", bytes, size, &table, &complaint);
    free(bytes);
    return status;
}

static enum status read_text(const char *text)
{
    return read_bytes(text, strlen(text));
}

#define HEAD "# a table\n\nmode dorian\nchord 0:min\nchord 5:maj\nchord 10:maj7\n"
#define BODY "^ ^ 0:min 3\n^ 0:min 5:maj 2\n* 5:maj 10:maj7 7\n"

static void table_is_read(void **state)
{
    (void)state;
    assert_int_equal(read_text(HEAD BODY), STATUS_OK);
    assert_int_equal(table.mode, MODE_DORIAN);
    assert_int_equal(table.count, 3);
    assert_int_equal(table.chords[2].root, 10);
    assert_int_equal(table.chords[2].quality, CHORD_MAJOR_7);
    assert_int_equal(table.counts[HARMONY_START][HARMONY_START][0], 3);
    assert_int_equal(table.counts[HARMONY_START][0][1], 2);
    assert_int_equal(table.counts[HARMONY_ANY][1][2], 7);
    assert_int_equal(table.counts[0][1][2], 0);
    assert_string_equal(complaint.text, "");
}

static void last_newline_may_be_missing(void **state)
{
    (void)state;
    assert_int_equal(read_text(HEAD BODY "0:min 5:maj 0:min 9"), STATUS_OK);
    assert_int_equal(table.counts[0][1][0], 9);
}

struct broken {
    const char *text;
    int line;
    const char *problem;
};

static const struct broken broken[] = {
    {"", 0, "fewer than three"},
    {"chord 0:min\n", 1, "mode first"},
    {"mode hypodorian\n", 1, "no such mode"},
    {"mode dorian\nmode dorian\n", 2, "second mode"},
    {"mode\n", 1, "expected \"mode NAME\""},
    {"mode  dorian\n", 1, "single spaces"},
    {"mode dorian \n", 1, "single spaces"},
    {" mode dorian\n", 1, "single spaces"},
    {"mode dorian\r\n", 1, "printable"},
    {"mode dorian\nchord 0:m\x01in\n", 2, "printable"},
    {"mode dorian\nchord 0\n", 2, "INTERVAL:QUALITY"},
    {"mode dorian\nchord 12:min\n", 2, "INTERVAL:QUALITY"},
    {"mode dorian\nchord 05:min\n", 2, "INTERVAL:QUALITY"},
    {"mode dorian\nchord -1:min\n", 2, "INTERVAL:QUALITY"},
    {"mode dorian\nchord :min\n", 2, "INTERVAL:QUALITY"},
    {"mode dorian\nchord 0:minor\n", 2, "INTERVAL:QUALITY"},
    {"mode dorian\nchord 0:maj\n", 2, "not in the mode"},
    {"mode dorian\nchord 0:min\nchord 0:min\n", 3, "twice"},
    {HEAD "chord 0:min7 4\n", 7, "expected \"mode NAME\""},
    {HEAD BODY, 0, NULL},
    {HEAD "^ ^ 7:min 3\n", 7, "not named"},
    {HEAD "^ ^ ^ 3\n", 7, "not named"},
    {HEAD "0:min 5:maj * 3\n", 7, "not named"},
    {HEAD "7:min 5:maj 0:min 3\n", 7, "not named"},
    {HEAD "5:maj 0:min 0:min 3\n", 7, "cannot be"},
    {HEAD "0:min 0:min 5:maj 3\n", 7, "cannot be"},
    {HEAD "* ^ 5:maj 3\n", 7, "cannot be"},
    {HEAD "0:min ^ 5:maj 3\n", 7, "cannot be"},
    {HEAD "0:min * 5:maj 3\n", 7, "cannot be"},
    {HEAD "^ ^ 0:min 0\n", 7, "count"},
    {HEAD "^ ^ 0:min -3\n", 7, "count"},
    {HEAD "^ ^ 0:min 3.5\n", 7, "count"},
    {HEAD "^ ^ 0:min nan\n", 7, "count"},
    {HEAD "^ ^ 0:min 1000001\n", 7, "count"},
    {HEAD "^ ^ 0:min 99999999999999999999\n", 7, "count"},
    {HEAD "^ ^ 0:min 3 4\n", 7, "four at most"},
    {HEAD "^ ^ 0:min 3\n^ ^ 0:min 3\n", 8, "twice"},
    {HEAD "^ ^ 0:min 3\n", 7, "never came"},
    {"mode dorian\nchord 2:min\nchord 5:maj\nchord 10:maj\n* * 2:min 1\n* * 5:maj 1\n* * 10:maj 1\n", 7, "tonic"},
    {"mode dorian\nchord 0:min\nchord 5:maj\n* * 0:min 1\n* * 5:maj 1\n", 5, "three"},
    {"mode dorian\nchord 0:minnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn\n", 2,
     "too long"},
};

static void broken_tables_are_refused_with_their_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        char place[32];
        const enum status status = read_text(broken[i].text);
        if (!broken[i].problem) {
            assert_int_equal(status, STATUS_OK);
            continue;
        }
        (void)snprintf(place, sizeof place, "t.txt:%d: ", broken[i].line);
        assert_int_equal(status, STATUS_CORRUPT);
        if (strncmp(complaint.text, place, strlen(place)) != 0 || !strstr(complaint.text, broken[i].problem))
            fail_msg("case %zu: %s", i, complaint.text);
    }
}

static void more_chords_than_there_is_room_for_are_refused(void **state)
{
    static const int degrees[] = {0, 2, 4, 5, 7, 9, 11};
    char text[4096] = "mode ionian\n";
    (void)state;
    for (size_t degree = 0; degree < sizeof degrees / sizeof *degrees; degree++)
        for (int quality = 0; quality < CHORD_QUALITY_COUNT; quality++)
            if (!(chord_set(chord_of(degrees[degree], (enum chord_quality)quality)) & ~mode_set(MODE_IONIAN)))
                (void)snprintf(text + strlen(text), sizeof text - strlen(text), "chord %d:%s\n", degrees[degree],
                               chord_quality_name((enum chord_quality)quality));
    assert_int_equal(read_text(text), STATUS_CORRUPT);
    assert_non_null(strstr(complaint.text, "t.txt:34: too many"));
}

static void every_beginning_of_a_table_is_read_or_refused(void **state)
{
    static const char text[] = HEAD BODY;
    (void)state;
    for (size_t size = 0; size < sizeof text; size++) {
        const enum status status = read_bytes(text, size);
        assert_true(status == STATUS_OK || status == STATUS_CORRUPT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_is_read),
        cmocka_unit_test(last_newline_may_be_missing),
        cmocka_unit_test(broken_tables_are_refused_with_their_line),
        cmocka_unit_test(more_chords_than_there_is_room_for_are_refused),
        cmocka_unit_test(every_beginning_of_a_table_is_read_or_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
