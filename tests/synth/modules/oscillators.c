// SPDX-License-Identifier: GPL-3.0-or-later
#include "stand.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void sine_is_a_sine(void **state)
{
    (void)state;
    static float out[96000];
    struct stand *stand = stand_new("sine", 96000, 1, NULL);
    stand_run(stand, 96000, 32, "out", 0, out);
    for (int i = 0; i < 96000; i++) {
        assert_float_equal(out[i], sin(6.283185307179586 * 440 * i / 96000), 5e-4);
    }
    stand_free(stand);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(sine_is_a_sine)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
