// SPDX-License-Identifier: GPL-3.0-or-later
#include "net/osc_text.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
// cmocka wants the standard headers above before it.
#include <cmocka.h>

static void splits_at_blanks_but_not_in_quotes(void **state)
{
    (void)state;
    char line[] = "\t0.5  /a \"two words\" \"say \\\"x\\\\\\\"\" \"\" b#c # the rest \" is a comment\r\n";
    struct osc_word words[8];
    size_t count = 0;
    assert_int_equal(osc_text_split(line, words, 8, &count, NULL), STATUS_OK);
    static const char *const expected[] = {"0.5", "/a", "two words", "say \"x\\\"", "", "b#c"};
    assert_int_equal(count, 6);
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(words[i].text, expected[i]);
        assert_int_equal(words[i].quoted, i >= 2 && i <= 4);
    }
}

static void refuses_what_cannot_be_split(void **state)
{
    (void)state;
    struct osc_word words[2];
    size_t count = 0;
    struct complaint complaint;
    char open_quote[] = "a \"b";
    char glued[] = "\"a\"b";
    char escaped_end[] = "\"a\\\"";
    char many[] = "a b c";
    char comment[] = "# a b c";
    assert_int_equal(osc_text_split(open_quote, words, 2, &count, &complaint), STATUS_INVALID);
    assert_int_equal(osc_text_split(glued, words, 2, &count, &complaint), STATUS_INVALID);
    assert_int_equal(osc_text_split(escaped_end, words, 2, &count, &complaint), STATUS_INVALID);
    assert_int_equal(osc_text_split(many, words, 2, &count, &complaint), STATUS_FULL);
    assert_non_null(strstr(complaint.text, "2 words"));
    assert_int_equal(osc_text_split(comment, words, 2, &count, &complaint), STATUS_OK);
    assert_int_equal(count, 0);
}

static void guesses_types(void **state)
{
    (void)state;
    static const struct {
        const char *word;
        char type;
        double number;
    } cases[] = {
        {"12", 'i', 12},
        {"-12", 'i', -12},
        {"2147483648", 'h', 2147483648.0},
        {"h:5", 'h', 5},
        {"0.5", 'f', 0.5},
        {"-.5", 'f', -0.5},
        {"1e3", 'f', 1000},
        {"f:12", 'f', 12},
        {"d:0.1", 'd', 0.1},
        {"f:inf", 'f', INFINITY},
        {"99999999999999999999", 'f', 1e20F},
        {"-", 's', 0},
        {"e5", 's', 0},
        {"1.2.3", 's', 0},
        {"nan", 's', 0},
        {"", 's', 0},
        {"s:12", 's', 0},
        {"x:12", 's', 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct osc_word word = {.text = cases[i].word};
        struct osc_arg arg;
        assert_int_equal(osc_text_read(&word, &arg, NULL), STATUS_OK);
        if (arg.type != cases[i].type || (arg.type != 's' && arg.number != cases[i].number)) {
            fail_msg("\"%s\" is %c:%g", cases[i].word, arg.type, arg.number);
        }
    }
    struct osc_arg arg;
    assert_int_equal(osc_text_read(&(struct osc_word){.text = "f:nan"}, &arg, NULL), STATUS_OK);
    assert_true(isnan(arg.number));
    assert_int_equal(osc_text_read(&(struct osc_word){.text = "12", .quoted = true}, &arg, NULL), STATUS_OK);
    assert_string_equal(arg.text, "12");
    assert_int_equal(osc_text_read(&(struct osc_word){.text = "s:12"}, &arg, NULL), STATUS_OK);
    assert_string_equal(arg.text, "12");
}

static void refuses_a_forced_type_that_it_is_not(void **state)
{
    (void)state;
    static const char *const words[] = {"i:x", "i:2147483648", "i:1.5", "f:", "h:9223372036854775808", "d:1x"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        struct osc_arg arg;
        struct complaint complaint;
        assert_int_equal(osc_text_read(&(struct osc_word){.text = words[i]}, &arg, &complaint), STATUS_INVALID);
        assert_non_null(strstr(complaint.text, words[i]));
    }
}

static void what_is_written_reads_as_the_same(void **state)
{
    (void)state;
    static const struct osc_arg args[] = {
        {.type = 'i', .integer = -7, .number = -7},
        {.type = 'h', .integer = 7, .number = 7},
        {.type = 'f', .number = (double)0.1F},
        {.type = 'f', .number = 440},
        {.type = 'f', .number = (double)1e20F},
        {.type = 'f', .number = INFINITY},
        {.type = 'd', .number = 1.0 / 3},
        {.type = 's', .text = "osc"},
        {.type = 's', .text = "12"},
        {.type = 's', .text = ""},
        {.type = 's', .text = "say \"x\\\" # y"},
        {.type = 's', .text = "s:x"},
    };
    for (size_t i = 0; i < sizeof args / sizeof *args; i++) {
        char text[64];
        struct osc_word words[1];
        struct osc_arg arg;
        size_t count = 0;
        const size_t length = osc_text_write(&args[i], text, sizeof text);
        assert_int_equal(length, strlen(text));
        assert_int_equal(osc_text_split(text, words, 1, &count, NULL), STATUS_OK);
        assert_int_equal(count, 1);
        assert_int_equal(osc_text_read(&words[0], &arg, NULL), STATUS_OK);
        if (arg.type != args[i].type || (!arg.text && arg.number != args[i].number)) {
            fail_msg("case %zu became %c:%.17g", i, arg.type, arg.number);
        }
        if (arg.text) {
            assert_string_equal(arg.text, args[i].text);
        }
    }
}

static void cuts_at_the_end_of_the_room(void **state)
{
    (void)state;
    const struct osc_arg bare = {.type = 's', .text = "abcdefgh"};
    const struct osc_arg quoted = {.type = 's', .text = "\"\"\"\"\"\"\"\""};
    for (size_t size = 0; size < 24; size++) {
        char text[24];
        memset(text, 'x', sizeof text);
        const size_t length = osc_text_write(&quoted, text, size);
        assert_true(length < size || size < 4);
        assert_true(size >= sizeof text || text[size] == 'x');
        (void)osc_text_write(&bare, text, size);
        assert_true(size < 4 || strlen(text) < size);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(splits_at_blanks_but_not_in_quotes),
        cmocka_unit_test(refuses_what_cannot_be_split),
        cmocka_unit_test(guesses_types),
        cmocka_unit_test(refuses_a_forced_type_that_it_is_not),
        cmocka_unit_test(what_is_written_reads_as_the_same),
        cmocka_unit_test(cuts_at_the_end_of_the_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
