// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/secret.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void test_secrets_are_digits_and_differ(void **state)
{
    (void)state;
    enum { MANY = 1000 };
    static char secrets[MANY][SECRET_SIZE];
    for (int i = 0; i < MANY; i++) {
        assert_int_equal(secret_make(secrets[i]), STATUS_OK);
        assert_int_equal(strlen(secrets[i]), SECRET_SIZE - 1);
        assert_int_equal(strspn(secrets[i], "0123456789abcdef"), SECRET_SIZE - 1);
        for (int j = 0; j < i; j++) {
            assert_string_not_equal(secrets[i], secrets[j]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_secrets_are_digits_and_differ)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
