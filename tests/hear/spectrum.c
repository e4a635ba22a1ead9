// SPDX-License-Identifier: GPL-3.0-or-later
#include "hear/spectrum.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct spectrum_options COMMON = {.window = 512, .fall = 256, .size = 512, .hop = 128};

// Pushes all frames; how many spectra that made.
static int push_all(struct spectrum *spectrum, const float *frames, size_t count)
{
    int spectra = 0;
    while (count) {
        bool made;
        const size_t used = spectrum_push(spectrum, frames, count, &made);
        assert_true(used > 0 && used <= count);
        spectra += made;
        frames += used;
        count -= used;
    }
    return spectra;
}

static void make_sine(float *frames, size_t count, double amplitude, double cycles)
{
    for (size_t k = 0; k < count; k++) {
        frames[k] = (float)(amplitude * sin(2.0 * M_PI * cycles * (double)k + 0.3));
    }
}

static void a_sine_has_its_amplitude_on_its_bin(void **state)
{
    (void)state;
    static const struct spectrum_options options[] = {
        {.window = 512, .fall = 256, .size = 512, .hop = 100},
        {.window = 512, .fall = 64, .size = 1024, .hop = 100},
        {.window = 2000, .fall = 300, .size = 4096, .hop = 1},
    };
    for (size_t i = 0; i < 3; i++) {
        struct spectrum *spectrum = spectrum_new(&options[i]);
        assert_non_null(spectrum);
        assert_int_equal(spectrum_bin_count(spectrum), options[i].size / 2 + 1);
        const uint32_t bin = options[i].size / 5;
        float frames[4096];
        make_sine(frames, 4096, 0.5, (double)bin / options[i].size);
        push_all(spectrum, frames, 4096);
        const float *magnitudes = spectrum_magnitudes(spectrum);
        const float(*bins)[2] = spectrum_bins(spectrum);
        assert_float_equal(magnitudes[bin], 0.5, 0.005);
        for (uint32_t k = 0; k < spectrum_bin_count(spectrum); k++) {
            assert_true(magnitudes[k] <= magnitudes[bin]);
            assert_float_equal(hypotf(bins[k][0], bins[k][1]), magnitudes[k], 1e-5);
        }
        assert_true(magnitudes[2 * bin] < 1e-3F);
        spectrum_free(spectrum);
    }
}

static void a_click_is_late_by_the_delay(void **state)
{
    (void)state;
    static const uint32_t falls[] = {1, 32, 128, 255};
    double last = -1.0;
    for (size_t i = 0; i < 4; i++) {
        const struct spectrum_options options = {.window = 256, .fall = falls[i], .size = 256, .hop = 1};
        struct spectrum *spectrum = spectrum_new(&options);
        assert_non_null(spectrum);
        double sum = 0.0;
        double moment = 0.0;
        for (int age = 0; age < 300; age++) {
            const float frame = age == 0 ? 1.0F : 0.0F;
            bool made;
            assert_int_equal(spectrum_push(spectrum, &frame, 1, &made), 1);
            assert_true(made);
            sum += spectrum_magnitudes(spectrum)[10];
            moment += (double)age * spectrum_magnitudes(spectrum)[10];
        }
        assert_true(fabs(moment / sum - spectrum_delay(spectrum)) < 0.01);
        assert_true(spectrum_delay(spectrum) > last);
        last = spectrum_delay(spectrum);
        spectrum_free(spectrum);
    }
}

static void a_symmetric_window_is_late_by_half(void **state)
{
    (void)state;
    struct spectrum *spectrum = spectrum_new(&COMMON);
    assert_true(fabs(spectrum_delay(spectrum) - 255.5) < 1e-6);
    spectrum_free(spectrum);
}

static void comes_every_hop_from_the_first_on(void **state)
{
    (void)state;
    for (uint32_t first = 0; first < 300; first += 37) {
        struct spectrum_options options = COMMON;
        options.first = first;
        struct spectrum *spectrum = spectrum_new(&options);
        const uint32_t due = first ? first : options.hop;
        for (uint32_t k = 1; k <= 1000; k++) {
            const float frame = 0.1F;
            bool made;
            assert_int_equal(spectrum_push(spectrum, &frame, 1, &made), 1);
            assert_int_equal(made, k >= due && (k - due) % options.hop == 0);
        }
        spectrum_free(spectrum);
    }
}

