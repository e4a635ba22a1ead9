// SPDX-License-Identifier: GPL-3.0-or-later
#include "hear/decimator.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { FRAMES = 2000 };

// The gain in dB for a sine of \p frequency (1: the lower rate), by its power once the filter is full.
static double gain_at(uint32_t factor, double frequency)
{
    struct decimator *decimator = decimator_new(factor);
    assert_non_null(decimator);
    const size_t full = 2 * (size_t)decimator_delay(decimator) + 1;
    double power = 0.0;
    size_t heard = 0;
    for (size_t k = 0; heard < FRAMES; k++) {
        const float in = (float)sin(2.0 * M_PI * frequency * (double)k / factor);
        float out;
        if (decimator_push(decimator, &in, 1, &out) == 1 && k >= full) {
            power += 2.0 * out * out / FRAMES;
            heard++;
        }
    }
    decimator_free(decimator);
    return 10.0 * log10(power + 1e-20);
}

static void passes_what_is_below_and_stops_what_folds(void **state)
{
    (void)state;
    static const uint32_t factors[] = {2, 3, 4, 7, DECIMATOR_FACTOR_MAX};
    for (size_t i = 0; i < sizeof factors / sizeof factors[0]; i++) {
        for (double frequency = 0.0131; frequency < 0.4; frequency += 0.0431) {
            assert_true(fabs(gain_at(factors[i], frequency)) < 0.1);
        }
        assert_true(fabs(gain_at(factors[i], 0.3999)) < 0.1);
        for (double frequency = 0.6001; frequency < factors[i] / 2.0; frequency *= 1.0831) {
            assert_true(gain_at(factors[i], frequency) < -80.0);
        }
    }
}

static void delays_by_what_it_says(void **state)
{
    (void)state;
    for (uint32_t factor = 1; factor <= DECIMATOR_FACTOR_MAX; factor++) {
        struct decimator *decimator = decimator_new(factor);
        assert_non_null(decimator);
        const size_t delay = decimator_delay(decimator);
        float in[FRAMES];
        float out[FRAMES + 1];
        for (size_t k = 0; k < FRAMES; k++) {
            in[k] = (float)k / FRAMES;
        }
        // A ramp comes out as itself, late.
        const size_t made = decimator_push(decimator, in, FRAMES, out);
        assert_int_equal(made, (FRAMES + factor - 1) / factor);
        for (size_t i = 2 * delay / factor + 1; i < made; i++) {
            assert_true(fabs((double)out[i] * FRAMES - (double)(i * factor - delay)) < 0.05);
        }
        decimator_free(decimator);
    }
}

static void a_factor_of_one_copies(void **state)
{
    (void)state;
    struct decimator *decimator = decimator_new(1);
    assert_int_equal(decimator_delay(decimator), 0);
    const float in[] = {1.0F, -0.25F, 0.0F, 3.0F};
    float out[5];
    assert_int_equal(decimator_push(decimator, in, 4, out), 4);
    assert_memory_equal(in, out, sizeof in);
    decimator_free(decimator);
}

static void does_not_care_how_pushes_are_cut(void **state)
{
    (void)state;
    for (uint32_t factor = 1; factor <= DECIMATOR_FACTOR_MAX; factor++) {
        struct decimator *whole = decimator_new(factor);
        struct decimator *cut = decimator_new(factor);
        float in[FRAMES];
        float expected[FRAMES + 1];
        float out[FRAMES + 1];
        for (size_t k = 0; k < FRAMES; k++) {
            in[k] = (float)(k * 7919 % 1009) / 500.0F - 1.0F;
        }
        const size_t made = decimator_push(whole, in, FRAMES, expected);
        size_t at = 0;
        for (size_t k = 0, step = 0; k < FRAMES; k += step) {
            step = k % 38 < FRAMES - k ? k % 38 + (k % 38 == 0) : FRAMES - k;
            const size_t some = decimator_push(cut, in + k, step, out + at);
            assert_true(some <= step / factor + 1);
            at += some;
            assert_int_equal(decimator_push(cut, in, 0, out + at), 0);
        }
        assert_int_equal(at, made);
        assert_memory_equal(out, expected, made * sizeof *out);
        decimator_free(whole);
        decimator_free(cut);
    }
}

static void refuses_a_factor_that_cannot_be(void **state)
{
    (void)state;
    assert_null(decimator_new(0));
    assert_null(decimator_new(DECIMATOR_FACTOR_MAX + 1));
    assert_null(decimator_new(UINT32_MAX));
    decimator_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(passes_what_is_below_and_stops_what_folds),
        cmocka_unit_test(delays_by_what_it_says),
        cmocka_unit_test(a_factor_of_one_copies),
        cmocka_unit_test(does_not_care_how_pushes_are_cut),
        cmocka_unit_test(refuses_a_factor_that_cannot_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
