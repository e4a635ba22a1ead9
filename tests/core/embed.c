// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/embed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

/// Made by tools/embed.py of two files of this folder, one under another name.
extern const struct embed test_files[];

static void finds_files_by_name_with_their_bytes(void **state)
{
    (void)state;
    const struct embed *file = embed_find(test_files, "data/greeting");
    assert_non_null(file);
    assert_int_equal(embed_size(file), strlen("hello, listeners\n"));
    // The NUL behind the bytes makes a text of them.
    assert_string_equal((const char *)file->bytes, "hello, listeners\n");
}

static void holds_an_empty_file(void **state)
{
    (void)state;
    const struct embed *file = embed_find(test_files, "empty.txt");
    assert_non_null(file);
    assert_int_equal(embed_size(file), 0);
}

static void knows_no_other_name(void **state)
{
    (void)state;
    assert_null(embed_find(test_files, "greeting.txt"));
    assert_null(embed_find(test_files, ""));
    assert_null(embed_find(test_files, "data/greeting/"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_files_by_name_with_their_bytes),
        cmocka_unit_test(holds_an_empty_file),
        cmocka_unit_test(knows_no_other_name),
    };
    return cmocka_run_group_tests_name("embed", tests, NULL, NULL);
}
