// SPDX-License-Identifier: GPL-3.0-or-later
#include "stand.h"
#include "tone.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const double pi = 3.14159265358979323846;

static float sound[TONE_FRAMES];
static double power[TONE_FRAMES / 2 + 1];

static void assert_near(double value, double wanted, double tolerance)
{
    if (!(fabs(value - wanted) <= tolerance)) {
        fail_msg("%g is not within %g of %g", value, tolerance, wanted);
    }
}

static void measure(const char *type, double rate, double hz, double width)
{
    struct stand *stand = stand_new(type, rate, 1, NULL);
    stand_set(stand, "frequency", (float)hz);
    if (width != 0) {
        stand_set(stand, "width", (float)width);
    }
    stand_run(stand, TONE_FRAMES, 64, "out", 0, sound);
    stand_free(stand);
    tone_spectrum(sound, power);
}

static void sine_is_a_sine(void **state)
{
    (void)state;
    struct stand *stand = stand_new("sine", 96000, 1, NULL);
    stand_run(stand, TONE_FRAMES, 32, "out", 0, sound);
    for (int i = 0; i < TONE_FRAMES; i++) {
        assert_near(sound[i], sin(2 * pi * 440 * i / 96000), 5e-4);
    }
    stand_free(stand);
}

// Everything from 20 Hz to 20 kHz that is no overtone, all together.
static void nothing_strange_is_heard(void **state)
{
    (void)state;
    static const struct {
        const char *type;
        double width;
    } waves[] = {{"sine", 0}, {"saw", 0}, {"triangle", 0}, {"square", 0.5}, {"square", 0.13}};
    static const double tones[] = {27.5, 110, 441.3, 1234.5, 2093, 3520.7, 4186, 4999};
    for (size_t w = 0; w < sizeof waves / sizeof waves[0]; w++) {
        double worst = -300;
        for (size_t t = 0; t < sizeof tones / sizeof tones[0]; t++) {
            measure(waves[w].type, 96000, tones[t], waves[w].width);
            worst = fmax(worst, tone_strange(power, 96000, tones[t]));
        }
        print_message("%s %g: all that is not an overtone is %.1f dB below\n", waves[w].type, waves[w].width, -worst);
        assert_true(worst < -95);
    }
}

// At lower rates below 10 kHz, and the rest is soft.
static void lower_rates_are_sane(void **state)
{
    (void)state;
    static const double rates[] = {44100, 48000};
    for (size_t r = 0; r < 2; r++) {
        measure("saw", rates[r], 1234.5, 0);
        const double strange = tone_strange(power, rates[r], 1234.5);
        print_message("saw of 1234.5 Hz at %g Hz: %.1f dB\n", rates[r], strange);
        assert_true(strange < -40);
    }
}

static double decibels(double power_ratio)
{
    return 10 * log10(power_ratio);
}

// The amplitude of overtone k of the ideal waves.
static double saw_ideal(int k)
{
    return 2 / (pi * k);
}

static double pulse_ideal(int k)
{
    return 4 / (pi * k) * fabs(sin(pi * k * 0.3));
}

static double triangle_ideal(int k)
{
    return k % 2 ? 8 / (pi * pi * k * k) : 0;
}

static void overtones_are_right(void **state)
{
    (void)state;
    static const struct {
        const char *type;
        double width;
        double (*ideal)(int k);
    } waves[] = {{"saw", 0, saw_ideal}, {"square", 0.3, pulse_ideal}, {"triangle", 0, triangle_ideal}};
    for (size_t w = 0; w < 3; w++) {
        for (double hz = 441.3; hz < 10000; hz *= 2.5) {
            measure(waves[w].type, 96000, hz, waves[w].width);
            for (int k = 1; k * hz < 20000; k++) {
                const double ideal = waves[w].ideal(k);
                // 0.25 dB; where there should be nothing, nothing.
                assert_near(sqrt(tone_power(power, 96000, hz * k)), ideal, 0.03 * ideal + 1e-5);
            }
        }
    }
}

static double mean_of(const float *samples, int count)
{
    double sum = 0;
    for (int i = 0; i < count; i++) {
        sum += samples[i];
    }
    return sum / count;
}

// Above 0 for as much of the time as it should be, and without a mean.
static void width_is_right(void **state)
{
    (void)state;
    for (double width = 0.05; width < 1; width += 0.15) {
        measure("square", 96000, 100, width);
        const int whole = 960 * 60;
        int above = 0;
        for (int i = 0; i < whole; i++) {
            above += sound[i] > 1 - 2 * width ? 1 : 0;
        }
        assert_near((double)above / whole, width, 0.003);
        assert_near(mean_of(sound, whole), 0, 1e-3);
    }
}

// A glide from end to end of the frequency or the width moves no more between two frames than the steepest wave does.
static void glides_are_smooth(void **state)
{
    (void)state;
    static float pitch[TONE_FRAMES];
    static float width[TONE_FRAMES];
    for (int i = 0; i < TONE_FRAMES; i++) {
        pitch[i] = -60 + 70 * ((float)i / (float)TONE_FRAMES);
        width[i] = 0.4F * sinf((float)i * 1e-3F);
    }
    static const char *const types[] = {"sine", "saw", "triangle", "square"};
    static const float limits[] = {0.06F, 1.7F, 0.06F, 1.7F};
    for (size_t t = 0; t < 4; t++) {
        struct stand *stand = stand_new(types[t], 96000, 1, NULL);
        stand_plug(stand, "pitch", -1, pitch);
        if (t == 3) {
            stand_plug(stand, "width", -1, width);
        }
        stand_run(stand, TONE_FRAMES, 64, "out", 0, sound);
        stand_free(stand);
        for (int i = 1; i < TONE_FRAMES; i++) {
            assert_true(fabsf(sound[i]) < 2.6F);
            assert_true(fabsf(sound[i] - sound[i - 1]) < limits[t]);
        }
    }
}

static void pitch_is_in_semitones(void **state)
{
    (void)state;
    static float octave[TONE_FRAMES];
    for (int i = 0; i < TONE_FRAMES; i++) {
        octave[i] = 7;
    }
    struct stand *stand = stand_new("saw", 96000, 1, NULL);
    stand_plug(stand, "pitch", -1, octave);
    stand_set(stand, "detune", 500);
    stand_run(stand, TONE_FRAMES, 64, "out", 0, sound);
    stand_free(stand);
    tone_spectrum(sound, power);
    assert_near(decibels(tone_power(power, 96000, 880)), decibels(pow(2 / pi, 2)), 0.1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sine_is_a_sine),        cmocka_unit_test(nothing_strange_is_heard),
        cmocka_unit_test(lower_rates_are_sane),  cmocka_unit_test(overtones_are_right),
        cmocka_unit_test(width_is_right),        cmocka_unit_test(glides_are_smooth),
        cmocka_unit_test(pitch_is_in_semitones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
