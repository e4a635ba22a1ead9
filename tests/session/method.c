// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/method.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
// cmocka wants the standard headers above before it.
#include <cmocka.h>

static size_t count_words(const char *text)
{
    size_t count = 0;
    for (bool in_word = false; *text; text++) {
        count += *text != ' ' && !in_word;
        in_word = *text != ' ';
    }
    return count;
}

static void the_table_is_whole(void **state)
{
    (void)state;
    for (size_t i = 0; method_at(i); i++) {
        const struct method *method = method_at(i);
        assert_ptr_equal(method_find(method->address), method);
        assert_true(strlen(method->address) < OSC_ADDRESS_SIZE);
        assert_true(strncmp(method->address, "/tutti/", 7) == 0);
        const size_t types = strlen(method->types) - (strchr(method->types, '|') ? 1 : 0);
        assert_int_equal(count_words(method->usage), types);
        assert_int_equal(strchr(method->usage, '[') != NULL, strchr(method->types, '|') != NULL);
        assert_true(strlen(method->help) > 0);
        // One way to do it, or the two of a value and a setting.
        const int ways =
            (method->now != NULL) + (method->ask != NULL) + (method->play != NULL) + (method->edit != NULL);
        assert_true(ways == 1 || (ways == 2 && method->play && method->edit));
    }
}

static void patterns_match_part_by_part(void **state)
{
    (void)state;
    const struct method *set = method_find("/tutti/synth/set");
    assert_true(method_matches(set, "/tutti/synth/set"));
    assert_true(method_matches(set, "/*/synth/s*"));
    assert_true(method_matches(set, "/tutti/{synth,band}/[a-z]et"));
    assert_false(method_matches(set, "/tutti/synth"));
    assert_false(method_matches(set, "/tutti/synth/set/x"));
    assert_false(method_matches(set, "/tutti/*"));
    assert_false(method_matches(set, "/*"));
    assert_false(method_matches(set, "/"));
}

static void says_what_was_meant(void **state)
{
    (void)state;
    struct complaint complaint;
    assert_int_equal(method_unknown("/tutti/synth/sett", &complaint), STATUS_UNKNOWN);
    assert_non_null(strstr(complaint.text, "/tutti/synth/set?"));
    assert_int_equal(method_unknown("/foo", &complaint), STATUS_UNKNOWN);
    assert_non_null(strstr(complaint.text, "/tutti/help"));
}

static enum status check(const char *address, const char *types, struct complaint *complaint)
{
    struct osc_arg args[OSC_ARGS_MAX];
    const size_t count = strlen(types);
    for (size_t i = 0; i < count; i++) {
        args[i] = (struct osc_arg){.type = types[i], .integer = 1, .number = 1, .text = types[i] == 's' ? "x" : NULL};
    }
    return method_check(method_find(address), args, count, complaint);
}

static void takes_the_types_that_clients_send(void **state)
{
    (void)state;
    static const char *const set_types[] = {"ssf", "ssi", "ssh", "ssd", "sss", "ssT", "ssF"};
    for (size_t i = 0; i < sizeof set_types / sizeof *set_types; i++) {
        assert_int_equal(check("/tutti/synth/set", set_types[i], NULL), STATUS_OK);
    }
    assert_int_equal(check("/tutti/synth/note/on", "sff", NULL), STATUS_OK);
    assert_int_equal(check("/tutti/synth/note/on", "iii", NULL), STATUS_OK);
    assert_int_equal(check("/tutti/synth/note/on", "fff", NULL), STATUS_OK);
    assert_int_equal(check("/tutti/synth/cable/add", "ssss", NULL), STATUS_OK);
    assert_int_equal(check("/tutti/synth/cable/add", "ssssf", NULL), STATUS_OK);
}

static void says_how_it_is_used(void **state)
{
    (void)state;
    static const struct {
        const char *address, *types, *says;
    } cases[] = {
        {"/tutti/synth/set", "ss", "2 arguments, where 3 are wanted"},
        {"/tutti/synth/set", "ssff", "4 arguments, where 3 are wanted"},
        {"/tutti/synth/set", "", "0 arguments"},
        {"/tutti/synth/set", "fsf", "argument 1 must be a text"},
        {"/tutti/synth/set", "ssN", "argument 3 must be a number or a text"},
        {"/tutti/synth/note/on", "sss", "argument 2 must be a number"},
        {"/tutti/synth/note/on", "Tii", "argument 1 must be a text or a whole number"},
        {"/tutti/synth/cable/add", "sss", "where 4 at least are wanted"},
        {"/tutti/synth/cable/add", "ssssff", "where 5 at most are wanted"},
        {"/tutti/synth/panic", "i", "1 argument, where 0 are wanted"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct complaint complaint = {""};
        assert_int_equal(check(cases[i].address, cases[i].types, &complaint), STATUS_INVALID);
        if (!strstr(complaint.text, cases[i].says) || !strstr(complaint.text, "usage: ") ||
            !strstr(complaint.text, method_find(cases[i].address)->usage)) {
            fail_msg("case %zu: %s", i, complaint.text);
        }
    }
}

static void a_voice_is_no_fraction(void **state)
{
    (void)state;
    static const double numbers[] = {0.5, -1, NAN, INFINITY, 1e12};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        const struct osc_arg args[] = {{.type = 'f', .number = numbers[i]}, {.type = 'f', .number = 60}};
        assert_int_equal(method_check(method_find("/tutti/synth/note/off"), args, 2, NULL), STATUS_INVALID);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_is_whole),  cmocka_unit_test(patterns_match_part_by_part),
        cmocka_unit_test(says_what_was_meant), cmocka_unit_test(takes_the_types_that_clients_send),
        cmocka_unit_test(says_how_it_is_used), cmocka_unit_test(a_voice_is_no_fraction),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
