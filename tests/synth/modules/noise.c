// SPDX-License-Identifier: GPL-3.0-or-later
#include "stand.h"
#include "tone.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SPECTRA = 100 };

static float sound[TONE_FRAMES];
static float other[TONE_FRAMES];
static double power[TONE_FRAMES / 2 + 1];

// The mean of many spectra: a single one of noise is noise.
static void measure(const char *type, double rate)
{
    static double one[TONE_FRAMES / 2 + 1];
    memset(power, 0, sizeof power);
    struct stand *stand = stand_new(type, rate, 1, NULL);
    for (int i = 0; i < SPECTRA; i++) {
        stand_run(stand, TONE_FRAMES, 64, "out", 0, sound);
        tone_spectrum(sound, one);
        for (int bin = 0; bin <= TONE_FRAMES / 2; bin++) {
            power[bin] += one[bin] / SPECTRA;
        }
    }
    stand_free(stand);
}

// Decibels of the octave from \p low; what a wave of the same power in each octave has in all alike.
static double octave(double rate, double low)
{
    return 10 * log10(tone_band(power, rate, low, 2 * low));
}

static void pink_has_as_much_in_every_octave(void **state)
{
    (void)state;
    static const double rates[] = {48000, 96000};
    for (size_t r = 0; r < sizeof rates / sizeof rates[0]; r++) {
        measure("pink_noise", rates[r]);
        double worst = 0;
        for (double low = 20; low <= 10000; low *= 2) {
            // From the octave around this one's begin to the one around its end; what is left is chance.
            const double slope = octave(rates[r], low) - octave(rates[r], low / 2 < 20 ? 20 : low / 2);
            worst = fmax(worst, fabs(slope));
        }
        print_message("pink noise at %g Hz: within %.2f dB an octave\n", rates[r], worst);
        assert_true(worst < 0.5);
    }
}

static void white_has_as_much_in_every_hertz(void **state)
{
    (void)state;
    measure("white_noise", 96000);
    const double whole = tone_band(power, 96000, 0, 48000) / 48000;
    for (double low = 0; low < 48000; low += 1000) {
        const double here = tone_band(power, 96000, low, low + 1000) / 1000;
        assert_true(fabs(10 * log10(here / whole)) < 0.5);
    }
    // A power of 1/3 of that of a full sine times two: evenly from -1 to 1.
    assert_true(fabs(whole * 48000 - 2.0 / 3) < 0.01);
}

static double correlation(const float *a, const float *b, int shift)
{
    double sum = 0;
    double power_a = 0;
    double power_b = 0;
    for (int i = 0; i + shift < TONE_FRAMES; i++) {
        sum += (double)a[i] * b[i + shift];
        power_a += (double)a[i] * a[i];
        power_b += (double)b[i + shift] * b[i + shift];
    }
    return sum / sqrt(power_a * power_b);
}

static void voices_have_noises_of_their_own(void **state)
{
    (void)state;
    static const int voices[][2] = {{0, 1}, {0, 16}, {3, 19}, {15, 16}};
    for (size_t v = 0; v < sizeof voices / sizeof voices[0]; v++) {
        struct stand *stand = stand_new("white_noise", 96000, 20, NULL);
        stand_run(stand, TONE_FRAMES, 64, "out", voices[v][0], sound);
        stand_free(stand);
        stand = stand_new("white_noise", 96000, 20, NULL);
        stand_run(stand, TONE_FRAMES, 64, "out", voices[v][1], other);
        stand_free(stand);
        for (int shift = 0; shift < 70; shift++) {
            assert_true(fabs(correlation(sound, other, shift)) < 0.025);
            assert_true(shift == 0 || fabs(correlation(sound, sound, shift)) < 0.025);
        }
    }
}

static void noise_is_as_loud_as_it_says(void **state)
{
    (void)state;
    static float level[TONE_FRAMES];
    for (int i = 0; i < TONE_FRAMES; i++) {
        level[i] = 0.25F;
    }
    static const char *const types[] = {"white_noise", "pink_noise"};
    for (int t = 0; t < 2; t++) {
        struct stand *plain = stand_new(types[t], 96000, 1, NULL);
        struct stand *soft = stand_new(types[t], 96000, 1, NULL);
        stand_plug(soft, "level", -1, level);
        stand_run(plain, TONE_FRAMES, 64, "out", 0, sound);
        stand_run(soft, TONE_FRAMES, 64, "out", 0, other);
        for (int i = 0; i < TONE_FRAMES; i++) {
            assert_true(fabsf(sound[i]) <= 1.3F);
            assert_true(fabsf(other[i] - 0.25F * sound[i]) < 1e-6F);
        }
        stand_free(soft);
        stand_free(plain);
    }
}

static void a_cable_that_comes_or_goes_does_not_click(void **state)
{
    (void)state;
    enum { GLIDE = 960, RUN = 2 * GLIDE };
    static const float silent[RUN];
    static const char *const types[] = {"white_noise", "pink_noise"};
    for (int t = 0; t < 2; t++) {
        struct stand *plain = stand_new(types[t], 96000, 1, NULL);
        struct stand *moved = stand_new(types[t], 96000, 1, NULL);
        stand_skip(plain, 100, 64);
        stand_skip(moved, 100, 64);
        for (int turn = 0; turn < 2; turn++) {
            stand_plug(moved, "level", -1, turn == 0 ? silent : NULL);
            stand_run(plain, RUN, 64, "out", 0, sound);
            stand_run(moved, RUN, turn == 0 ? 64 : 7, "out", 0, other);
            for (int i = 0; i < RUN; i++) {
                const float gone = i < GLIDE ? (float)(i + 1) / GLIDE : 1;
                assert_float_equal(other[i], sound[i] * (turn == 0 ? 1 - gone : gone), 1e-3);
            }
        }
        stand_free(moved);
        stand_free(plain);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pink_has_as_much_in_every_octave),          cmocka_unit_test(white_has_as_much_in_every_hertz),
        cmocka_unit_test(voices_have_noises_of_their_own),           cmocka_unit_test(noise_is_as_loud_as_it_says),
        cmocka_unit_test(a_cable_that_comes_or_goes_does_not_click),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
