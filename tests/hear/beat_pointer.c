// SPDX-License-Identifier: GPL-3.0-or-later
#include "hear/beat_pointer.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct beat_pointer_options good = {.step = 0.01,
                                                 .slowest = 50.0,
                                                 .fastest = 220.0,
                                                 .usual = 90.0,
                                                 .spread = 0.6,
                                                 .steadiness = 60.0,
                                                 .loss = 1e-5,
                                                 .leaps = 0.0,
                                                 .neutral = 0.0625,
                                                 .fraction = 1.0 / 16.0};

static void refuses_what_is_out_of_range(void **state)
{
    (void)state;
    struct beat_pointer_options bad[] = {good, good, good, good, good, good, good};
    bad[0].step = 0.0;
    bad[1].slowest = 220.0;
    bad[2].fastest = 500.0;
    bad[3].spread = -1.0;
    bad[4].loss = 1.0;
    bad[5].fraction = 0.5;
    bad[6].usual = NAN;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_null(beat_pointer_new(&bad[i]));
    }
    beat_pointer_free(NULL);
}

// Pushes pulses of a steady tempo; returns how far off the last forecast was, in steps.
static double follow(struct beat_pointer *pointer, double period, int steps, struct beat_pointer_reading *reading)
{
    double worst = 0.0;
    for (int i = 0; i < steps; i++) {
        const double place = fmod(i, period);
        beat_pointer_push(pointer, place < 1.0 ? 0.8F : 0.02F);
        beat_pointer_read(pointer, reading);
        const double truth = period - place; // the pulse lies in the first step at or after it
        if (i > steps - 200 && truth > 4.0 && truth < period - 4.0) {
            const double error = fabs(remainder(reading->next - truth, period));
            worst = fmax(worst, error);
        }
    }
    return worst;
}

static void finds_a_steady_tempo_and_forecasts_each_beat(void **state)
{
    (void)state;
    const double tempi[] = {55.0, 72.0, 97.0, 120.0, 143.0, 168.0};
    for (size_t i = 0; i < sizeof tempi / sizeof *tempi; i++) {
        struct beat_pointer *pointer = beat_pointer_new(&good);
        assert_non_null(pointer);
        struct beat_pointer_reading reading;
        const double period = 6000.0 / tempi[i];
        assert_true(follow(pointer, period, 2000, &reading) < 5.0);
        assert_true(fabs(reading.period / period - 1.0) < 0.04);
        assert_true(reading.trust > 0.35);
        beat_pointer_free(pointer);
    }
}

static void follows_an_accelerando(void **state)
{
    (void)state;
    struct beat_pointer *pointer = beat_pointer_new(&good);
    struct beat_pointer_reading reading = {0};
    double phase = 0.0;
    int late = 0;
    for (int i = 0; i < 3000; i++) {
        const double tempo = 80.0 + 50.0 * i / 3000.0;
        phase += tempo / 6000.0;
        const bool is_beat = phase >= 1.0;
        phase -= is_beat ? 1.0 : 0.0;
        if (is_beat && i > 1000) {
            late += fabs(reading.next - 1.0) > 5.0 ? 1 : 0;
        }
        beat_pointer_push(pointer, is_beat ? 0.8F : 0.02F);
        beat_pointer_read(pointer, &reading);
    }
    assert_in_range(late, 0, 2);
    assert_true(fabs(6000.0 / reading.period / 130.0 - 1.0) < 0.06);
    beat_pointer_free(pointer);
}

static void trusts_nothing_in_silence_and_picks_up_after_it(void **state)
{
    (void)state;
    struct beat_pointer *pointer = beat_pointer_new(&good);
    struct beat_pointer_reading reading;
    beat_pointer_read(pointer, &reading);
    assert_true(reading.trust < 0.15);
    (void)follow(pointer, 60.0, 1000, &reading);
    assert_true(reading.trust > 0.7);
    for (int i = 0; i < 6000; i++) {
        beat_pointer_push(pointer, i % 2 ? 0.0F : NAN);
    }
    beat_pointer_read(pointer, &reading);
    assert_true(reading.trust < 0.3);
    assert_true(follow(pointer, 45.0, 1500, &reading) < 5.0);
    assert_true(fabs(reading.period - 45.0) < 2.0);
    beat_pointer_free(pointer);
}

static void stays_sane_when_each_step_is_a_beat(void **state)
{
    (void)state;
    struct beat_pointer *pointer = beat_pointer_new(&good);
    struct beat_pointer_reading reading;
    for (int i = 0; i < 3000; i++) {
        beat_pointer_push(pointer, i < 1500 ? 1.0F : INFINITY);
        beat_pointer_read(pointer, &reading);
        assert_true(isfinite(reading.next) && reading.next >= 1.0);
        assert_true(reading.period >= 27.0 && reading.period <= 120.0);
        assert_true(reading.trust >= 0.0 && reading.trust <= 1.0);
    }
    beat_pointer_free(pointer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_is_out_of_range),
        cmocka_unit_test(finds_a_steady_tempo_and_forecasts_each_beat),
        cmocka_unit_test(follows_an_accelerando),
        cmocka_unit_test(trusts_nothing_in_silence_and_picks_up_after_it),
        cmocka_unit_test(stays_sane_when_each_step_is_a_beat),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
