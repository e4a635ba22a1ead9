// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/nearest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static const char *const presets[] = {"focus", "meditation", "sleep", "bright"};

static void counts_the_steps_between_names(void **state)
{
    (void)state;
    assert_int_equal(name_distance("sleep", "sleep"), 0);
    assert_int_equal(name_distance("", "sleep"), 5);
    assert_int_equal(name_distance("kitten", "sitting"), 3);
    assert_int_equal(name_distance("focsu", "focus"), 1);
    assert_int_equal(name_distance("fcous", "sleep"), 5);
}

static void names_longer_than_it_looks_at_do_no_harm(void **state)
{
    (void)state;
    char longest[500];
    memset(longest, 'a', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    assert_int_equal(name_distance(longest, longest), 0);
    assert_int_equal(name_distance(longest, ""), 63);
}

static void suggests_what_is_near_and_nothing_else(void **state)
{
    (void)state;
    assert_string_equal(name_nearest("focsu", presets, 4, sizeof *presets), "focus");
    assert_string_equal(name_nearest("meditaton", presets, 4, sizeof *presets), "meditation");
    assert_null(name_nearest("xyzzy", presets, 4, sizeof *presets));
    assert_null(name_nearest("", presets, 4, sizeof *presets));
    assert_null(name_nearest("focus", presets, 0, sizeof *presets));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_the_steps_between_names),
        cmocka_unit_test(names_longer_than_it_looks_at_do_no_harm),
        cmocka_unit_test(suggests_what_is_near_and_nothing_else),
    };
    return cmocka_run_group_tests_name("nearest", tests, NULL, NULL);
}
