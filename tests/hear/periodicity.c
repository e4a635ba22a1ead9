// SPDX-License-Identifier: GPL-3.0-or-later
#include "hear/periodicity.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { LONGEST = 120, SPAN_MAX = 1024 };

static const struct periodicity_options OPTIONS = {.longest = LONGEST, .periods = 3, .least = 50, .most = 200};

static struct periodicity *made(void)
{
    struct periodicity *periodicity = periodicity_new(&OPTIONS);
    assert_non_null(periodicity);
    assert_true(periodicity_span(periodicity) <= SPAN_MAX);
    return periodicity;
}

static float noise(unsigned *seed)
{
    *seed = *seed * 1664525U + 1013904223U;
    return (float)(*seed >> 8) / 8388608.0F - 1.0F;
}

// A tone with overtones and a little noise.
static void fill(float *frames, uint32_t count, double period)
{
    unsigned seed = 7;
    for (uint32_t i = 0; i < count; i++) {
        const double phase = 2.0 * M_PI * i / period;
        frames[i] = (float)(0.5 * sin(phase) + 0.3 * sin(2.0 * phase + 1.0)) + 0.01F * noise(&seed);
    }
}

// What the header's papers define, frame by frame: the window is what lag `lag` reaches beyond itself.
static double reference(const float *frames, uint32_t span, uint32_t lag, uint32_t window)
{
    double product = 0.0;
    double energy = 0.0;
    for (uint32_t i = span - window; i < span; i++) {
        product += (double)frames[i] * frames[i - lag];
        energy += (double)frames[i] * frames[i] + (double)frames[i - lag] * frames[i - lag];
    }
    return 2.0 * product / energy;
}

static void measures_as_its_definition_says(void **state)
{
    (void)state;
    float frames[SPAN_MAX];
    struct periodicity *periodicity = made();
    const uint32_t span = periodicity_span(periodicity);
    fill(frames, span, 40.3);
    periodicity_measure(periodicity, frames, 0.0);
    const float *values = periodicity_values(periodicity);
    for (uint32_t lag = 0; lag <= LONGEST; lag++) {
        const uint32_t reach = periodicity_reach(periodicity, lag);
        assert_true(reach <= span && reach > lag);
        assert_true(fabs(values[lag] - reference(frames, span, lag, reach - lag - 1)) < 1e-4);
    }
    assert_true(fabs((double)values[0] - 1.0) < 1e-5);
    periodicity_free(periodicity);
}

static void finds_the_top_between_lags(void **state)
{
    (void)state;
    static const double periods[] = {9.37, 20.5, 40.3, 77.77, 100.02};
    float frames[SPAN_MAX];
    struct periodicity *periodicity = made();
    for (size_t i = 0; i < sizeof periods / sizeof periods[0]; i++) {
        double value = 0.0;
        fill(frames, periodicity_span(periodicity), periods[i]);
        periodicity_measure(periodicity, frames, 0.0);
        const double lag = periodicity_top(periodicity, (uint32_t)lround(periods[i]), &value);
        // A cent is 0.06%.
        assert_true(fabs(lag / periods[i] - 1.0) < 0.0015);
        assert_true(value > 0.99 && value <= 1.0);
    }
    periodicity_free(periodicity);
}

static void tells_a_turned_tone_and_noise_from_a_tone(void **state)
{
    (void)state;
    float frames[SPAN_MAX];
    unsigned seed = 3;
    struct periodicity *periodicity = made();
    const uint32_t span = periodicity_span(periodicity);
    for (uint32_t i = 0; i < span; i++) {
        frames[i] = (float)sin(M_PI * i / 50.0);
    }
    periodicity_measure(periodicity, frames, 0.0);
    assert_true(periodicity_values(periodicity)[50] < -0.999F && periodicity_values(periodicity)[100] > 0.999F);
    for (uint32_t i = 0; i < span; i++) {
        frames[i] = noise(&seed);
    }
    periodicity_measure(periodicity, frames, 0.0);
    for (uint32_t lag = 20; lag <= LONGEST; lag++) {
        assert_true(fabsf(periodicity_values(periodicity)[lag]) < 0.4F);
    }
    periodicity_free(periodicity);
}

static void what_is_below_the_floor_is_not_periodic(void **state)
{
    (void)state;
    float frames[SPAN_MAX];
    struct periodicity *periodicity = made();
    fill(frames, periodicity_span(periodicity), 40.0);
    periodicity_measure(periodicity, frames, 1.0);
    for (uint32_t lag = 0; lag <= LONGEST; lag++) {
        assert_true(periodicity_values(periodicity)[lag] == 0.0F);
    }
    memset(frames, 0, sizeof frames);
    periodicity_measure(periodicity, frames, 0.0);
    assert_true(periodicity_values(periodicity)[40] == 0.0F);
    periodicity_free(periodicity);
}

static void a_lag_looks_no_further_than_it_says(void **state)
{
    (void)state;
    float frames[SPAN_MAX];
    struct periodicity *periodicity = made();
    const uint32_t span = periodicity_span(periodicity);
    fill(frames, span, 30.0);
    periodicity_measure(periodicity, frames, 0.0);
    const float before = periodicity_values(periodicity)[30];
    const uint32_t reach = periodicity_reach(periodicity, 30);
    assert_true(reach < span);
    frames[span - reach - 1] += 5.0F;
    periodicity_measure(periodicity, frames, 0.0);
    assert_true(fabsf(periodicity_values(periodicity)[30] - before) < 1e-5F);
    frames[span - 2] += 5.0F;
    periodicity_measure(periodicity, frames, 0.0);
    assert_true(fabsf(periodicity_values(periodicity)[30] - before) > 1e-2F);
    periodicity_free(periodicity);
}

static void refuses_options_outside_their_ranges(void **state)
{
    (void)state;
    static const struct periodicity_options wrong[] = {
        {.longest = 0, .periods = 3, .least = 1, .most = 9},
        {.longest = 65537, .periods = 3, .least = 1, .most = 9},
        {.longest = 10, .periods = 0, .least = 1, .most = 9},
        {.longest = 10, .periods = 3, .least = 0, .most = 9},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_null(periodicity_new(&wrong[i]));
    }
    periodicity_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(measures_as_its_definition_says),
        cmocka_unit_test(finds_the_top_between_lags),
        cmocka_unit_test(tells_a_turned_tone_and_noise_from_a_tone),
        cmocka_unit_test(what_is_below_the_floor_is_not_periodic),
        cmocka_unit_test(a_lag_looks_no_further_than_it_says),
        cmocka_unit_test(refuses_options_outside_their_ranges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
