// SPDX-License-Identifier: GPL-3.0-or-later
#include "desk.h"

#include "synth/modules.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct desk *sine_desk(void)
{
    struct desk *desk = desk_new();
    desk_add(desk, "osc", "sine");
    desk_add(desk, "out", "output");
    desk_connect(desk, "osc.out", "out.mono", 1);
    desk_play(desk);
    return desk;
}

static void plays_a_sine_on_both_channels(void **state)
{
    (void)state;
    struct desk *desk = sine_desk();
    desk_render(desk, 48000, 64);
    for (int i = 480; i < 48000; i++) {
        assert_float_equal(desk->out[0][i], sin(6.283185307179586 * 440 * i / 48000), 5e-4);
        assert_true(desk->out[0][i] == desk->out[1][i]);
    }
    desk_free(desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(plays_a_sine_on_both_channels)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
