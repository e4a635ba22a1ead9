// SPDX-License-Identifier: GPL-3.0-or-later
#include "music/meter.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void ticks_of_beats_and_bars(void **state)
{
    (void)state;
    assert_int_equal(meter_beat_ticks((struct meter){4, 4}), 480);
    assert_int_equal(meter_bar_ticks((struct meter){4, 4}), 1920);
    assert_int_equal(meter_beat_ticks((struct meter){6, 8}), 240);
    assert_int_equal(meter_bar_ticks((struct meter){6, 8}), 1440);
    assert_int_equal(meter_beat_ticks((struct meter){3, 1}), 1920);
    assert_int_equal(meter_bar_ticks((struct meter){32, 32}), 1920);
}

static void places_add_up_again(void **state)
{
    (void)state;
    static const struct meter meters[] = {{4, 4}, {3, 4}, {6, 8}, {7, 8}, {5, 4}, {2, 2}, {1, 32}, {32, 1}};
    static const int64_t ticks[] = {0, 1, 59, 60, 479, 480, 1439, 1440, 1919, 1920, 123456789, INT64_MAX};
    for (size_t i = 0; i < sizeof meters / sizeof meters[0]; i++) {
        for (size_t n = 0; n < sizeof ticks / sizeof ticks[0]; n++) {
            const struct meter_position at = meter_locate(meters[i], ticks[n]);
            const int32_t beat = meter_beat_ticks(meters[i]);
            assert_true(at.beat >= 0 && at.beat < meters[i].beats);
            assert_true(at.tick >= 0 && at.tick < beat);
            assert_true(at.bar * meter_bar_ticks(meters[i]) + (int64_t)at.beat * beat + at.tick == ticks[n]);
        }
    }
}

static void check_strengths(struct meter meter, const int *expected)
{
    for (int bar = 0; bar < 2; bar++) {
        for (int i = 0; i < meter.beats; i++) {
            const int64_t tick = bar * (int64_t)meter_bar_ticks(meter) + i * (int64_t)meter_beat_ticks(meter);
            assert_int_equal(meter_strength(meter, tick), expected[i]);
            assert_int_equal(meter_strength(meter, tick + 1), 0);
        }
    }
}

static void strengths(void **state)
{
    (void)state;
    check_strengths((struct meter){4, 4}, (const int[]){3, 1, 2, 1});
    check_strengths((struct meter){3, 4}, (const int[]){3, 1, 1});
    check_strengths((struct meter){5, 4}, (const int[]){3, 1, 1, 1, 1});
    check_strengths((struct meter){6, 8}, (const int[]){3, 1, 1, 2, 1, 1});
    check_strengths((struct meter){9, 8}, (const int[]){3, 1, 1, 2, 1, 1, 2, 1, 1});
    check_strengths((struct meter){12, 8}, (const int[]){3, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1, 1});
    check_strengths((struct meter){3, 8}, (const int[]){3, 1, 1});
}

static void frames(void **state)
{
    (void)state;
    assert_true(meter_frames(480, 120, 48000) == 24000.0);
    assert_true(meter_frames(0, 60, 48000) == 0.0);
    assert_true(fabs(meter_frames(1, 60, 44100) - 91.875) < 1e-9);
    assert_true(isnan(meter_frames(480, NAN, 48000)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ticks_of_beats_and_bars),
        cmocka_unit_test(places_add_up_again),
        cmocka_unit_test(strengths),
        cmocka_unit_test(frames),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
