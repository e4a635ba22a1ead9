// SPDX-License-Identifier: GPL-3.0-or-later
#include "play/fresh_file.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { NAME = 256 };

static char folder[] = "/tmp/tutti_fresh_XXXXXX";

static int enter(void **state)
{
    (void)state;
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int leave(void **state)
{
    (void)state;
    char command[64];
    (void)snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command); // NOLINT(cert-env33-c): a folder of our own
}

/// Opens \p path, writes a byte, and wants it under \p expected.
static void take(const char *path, const char *expected)
{
    char name[NAME];
    int file = -1;
    struct complaint complaint = {""};
    if (fresh_file_open(path, &file, name, sizeof name, &complaint)) {
        fail_msg("%s", complaint.text);
    }
    assert_string_equal(name, expected);
    assert_int_equal(write(file, "x", 1), 1);
    assert_int_equal(close(file), 0);
}

static void finds_the_next_free_number(void **state)
{
    (void)state;
    take("take.wav", "take.wav");
    take("take.wav", "take-2.wav");
    take("take.wav", "take-3.wav");
    assert_int_equal(unlink("take-2.wav"), 0);
    take("take.wav", "take-2.wav");
    take("take.wav", "take-4.wav");
    take("take-2.wav", "take-2-2.wav");
}

static void numbers_what_has_no_ending_or_only_one(void **state)
{
    (void)state;
    assert_int_equal(mkdir("a.b", 0700), 0);
    take("a.b/take", "a.b/take");
    take("a.b/take", "a.b/take-2");
    take("a.b/.wav", "a.b/.wav");
    take("a.b/.wav", "a.b/.wav-2");
}

static void fills_an_empty_file(void **state)
{
    (void)state;
    const int file = open("empty.wav", O_CREAT | O_WRONLY, 0600);
    assert_true(file >= 0);
    assert_int_equal(close(file), 0);
    take("empty.wav", "empty.wav");
    take("empty.wav", "empty-2.wav");
}

static void shares_no_file(void **state)
{
    (void)state;
    char name[NAME];
    int files[2];
    // Both are empty still.
    assert_int_equal(fresh_file_open("shared.wav", &files[0], name, sizeof name, NULL), STATUS_OK);
    assert_string_equal(name, "shared.wav");
    assert_int_equal(fresh_file_open("shared.wav", &files[1], name, sizeof name, NULL), STATUS_OK);
    assert_string_equal(name, "shared-2.wav");
    assert_int_equal(close(files[0]), 0);
    assert_int_equal(close(files[1]), 0);
    take("shared.wav", "shared.wav"); // of which nothing came
}

static void leaves_what_may_not_be_written_to(void **state)
{
    (void)state;
    enum { NOBODY = 65534 };
    take("kept.wav", "kept.wav");
    assert_int_equal(chmod("kept.wav", 0444), 0);
    assert_int_equal(chmod(folder, 0777), 0);
    const bool is_root = geteuid() == 0;
    assert_int_equal(is_root ? seteuid(NOBODY) : 0, 0);
    take("kept.wav", "kept-2.wav");
    assert_int_equal(is_root ? seteuid(0) : 0, 0);
}

static void opens_what_is_no_file_as_it_is(void **state)
{
    (void)state;
    take("/dev/null", "/dev/null");
    assert_int_equal(mkfifo("pipe.wav", 0600), 0);
    const int reader = open("pipe.wav", O_RDONLY | O_NONBLOCK);
    assert_true(reader >= 0);
    take("pipe.wav", "pipe.wav");
    take("pipe.wav", "pipe.wav");
    assert_int_equal(close(reader), 0);
}

static void says_what_is_wrong(void **state)
{
    (void)state;
    char name[NAME];
    int file = -1;
    struct complaint complaint = {""};
    assert_int_equal(fresh_file_open("nowhere/take.wav", &file, name, sizeof name, &complaint), STATUS_IO);
    assert_non_null(strstr(complaint.text, "cannot create nowhere/take.wav: No such file"));
    assert_int_equal(fresh_file_open(".", &file, name, sizeof name, &complaint), STATUS_IO);
    assert_non_null(strstr(complaint.text, "Is a directory"));
    char small[8];
    assert_int_equal(fresh_file_open("long-name.wav", &file, small, sizeof small, &complaint), STATUS_RANGE);
    assert_non_null(strstr(complaint.text, "up to 7 bytes"));
    take("1.wav", "1.wav");
    assert_int_equal(fresh_file_open("1.wav", &file, small, sizeof "1-2.wa", &complaint), STATUS_RANGE);
}

static void gives_up_where_all_numbers_are_taken(void **state)
{
    (void)state;
    char name[NAME];
    int file = -1;
    struct complaint complaint = {""};
    for (int i = 1; i <= 9999; i++) {
        (void)snprintf(name, sizeof name, i == 1 ? "full.wav" : "full-%d.wav", i);
        assert_int_equal(symlink("take.wav", name), 0);
    }
    assert_int_equal(fresh_file_open("full.wav", &file, name, sizeof name, &complaint), STATUS_FULL);
    assert_non_null(strstr(complaint.text, "give another name"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_next_free_number),
        cmocka_unit_test(numbers_what_has_no_ending_or_only_one),
        cmocka_unit_test(fills_an_empty_file),
        cmocka_unit_test(shares_no_file),
        cmocka_unit_test(leaves_what_may_not_be_written_to),
        cmocka_unit_test(opens_what_is_no_file_as_it_is),
        cmocka_unit_test(says_what_is_wrong),
        cmocka_unit_test(gives_up_where_all_numbers_are_taken),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
