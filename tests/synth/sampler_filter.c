// SPDX-License-Identifier: GPL-3.0-or-later
// The low-pass: its corner, its hump, and that it moves without a click.
#include "sampler_fixture.h"
#include "sampler_measure.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { KEY = FIXTURE_MIDDLE_C, SKIPPED = 4800, COUNT = FIXTURE_RATE / 2, RATE = FIXTURE_RATE, BRIGHTNESS = 74 };

/// The gain at \p hz, in dB, of a filter with its corner at \p cutoff_hz and \p q centibels of resonance.
static double gain_at(double hz, double cutoff_hz, int q, double rate)
{
    double levels[2];
    for (int filtered = 0; filtered <= 1; filtered++) {
        const struct setting settings[] = {
            {GENERATOR_SAMPLE_MODES, 1},
            {GENERATOR_FINE_TUNE, (int)lround(1200 * log2(hz / 750))},
            {GENERATOR_FILTER_CUTOFF, filtered ? (int)lround(1200 * log2(cutoff_hz / 8.176)) : 13500},
            {GENERATOR_FILTER_Q, filtered ? q : 0},
            {0}};
        struct instrument *instrument =
            sine_sampler((struct font_sine){0}, settings,
                         (struct instrument_options){.rate = rate, .interpolation = INSTRUMENT_SINC});
        sampler_note_on(instrument, 0, KEY, 127);
        const struct take *take = take_render(instrument, COUNT);
        levels[filtered] = measure_rms(take->left + SKIPPED, COUNT - SKIPPED);
        instrument_free(instrument);
    }
    return decibels(levels[1] / levels[0]);
}

static void test_the_corner_is_where_the_generator_says(void **state)
{
    (void)state;
    static const double rates[] = {44100, 48000, 192000};
    static const double corners[] = {60, 300, 2000, 9000};
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        for (size_t j = 0; j < sizeof corners / sizeof *corners; j++) {
            assert_true(gain_at(corners[j], corners[j] / 0.97, 0, rates[i]) > -3.01);
            assert_true(gain_at(corners[j], corners[j] / 1.03, 0, rates[i]) < -3.01);
        }
    }
}

static void test_it_falls_by_12_db_an_octave(void **state)
{
    (void)state;
    assert_true(fabs(gain_at(1600, 200, 0, RATE) + 36.1) < 1);
    assert_true(fabs(gain_at(100, 2000, 0, RATE)) < 0.05);
}

static void test_resonance_is_a_hump_of_its_height(void **state)
{
    (void)state;
    // Half of it is taken off the whole; at the corner the filter is as high as its Q.
    static const int heights[] = {0, 60, 200, 400};
    for (size_t i = 0; i < sizeof heights / sizeof *heights; i++) {
        const double height = heights[i] / 10.0;
        assert_true(fabs(gain_at(1000, 1000, heights[i], RATE) - (height / 2 - 3.01)) < 0.3);
        assert_true(fabs(gain_at(30, 3000, heights[i], RATE) + height / 2) < 0.1);
    }
}

/// The largest step, as a part of what the tone itself does, while controller 74 sweeps down and up.
static double step_of_sweep(int brightness, int step, int cutoff)
{
    const struct setting settings[] = {
        {GENERATOR_SAMPLE_MODES, 1}, {GENERATOR_FINE_TUNE, -1200}, {GENERATOR_FILTER_CUTOFF, cutoff}, {0}};
    struct instrument *instrument = sine_sampler((struct font_sine){0}, settings, (struct instrument_options){0});
    play_controller(instrument, 0, BRIGHTNESS, 127);
    sampler_note_on(instrument, 0, KEY, 127);
    const struct take *take = take_render(instrument, 4800);
    const double usual = measure_step(take->left + 2400, 2400);
    double largest = 0;
    float last = take->left[4799];
    for (int direction = -1; direction <= 1; direction += 2) {
        for (int value = direction < 0 ? 127 : brightness; value >= brightness && value <= 127;
             value += direction * step) {
            play_controller(instrument, 0, BRIGHTNESS, value);
            take = take_render(instrument, 192);
            largest = fmax(largest, fmax(measure_step(take->left, 192), fabs((double)take->left[0] - last)));
            last = take->left[191];
        }
    }
    instrument_free(instrument);
    return largest / usual;
}

static void test_a_sweep_does_not_click(void **state)
{
    (void)state;
    assert_true(step_of_sweep(0, 1, 8000) < 1.05);
    assert_true(step_of_sweep(102, 25, 8000) < 2); // two octaves at once
}

static void test_a_filter_that_comes_and_goes_does_not_click(void **state)
{
    (void)state;
    // Open at the middle: every sweep passes where the filter is left out.
    assert_true(step_of_sweep(0, 1, 13500) < 1.3);
    assert_true(step_of_sweep(60, 3, 13500) < 1.3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_corner_is_where_the_generator_says),
        cmocka_unit_test(test_it_falls_by_12_db_an_octave),
        cmocka_unit_test(test_resonance_is_a_hump_of_its_height),
        cmocka_unit_test(test_a_sweep_does_not_click),
        cmocka_unit_test(test_a_filter_that_comes_and_goes_does_not_click),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
