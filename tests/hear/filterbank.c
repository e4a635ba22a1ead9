// SPDX-License-Identifier: GPL-3.0-or-later
#include "hear/filterbank.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static const double RATES[] = {8000.0, 10500.0, 11025.0, 16000.0, 22050.0, 44100.0, 48000.0, 64000.0, 79999.0};

static struct filterbank *make(double rate, uint32_t size, double per_octave)
{
    const struct filterbank_options options = {
        .rate = rate, .size = size, .lowest = 30.0, .highest = fmin(16000.0, rate / 2.0), .per_octave = per_octave};
    return filterbank_new(&options);
}

static void bands_have_a_sum_of_one_and_none_is_empty(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof RATES / sizeof RATES[0]; i++) {
        for (uint32_t size = 256; size <= 8192; size *= 2) {
            struct filterbank *filterbank = make(RATES[i], size, 24.0);
            assert_non_null(filterbank);
            const uint32_t count = filterbank_count(filterbank);
            float *magnitudes = calloc(size / 2 + 1, sizeof *magnitudes);
            float *bands = calloc(count, sizeof *bands);
            for (uint32_t k = 0; k <= size / 2; k++) {
                magnitudes[k] = 1.0F;
            }
            filterbank_apply(filterbank, magnitudes, bands);
            double last = 0.0;
            for (uint32_t band = 0; band < count; band++) {
                assert_float_equal(bands[band], 1.0, 1e-4);
                assert_true(filterbank_centre(filterbank, band) > last);
                last = filterbank_centre(filterbank, band);
            }
            assert_true(last <= fmin(16000.0, RATES[i] / 2.0) + RATES[i] / size / 2.0);
            free(bands);
            free(magnitudes);
            filterbank_free(filterbank);
        }
    }
}

// A bin at a band's centre is loudest in that band, and is heard in no band beyond its neighbours.
static void a_bin_is_heard_where_it_lies(void **state)
{
    (void)state;
    enum { SIZE = 4096 };
    struct filterbank *filterbank = make(48000.0, SIZE, 12.0);
    const uint32_t count = filterbank_count(filterbank);
    float *magnitudes = calloc(SIZE / 2 + 1, sizeof *magnitudes);
    float *bands = calloc(count, sizeof *bands);
    for (uint32_t band = 0; band < count; band++) {
        const size_t bin = (size_t)lround(filterbank_centre(filterbank, band) * SIZE / 48000.0);
        magnitudes[bin] = 1.0F;
        filterbank_apply(filterbank, magnitudes, bands);
        for (uint32_t other = 0; other < count; other++) {
            assert_true(other == band ? bands[other] > 0.0F : bands[other] == 0.0F);
        }
        magnitudes[bin] = 0.0F;
    }
    free(bands);
    free(magnitudes);
    filterbank_free(filterbank);
}

static void bands_are_evenly_spaced_where_bins_allow(void **state)
{
    (void)state;
    struct filterbank *filterbank = make(48000.0, 8192, 12.0);
    uint32_t checked = 0;
    for (uint32_t band = 1; band < filterbank_count(filterbank); band++) {
        const double centre = filterbank_centre(filterbank, band);
        if (centre > 1000.0) {
            const double before = filterbank_centre(filterbank, band - 1);
            assert_true(fabs(12.0 * log2(centre / before) - 1.0) < 0.1);
            checked++;
        }
    }
    assert_true(checked > 40);
    filterbank_free(filterbank);
}

static void refuses_what_leaves_no_band(void **state)
{
    (void)state;
    static const struct filterbank_options bad[] = {
        {.rate = 48000.0, .size = 1024, .lowest = 0.0, .highest = 16000.0, .per_octave = 24.0},
        {.rate = 48000.0, .size = 1024, .lowest = -1.0, .highest = 16000.0, .per_octave = 24.0},
        {.rate = 48000.0, .size = 1024, .lowest = 30.0, .highest = 24001.0, .per_octave = 24.0},
        {.rate = 48000.0, .size = 1024, .lowest = 30.0, .highest = 16000.0, .per_octave = 0.0},
        {.rate = 48000.0, .size = 1024, .lowest = 9000.0, .highest = 1000.0, .per_octave = 24.0},
        {.rate = 48000.0, .size = 0, .lowest = 30.0, .highest = 16000.0, .per_octave = 24.0},
        {.rate = 48000.0, .size = 1024, .lowest = NAN, .highest = 16000.0, .per_octave = 24.0},
        {.rate = 48000.0, .size = 1024, .lowest = 30.0, .highest = NAN, .per_octave = 24.0},
        {.rate = 48000.0, .size = 1024, .lowest = 30.0, .highest = 16000.0, .per_octave = NAN},
        {.rate = NAN, .size = 1024, .lowest = 30.0, .highest = 16000.0, .per_octave = 24.0},
        {.rate = 0.0, .size = 1024, .lowest = 30.0, .highest = 0.0, .per_octave = 24.0},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_null(filterbank_new(&bad[i]));
    }
    filterbank_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bands_have_a_sum_of_one_and_none_is_empty),
        cmocka_unit_test(a_bin_is_heard_where_it_lies),
        cmocka_unit_test(bands_are_evenly_spaced_where_bins_allow),
        cmocka_unit_test(refuses_what_leaves_no_band),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