static void does_not_care_how_pushes_are_cut(void **state)
{
    (void)state;
    float frames[1024];
    make_sine(frames, 1024, 0.9, 0.0317);
    struct spectrum *whole = spectrum_new(&COMMON);
    assert_int_equal(push_all(whole, frames, 1024), 8);
    struct spectrum *cut = spectrum_new(&COMMON);
    int spectra = 0;
    bool made;
    assert_int_equal(spectrum_push(cut, frames, 0, &made), 0);
    assert_false(made);
    for (size_t k = 0, step = 0; k < 1024; k += step) {
        step = k % 53 + 1 < 1024 - k ? k % 53 + 1 : 1024 - k;
        spectra += push_all(cut, frames + k, step);
    }
    assert_int_equal(spectra, 8);
    assert_memory_equal(spectrum_magnitudes(whole), spectrum_magnitudes(cut), 257 * sizeof(float));
    spectrum_free(whole);
    spectrum_free(cut);
}

static void silence_is_silent_and_dc_is_at_zero(void **state)
{
    (void)state;
    struct spectrum *spectrum = spectrum_new(&COMMON);
    float frames[512] = {0};
    push_all(spectrum, frames, 512);
    for (uint32_t k = 0; k < spectrum_bin_count(spectrum); k++) {
        assert_true(spectrum_magnitudes(spectrum)[k] == 0.0F);
    }
    for (size_t k = 0; k < 512; k++) {
        frames[k] = 1.0F;
    }
    push_all(spectrum, frames, 512);
    assert_float_equal(spectrum_magnitudes(spectrum)[0], 2.0, 1e-4);
    assert_true(spectrum_magnitudes(spectrum)[4] < 1e-3F);
    spectrum_free(spectrum);
}

// A sine that begins is as strong as the part of the window that it fills.
static void shows_the_part_that_a_sound_fills(void **state)
{
    (void)state;
    for (uint32_t age = 0; age <= 512; age += 32) {
        struct spectrum *spectrum = spectrum_new(&COMMON);
        float frames[512] = {0};
        for (uint32_t k = 512 - age; k < 512; k++) {
            frames[k] = 1.0F;
        }
        push_all(spectrum, frames, 512);
        const double shown = (double)spectrum_magnitudes(spectrum)[0] / 2.0;
        assert_float_equal(shown, spectrum_fill(age, COMMON.window - COMMON.fall, COMMON.fall), 0.01);
        spectrum_free(spectrum);
    }
    assert_true(spectrum_fill(-1.0, 3.0, 1.0) == 0.0 && spectrum_fill(9.0, 3.0, 1.0) > 0.999999);
}

static void refuses_what_cannot_be(void **state)
{
    (void)state;
    static const struct spectrum_options bad[] = {
        {.window = 512, .fall = 256, .size = 512, .hop = 0},   {.window = 512, .fall = 0, .size = 512, .hop = 1},
        {.window = 512, .fall = 512, .size = 512, .hop = 1},   {.window = 1, .fall = 1, .size = 512, .hop = 1},
        {.window = 513, .fall = 256, .size = 512, .hop = 1},   {.window = 500, .fall = 256, .size = 600, .hop = 1},
        {.window = 512, .fall = 256, .size = 0, .hop = 1},     {.window = 2, .fall = 1, .size = 1, .hop = 1},
        {.window = 512, .fall = 256, .size = 65536, .hop = 1},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_null(spectrum_new(&bad[i]));
    }
    spectrum_free(NULL);
    const struct spectrum_options least = {.window = 2, .fall = 1, .size = 2, .hop = 1};
    struct spectrum *spectrum = spectrum_new(&least);
    assert_non_null(spectrum);
    spectrum_free(spectrum);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sine_has_its_amplitude_on_its_bin), cmocka_unit_test(a_click_is_late_by_the_delay),
        cmocka_unit_test(a_symmetric_window_is_late_by_half),  cmocka_unit_test(comes_every_hop_from_the_first_on),
        cmocka_unit_test(does_not_care_how_pushes_are_cut),    cmocka_unit_test(silence_is_silent_and_dc_is_at_zero),
        cmocka_unit_test(shows_the_part_that_a_sound_fills),   cmocka_unit_test(refuses_what_cannot_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
