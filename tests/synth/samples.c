// SPDX-License-Identifier: GPL-3.0-or-later
#include "synth/samples.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_interleaves_two_channels(void **state)
{
    (void)state;
    static const float left[] = {1, 2, 3};
    static const float right[] = {-1, -2, -3};
    float both[8] = {0, 0, 0, 0, 0, 0, 77, 77};
    samples_interleave(left, right, 3, both);
    static const float expected[] = {1, -1, 2, -2, 3, -3, 77, 77};
    assert_memory_equal(both, expected, sizeof expected);
    samples_interleave(left, right, 0, both);
    assert_memory_equal(both, expected, sizeof expected);
}

static int16_t s16_of(float sample)
{
    int16_t out[2] = {77, 77};
    samples_to_s16(&sample, 1, out);
    assert_int_equal(out[1], 77);
    return out[0];
}

static void test_every_number_of_16_bits_comes_back(void **state)
{
    (void)state;
    for (int number = INT16_MIN; number <= INT16_MAX; number++) {
        assert_int_equal(s16_of((float)number / 32768.0F), number);
    }
}

static void test_rounds_to_the_nearest(void **state)
{
    (void)state;
    for (int number = INT16_MIN + 1; number < INT16_MAX; number += 251) {
        assert_int_equal(s16_of(((float)number + 0.49F) / 32768.0F), number);
        assert_int_equal(s16_of(((float)number - 0.49F) / 32768.0F), number);
        assert_int_equal(s16_of(((float)number + 0.51F) / 32768.0F), number + 1);
        assert_int_equal(s16_of(((float)number - 0.51F) / 32768.0F), number - 1);
    }
    assert_int_equal(s16_of(-0.0F), 0);
    assert_int_equal(s16_of(FLT_MIN), 0);
    assert_int_equal(s16_of(-FLT_TRUE_MIN), 0);
}

static void test_what_is_too_loud_is_held_at_the_ends(void **state)
{
    (void)state;
    static const float loud[] = {1, 1.00001F, 2, 65536, 1e10F, FLT_MAX, INFINITY};
    for (size_t i = 0; i < sizeof loud / sizeof *loud; i++) {
        assert_int_equal(s16_of(loud[i]), INT16_MAX);
        assert_int_equal(s16_of(-loud[i]), INT16_MIN);
    }
    assert_int_equal(s16_of(32767.4F / 32768.0F), INT16_MAX);
    assert_int_equal(s16_of(32767.6F / 32768.0F), INT16_MAX);
    assert_int_equal(s16_of(-32768.4F / 32768.0F), INT16_MIN);
}

static void test_not_a_number_is_silence(void **state)
{
    (void)state;
    static const float in[] = {0.5F, NAN, -NAN, -0.5F};
    static const int16_t expected[] = {16384, 0, 0, -16384};
    int16_t out[4];
    samples_to_s16(in, 4, out);
    assert_memory_equal(out, expected, sizeof expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_interleaves_two_channels), cmocka_unit_test(test_every_number_of_16_bits_comes_back),
        cmocka_unit_test(test_rounds_to_the_nearest),    cmocka_unit_test(test_what_is_too_loud_is_held_at_the_ends),
        cmocka_unit_test(test_not_a_number_is_silence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
