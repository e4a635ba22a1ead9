// SPDX-License-Identifier: GPL-3.0-or-later
#include "synth/master.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { RATE = 48000, FRAMES = 4 * RATE };

static float left[FRAMES];
static float right[FRAMES];

static double peak(const float *samples, size_t from)
{
    double most = 0;
    for (size_t i = from; i < FRAMES; i++) {
        most = fmax(most, fabs((double)samples[i]));
    }
    return most;
}

static void test_nothing_is_above_the_ceiling_or_off_the_zero_line(void **state)
{
    (void)state;
    struct master *master = master_new(RATE);
    assert_non_null(master);
    assert_int_equal(master_delay(master), RATE / 200);
    for (int i = 0; i < FRAMES; i++) {
        left[i] = 0.5F + (i < FRAMES / 2 ? 3.0F * (float)sin(0.05 * i) : 0.0F);
        right[i] = i == 1000 ? NAN : 0.25F;
    }
    master_process(master, left, right, FRAMES);
    assert_true(peak(left, 0) <= 0.892);
    assert_true(peak(left, 0) > 0.8);
    assert_true(peak(left, FRAMES - RATE) < 0.001);
    assert_true(peak(right, FRAMES - RATE) < 0.001);
    master_free(master);
    master_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_nothing_is_above_the_ceiling_or_off_the_zero_line)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
