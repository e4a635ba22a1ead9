// SPDX-License-Identifier: GPL-3.0-or-later
// Large memory is zeroed, aligned and free()'s; what cannot be had is NULL.
#include "core/large.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void expect_zeroed(size_t size)
{
    uint8_t *bytes = large_new(size);
    assert_non_null(bytes);
    for (size_t i = 0; i < size; i++) {
        assert_int_equal(bytes[i], 0);
        bytes[i] = 1;
    }
    free(bytes);
}

static void test_memory_is_zeroed_also_where_it_was_used_before(void **state)
{
    (void)state;
    const size_t sizes[] = {1, 4096, LARGE_PAGE / 2 - 1, LARGE_PAGE / 2, LARGE_PAGE, 2 * LARGE_PAGE + 1};
    for (size_t round = 0; round < 2; round++) {
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            expect_zeroed(sizes[i]);
        }
    }
}

static void test_large_memory_begins_a_page(void **state)
{
    (void)state;
    void *large = large_new(LARGE_PAGE / 2);
    assert_non_null(large);
    assert_int_equal((uintptr_t)large % LARGE_PAGE, 0);
    free(large);
}

static void test_what_cannot_be_had_is_null(void **state)
{
    (void)state;
    // Only what cannot be rounded up: a sanitizer takes an attempt at more than there is for a fault.
    assert_null(large_new(SIZE_MAX));
    assert_null(large_new(SIZE_MAX - LARGE_PAGE + 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory_is_zeroed_also_where_it_was_used_before),
        cmocka_unit_test(test_large_memory_begins_a_page),
        cmocka_unit_test(test_what_cannot_be_had_is_null),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
