// SPDX-License-Identifier: GPL-3.0-or-later
#include "net/osc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
// cmocka wants the standard headers above before it.
#include <cmocka.h>

static void matches_as_osc_says(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *text;
        bool matches;
    } cases[] = {
        {"osc", "osc", true},
        {"osc", "osc2", false},
        {"osc2", "osc", false},
        {"*", "osc", true},
        {"*", "", true},
        {"osc*", "osc", true},
        {"osc*", "osc_12", true},
        {"*osc", "an_osc", true},
        {"*s*c*", "osc", true},
        {"*c*s*", "osc", false},
        {"o?c", "osc", true},
        {"o?c", "oc", false},
        {"???", "osc", true},
        {"????", "osc", false},
        {"osc[1-3]", "osc2", true},
        {"osc[1-3]", "osc4", false},
        {"osc[!1-3]", "osc4", true},
        {"osc[!1-3]", "osc2", false},
        {"osc[a-]", "osc-", true},
        {"osc[]x", "osc[]x", false},
        {"{osc,filter}", "filter", true},
        {"{osc,filter}", "filt", false},
        {"a{,b}c", "ac", true},
        {"a{,b}c", "abc", true},
        {"{a,ab}{bc,c}", "abc", true},
        {"[", "[", true},
        {"{osc", "osc", false},
        {"", "", true},
        {"", "a", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (osc_match(cases[i].pattern, cases[i].text) != cases[i].matches) {
            fail_msg("\"%s\" and \"%s\"", cases[i].pattern, cases[i].text);
        }
    }
}

static void takes_names_up_to_the_longest(void **state)
{
    (void)state;
    char name[80];
    for (size_t length = 61; length < sizeof name; length++) {
        memset(name, 'a', length);
        name[length] = '\0';
        assert_true(osc_match(name, name));
        assert_int_equal(osc_match("*", name), length <= 63);
        assert_int_equal(osc_match("a*?", name), length <= 63);
        assert_false(osc_match("*b", name));
    }
}

// Tried one by one, the ways to share the text among the stars are more than could ever be tried.
static void many_stars_take_no_time(void **state)
{
    (void)state;
    char pattern[4001];
    char text[64];
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    for (size_t i = 0; i + 1 < sizeof pattern; i++) {
        pattern[i] = i % 2 == 0 || i >= 120 ? '*' : 'a';
    }
    pattern[sizeof pattern - 2] = 'b';
    pattern[sizeof pattern - 1] = '\0';
    assert_false(osc_match(pattern, text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matches_as_osc_says),
        cmocka_unit_test(takes_names_up_to_the_longest),
        cmocka_unit_test(many_stars_take_no_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
