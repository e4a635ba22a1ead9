// SPDX-License-Identifier: GPL-3.0-or-later
#include "hear/beat_bands.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

// Half a second of nothing, then half a second of a tone; the rows that came.
static size_t hear_tone(double rate, double hz, float gain, float (*rows)[BEAT_BANDS_VALUES], size_t room)
{
    struct beat_bands *bands = beat_bands_new(rate);
    assert_non_null(bands);
    size_t count = 0;
    for (size_t i = 0; i < (size_t)rate; i++) {
        const float frame = i < (size_t)(rate / 2) ? 0.0F : gain * (float)sin(2.0 * M_PI * hz * (double)i / rate);
        bool made = false;
        assert_int_equal(beat_bands_push(bands, &frame, 1, &made), 1);
        if (made && count < room) {
            memcpy(rows[count++], beat_bands_values(bands), sizeof *rows);
        }
    }
    beat_bands_free(bands);
    return count;
}

static void refuses_rates_that_no_stream_has(void **state)
{
    (void)state;
    assert_null(beat_bands_new(7999.0));
    assert_null(beat_bands_new(80001.0));
    assert_null(beat_bands_new(NAN));
    beat_bands_free(NULL);
}

static void a_tone_is_in_the_same_band_at_every_rate_and_gain(void **state)
{
    (void)state;
    static float first[110][BEAT_BANDS_VALUES];
    static float rows[110][BEAT_BANDS_VALUES];
    const double rates[] = {8000.0, 11025.0, 44100.0, 47999.0, 79900.0};
    const size_t expected = hear_tone(48000.0, 1000.0, 0.3F, first, 110);
    assert_int_equal(expected, 100);
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        const size_t count = hear_tone(rates[i], 1000.0, i % 2 ? 0.01F : 0.9F, rows, 110);
        assert_in_range(count, 99, 101);
        for (int band = 0; band < BEAT_BANDS; band++) {
            assert_true(rows[10][band] == 0.0F);
            // What leaks far away from the tone depends on the window's rounding; it is 45 dB down or more.
            if (first[90][band] > 0.25F) {
                assert_true(fabsf(rows[90][band] - first[90][band]) < 0.05F);
            }
        }
    }
}

static void a_rise_is_seen_once_and_a_steady_tone_has_none(void **state)
{
    (void)state;
    static float rows[110][BEAT_BANDS_VALUES];
    (void)hear_tone(48000.0, 440.0, 0.5F, rows, 110);
    float most = 0.0F;
    for (size_t row = 50; row < 56; row++) {
        for (int band = BEAT_BANDS; band < BEAT_BANDS_VALUES; band++) {
            most = fmaxf(most, rows[row][band]);
        }
    }
    assert_true(most > 0.3F);
    for (int band = BEAT_BANDS; band < BEAT_BANDS_VALUES; band++) {
        if (rows[80][band - BEAT_BANDS] > 0.25F) {
            assert_true(rows[80][band] < 0.02F);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_rates_that_no_stream_has),
        cmocka_unit_test(a_tone_is_in_the_same_band_at_every_rate_and_gain),
        cmocka_unit_test(a_rise_is_seen_once_and_a_steady_tone_has_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
