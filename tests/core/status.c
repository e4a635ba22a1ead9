// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/status.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static void every_status_has_its_own_text(void **state)
{
    (void)state;
    for (int i = 0; i < STATUS_COUNT; i++) {
        assert_non_null(status_text((enum status)i));
        assert_true(strlen(status_text((enum status)i)) > 0);
        for (int j = 0; j < i; j++) {
            assert_string_not_equal(status_text((enum status)i), status_text((enum status)j));
        }
    }
    assert_string_equal(status_text(STATUS_NO_MEMORY), "out of memory");
}

static void a_number_that_is_no_status_has_a_text(void **state)
{
    (void)state;
    assert_string_equal(status_text(STATUS_COUNT), "unknown status");
    int beyond = -1;
    enum status status;
    memcpy(&status, &beyond, sizeof status);
    assert_string_equal(status_text(status), "unknown status");
}

static void complaints_are_written_and_cut(void **state)
{
    (void)state;
    struct complaint complaint;
    assert_int_equal(complain(&complaint, STATUS_RANGE, "bpm %d: give %s", 900, "30 to 200"), STATUS_RANGE);
    assert_string_equal(complaint.text, "bpm 900: give 30 to 200");
    char longest[2 * COMPLAINT_SIZE];
    memset(longest, 'x', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    assert_int_equal(complain(&complaint, STATUS_IO, "%s", longest), STATUS_IO);
    assert_int_equal(strlen(complaint.text), COMPLAINT_SIZE - 1);
    assert_int_equal(complain(NULL, STATUS_IO, "%s", longest), STATUS_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_has_its_own_text),
        cmocka_unit_test(a_number_that_is_no_status_has_a_text),
        cmocka_unit_test(complaints_are_written_and_cut),
    };
    return cmocka_run_group_tests_name("status", tests, NULL, NULL);
}
