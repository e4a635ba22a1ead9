// SPDX-License-Identifier: GPL-3.0-or-later
#include "hear/dynamics.h"

#include "core/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>

static const double RATE = 48000.0;

static struct dynamics *make(double rate, uint32_t channels)
{
    struct dynamics *dynamics = dynamics_new(&(struct loudness_options){.rate = rate, .channels = channels});
    assert_non_null(dynamics);
    return dynamics;
}

static struct dynamics_report read_now(const struct dynamics *dynamics)
{
    struct dynamics_report report;
    dynamics_read(dynamics, &report);
    return report;
}

// Seconds `from` to `to` of a sine whose level is `dbfs` at 0 and grows by `slope` dB a second, in hops of 32 frames;
// of each half second the sound fills `filled`.
static void play(struct dynamics *dynamics, double from, double to, double dbfs, double slope, double filled)
{
    float hop[32];
    for (size_t i = (size_t)(from * RATE); i < (size_t)(to * RATE); i += 32) {
        for (size_t k = 0; k < 32; k++) {
            const double time = (double)(i + k) / RATE;
            const double gain = fmod(time, 0.5) < 0.5 * filled ? pow(10.0, (dbfs + slope * time) / 20.0) : 0.0;
            hop[k] = (float)(gain * sin(2.0 * M_PI * 440.0 * time));
        }
        dynamics_push(dynamics, hop, 32);
    }
}

static void measures_level_and_peak(void **state)
{
    (void)state;
    struct dynamics *dynamics = make(RATE, 1);
    play(dynamics, 0.0, 1.0, -12.0, 0.0, 1.0);
    struct dynamics_report report = read_now(dynamics);
    assert_true(fabs(report.rms + 15.01) < 0.05);
    assert_true(fabs(report.peak + 12.0) < 0.05);
    play(dynamics, 1.0, 1.15, -52.0, 0.0, 1.0);
    report = read_now(dynamics);
    assert_true(fabs(report.rms + 55.01) < 0.1 && fabs(report.peak + 52.0) < 0.1);
    assert_true(report.momentary > -30.0 && report.short_term > -20.0);
    dynamics_free(dynamics);
}

static void follows_crescendo_and_diminuendo(void **state)
{
    (void)state;
    for (double slope = -6.0; slope <= 6.0; slope += 3.0) {
        for (int with_gaps = 0; with_gaps < 2; with_gaps++) {
            struct dynamics *dynamics = make(RATE, 1);
            play(dynamics, 0.0, 6.0, -30.0, slope, with_gaps ? 0.6 : 1.0);
            const struct dynamics_report report = read_now(dynamics);
            assert_true(fabs(report.slope - slope) < (with_gaps ? 0.8 : 0.1));
            assert_true(report.slope_confidence > (with_gaps ? 0.5 : 0.95));
            dynamics_free(dynamics);
        }
    }
}

static void is_not_sure_of_a_slope_in_chance(void **state)
{
    (void)state;
    struct random random;
    random_init(&random, 21, 0);
    struct dynamics *dynamics = make(RATE, 1);
    for (int i = 0; i < 12; i++) {
        play(dynamics, i * 0.5, (i + 1) * 0.5, -50.0 + 45.0 * random_unit(&random), 0.0, 1.0);
    }
    const struct dynamics_report report = read_now(dynamics);
    assert_true(report.slope_confidence < 0.4);
    dynamics_free(dynamics);
    dynamics = make(RATE, 1);
    play(dynamics, 0.0, 0.5, -20.0, 0.0, 1.0);
    assert_true(read_now(dynamics).slope_confidence < 0.1);
    dynamics_free(dynamics);
}

static void counts_onsets(void **state)
{
    (void)state;
    struct dynamics *dynamics = make(RATE, 1);
    assert_true(read_now(dynamics).density == 0.0);
    for (int i = 0; i < 20; i++) {
        play(dynamics, i * 0.25, (i + 1) * 0.25, -20.0, 0.0, 1.0);
        dynamics_onset(dynamics, (i + 0.5) * 0.25 * RATE);
    }
    assert_true(fabs(read_now(dynamics).density - 4.0) < 0.01);
    play(dynamics, 5.0, 9.5, -20.0, 0.0, 1.0);
    assert_true(read_now(dynamics).density == 0.0);
    for (int i = 0; i < 10000; i++) {
        dynamics_onset(dynamics, 9.4 * RATE);
    }
    assert_true(read_now(dynamics).density == 64.0);
    dynamics_free(dynamics);
}

static void bears_bad_input(void **state)
{
    (void)state;
    static const double rates[] = {8000.0, 44100.0, 192000.0};
    static float frames[8 * 4000];
    for (size_t r = 0; r < 3; r++) {
        struct dynamics *dynamics = make(rates[r], 8);
        dynamics_push(dynamics, frames, 1);
        assert_true(read_now(dynamics).rms == LOUDNESS_SILENCE && read_now(dynamics).peak == LOUDNESS_SILENCE);
        for (size_t i = 0; i < sizeof frames / sizeof *frames; i++) {
            frames[i] = i % 3 == 0 ? 0.0F : i % 3 == 1 ? -64.0F : 64.0F;
        }
        for (int i = 0; i < 100; i++) {
            dynamics_push(dynamics, frames, 4000);
        }
        const struct dynamics_report report = read_now(dynamics);
        assert_true(isfinite(report.rms) && isfinite(report.peak) && isfinite(report.integrated));
        assert_true(isfinite(report.slope) && report.slope_confidence >= 0.0 && report.slope_confidence <= 1.0);
        assert_true(fabs(report.peak - 36.12) < 0.1);
        dynamics_free(dynamics);
        for (size_t i = 0; i < sizeof frames / sizeof *frames; i++) {
            frames[i] = 0.0F;
        }
    }
    assert_null(dynamics_new(&(struct loudness_options){.rate = 48000.0, .channels = 9}));
    dynamics_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(measures_level_and_peak),
        cmocka_unit_test(follows_crescendo_and_diminuendo),
        cmocka_unit_test(is_not_sure_of_a_slope_in_chance),
        cmocka_unit_test(counts_onsets),
        cmocka_unit_test(bears_bad_input),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
