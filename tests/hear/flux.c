// SPDX-License-Identifier: GPL-3.0-or-later
#include "hear/flux.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const double RATES[] = {8000.0, 11025.0, 16000.0, 22050.0, 44100.0, 48000.0, 64000.0, 79999.0};
enum { RATE_COUNT = sizeof RATES / sizeof RATES[0], LONG = FLUX_SHORT_BANDS * (1 + FLUX_SHORT_LAGS) };

/// What a sound is: its value at a moment in seconds.
typedef double (*sound_at)(double seconds);

// The greatest sum of rises, of the short bands over two hops and of the long groups, from \p from to \p to seconds.
static void listen(double rate, sound_at sound, double from, double to, double *brief, double *lasting)
{
    struct flux *flux = flux_new(rate);
    assert_non_null(flux);
    *brief = *lasting = 0.0;
    for (size_t k = 0; (double)k < to * rate; k++) {
        const float frame = (float)sound((double)k / rate);
        bool made;
        assert_int_equal(flux_push(flux, &frame, 1, &made), 1);
        const float *values = flux_values(flux);
        double sums[2] = {0.0, 0.0};
        for (size_t i = 0; made && i < FLUX_VALUES; i++) {
            assert_true(fabsf(values[i]) < 12.0F);
            sums[0] += i >= 2 * FLUX_SHORT_BANDS && i < 3 * FLUX_SHORT_BANDS ? fmax(0.0, (double)values[i]) : 0.0;
            sums[1] += i >= LONG && i < LONG + FLUX_LONG_BANDS ? (double)values[i] : 0.0;
        }
        if (made && (double)k > from * rate) {
            *brief = fmax(*brief, sums[0]);
            *lasting = fmax(*lasting, sums[1]);
        }
    }
    flux_free(flux);
}

static double tone(double seconds)
{
    double sum = 0.0;
    for (int harmonic = 1; harmonic < 6; harmonic++) {
        sum += 0.1 * sin(2.0 * M_PI * 220.0 * harmonic * seconds) / harmonic;
    }
    return sum;
}

static double tone_begins(double seconds)
{
    return seconds < 0.5 ? 0.0 : tone(seconds);
}

// Half a semitone to either side, six times a second.
static double vibrato(double seconds)
{
    const double depth = exp2(0.5 / 12.0) - 1.0;
    return tone(seconds + depth / (2.0 * M_PI * 6.0) * sin(2.0 * M_PI * 6.0 * seconds));
}

static double silence(double seconds)
{
    (void)seconds;
    return 0.0;
}

static double constant(double seconds)
{
    (void)seconds;
    return 0.5;
}

static void rises_when_a_tone_begins_but_not_while_it_lasts(void **state)
{
    (void)state;
    for (size_t i = 0; i < RATE_COUNT; i++) {
        double begins[2];
        double lasts[2];
        listen(RATES[i], tone_begins, 0.45, 0.55, &begins[0], &begins[1]);
        listen(RATES[i], tone_begins, 0.65, 0.8, &lasts[0], &lasts[1]);
        assert_true(begins[0] > 50.0 && begins[1] > 40.0);
        assert_true(lasts[0] < 0.05 * begins[0] && lasts[1] < 0.02 * begins[1]);
    }
}

static void vibrato_is_hardly_a_rise(void **state)
{
    (void)state;
    for (size_t i = 0; i < RATE_COUNT; i++) {
        double begins[2];
        double sways[2];
        listen(RATES[i], tone_begins, 0.45, 0.55, &begins[0], &begins[1]);
        listen(RATES[i], vibrato, 0.3, 0.8, &sways[0], &sways[1]);
        assert_true(sways[1] < 0.02 * begins[1]);
    }
}

static void nothing_and_dc_do_not_rise(void **state)
{
    (void)state;
    for (size_t i = 0; i < RATE_COUNT; i++) {
        double rises[2];
        listen(RATES[i], silence, 0.0, 0.2, &rises[0], &rises[1]);
        assert_true(rises[0] == 0.0 && rises[1] == 0.0);
        listen(RATES[i], constant, 0.15, 0.3, &rises[0], &rises[1]);
        assert_true(rises[0] < 0.1 && rises[1] < 0.1);
    }
}

static void does_not_care_how_pushes_are_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < RATE_COUNT; i++) {
        float frames[8192];
        for (size_t k = 0; k < 8192; k++) {
            frames[k] = (float)(k * 7919 % 1009) / 1000.0F * (float)(k % 3000) / 3000.0F;
        }
        struct flux *one = flux_new(RATES[i]);
        struct flux *other = flux_new(RATES[i]);
        size_t hops = 0;
        for (size_t k = 0, used = 0, step = 0; k < 8192; k += used) {
            bool made;
            used = flux_push(one, frames + k, 8192 - k, &made);
            hops += made;
            bool heard = false;
            for (size_t n = 0; n < used; n += step) {
                assert_false(heard);
                step = n % 17 + 1 < used - n ? n % 17 + 1 : used - n;
                assert_int_equal(flux_push(other, frames + k + n, step, &heard), step);
            }
            assert_int_equal(heard, made);
            assert_memory_equal(flux_values(one), flux_values(other), FLUX_VALUES * sizeof(float));
        }
        assert_int_equal(hops, 8192 / flux_hop(one));
        flux_free(one);
        flux_free(other);
    }
}

static void refuses_a_rate_that_cannot_be(void **state)
{
    (void)state;
    static const double bad[] = {0.0, -48000.0, 7999.0, 80001.0, 1e300, NAN, INFINITY};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_null(flux_new(bad[i]));
    }
    flux_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rises_when_a_tone_begins_but_not_while_it_lasts),
        cmocka_unit_test(vibrato_is_hardly_a_rise),
        cmocka_unit_test(nothing_and_dc_do_not_rise),
        cmocka_unit_test(does_not_care_how_pushes_are_cut),
        cmocka_unit_test(refuses_a_rate_that_cannot_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
