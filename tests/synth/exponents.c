// SPDX-License-Identifier: GPL-3.0-or-later
#include "synth/exponents.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void test_powers_are_right_to_3_in_10_million(void **state)
{
    (void)state;
    for (int i = -120000; i <= 120000; i++) {
        const float x = (float)i * 1e-3F;
        const double right = exp2((double)x);
        assert_true(fabs((double)exponent_power(x) - right) <= 3e-7 * right);
    }
}

static void test_powers_have_ends(void **state)
{
    (void)state;
    const float least = exponent_power(-126.0F);
    assert_true(least > 0.0F && exponent_power(-1e9F) == least && exponent_power(-INFINITY) == least);
    assert_true(exponent_power(NAN) == least);
    const float most = exponent_power(126.0F);
    assert_true(isfinite(most) && exponent_power(1e9F) == most && exponent_power(INFINITY) == most);
}

static void test_logarithms_are_right_to_2_in_10_million(void **state)
{
    (void)state;
    for (double x = 1e-30; x < 1e30; x *= 1.0003) {
        const double right = log2((double)(float)x);
        assert_true(fabs((double)exponent_log((float)x) - right) <= 2e-7 * fmax(1, fabs(right)));
    }
    assert_true(exponent_log(1.0F) == 0.0F);
}

static void test_sines_are_right_and_exact_at_the_ends(void **state)
{
    (void)state;
    for (int i = 0; i <= 10000; i++) {
        const float part = (float)i * 1e-4F;
        assert_true(fabs((double)exponent_sine(part) - sin((double)part * 1.5707963267948966)) <= 2e-7);
    }
    assert_true(exponent_sine(0.0F) == 0.0F && exponent_sine(1.0F) == 1.0F);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_powers_are_right_to_3_in_10_million),
        cmocka_unit_test(test_powers_have_ends),
        cmocka_unit_test(test_logarithms_are_right_to_2_in_10_million),
        cmocka_unit_test(test_sines_are_right_and_exact_at_the_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
