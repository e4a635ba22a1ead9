// SPDX-License-Identifier: GPL-3.0-or-later
// What the filters pass, against their formulas, from the answer to an impulse.
#include "measure.h"

#include <complex.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { POINTS = 61, SECONDS = 3 };

static const double PI = 3.141592653589793;
static const double rates[] = {48000, 96000};
static const double FLOOR_DB = -80;

/// Frames in which a filter of \p hz falls silent.
static int frames_for(double hz, double rate)
{
    return (int)(rate * (hz < 200 ? 3 : hz < 2000 ? 1 : 0.1));
}

/// The largest difference of what was measured from \p formula, where that is above the floor.
static double compare(const char *what, const double *hz, const double *measured, const double *formula)
{
    double worst = 0;
    for (int i = 0; i < POINTS; i++) {
        if (formula[i] > FLOOR_DB) {
            const double off = fabs(measured[i] - formula[i]);
            if (off > 0.1) {
                print_message("%s: %.1f dB instead of %.1f at %.0f Hz\n", what, measured[i], formula[i], hz[i]);
            }
            worst = fmax(worst, off);
        }
    }
    return worst;
}

/// The Cookbook's coefficients as they stand there.
static double cookbook(int mode, double hz, double q, double gain, double rate, double at)
{
    const double a = pow(10, gain / 40);
    const double w = 2 * PI * hz / rate;
    const double c = cos(w);
    const double alpha = sin(w) / (2 * q);
    const double beta = 2 * sqrt(a) * alpha;
    const double coefficients[][6] = {
        {(1 - c) / 2, 1 - c, (1 - c) / 2, 1 + alpha, -2 * c, 1 - alpha},
        {(1 + c) / 2, -(1 + c), (1 + c) / 2, 1 + alpha, -2 * c, 1 - alpha},
        {alpha, 0, -alpha, 1 + alpha, -2 * c, 1 - alpha},
        {1, -2 * c, 1, 1 + alpha, -2 * c, 1 - alpha},
        {1 + alpha * a, -2 * c, 1 - alpha * a, 1 + alpha / a, -2 * c, 1 - alpha / a},
        {a * ((a + 1) - (a - 1) * c + beta), 2 * a * ((a - 1) - (a + 1) * c), a * ((a + 1) - (a - 1) * c - beta),
         (a + 1) + (a - 1) * c + beta, -2 * ((a - 1) + (a + 1) * c), (a + 1) + (a - 1) * c - beta},
        {a * ((a + 1) + (a - 1) * c + beta), -2 * a * ((a - 1) + (a + 1) * c), a * ((a + 1) + (a - 1) * c - beta),
         (a + 1) - (a - 1) * c + beta, 2 * ((a - 1) - (a + 1) * c), (a + 1) - (a - 1) * c - beta},
    };
    const double *k = coefficients[mode];
    const double complex z = cexp(-I * 2 * PI * at / rate);
    return measure_db(cabs((k[0] + k[1] * z + k[2] * z * z) / (k[3] + k[4] * z + k[5] * z * z)));
}

static void biquad_is_the_cookbook(void **state)
{
    (void)state;
    static const struct {
        double hz, q, gain;
    } settings[] = {{30, 0.7071, 6}, {100, 0.5, -12}, {440, 3, 12},       {1000, 0.7071, -24},
                    {5000, 8, 18},   {12000, 1, 3},   {19000, 0.7071, -6}};
    double hz[POINTS];
    double measured[POINTS];
    double formula[POINTS];
    double worst = 0;
    measure_spread(hz, POINTS);
    for (int i = 0; i < 2 * 7 * 7; i++) {
        const double rate = rates[i % 2];
        const int mode = i / 2 % 7;
        const int setting = i / 14;
        struct stand *stand = stand_new("biquad", rate, 1, NULL);
        stand_set(stand, "mode", (float)mode);
        stand_set(stand, "frequency", (float)settings[setting].hz);
        stand_set(stand, "q", (float)settings[setting].q);
        stand_set(stand, "gain", (float)settings[setting].gain);
        measure_response(stand, "in", "out", 1, frames_for(settings[setting].hz, rate), rate, hz, measured, POINTS);
        for (int j = 0; j < POINTS; j++) {
            formula[j] = cookbook(mode, settings[setting].hz, settings[setting].q, settings[setting].gain, rate, hz[j]);
        }
        worst = fmax(worst, compare("biquad", hz, measured, formula));
        stand_free(stand);
    }
    print_message("biquad: within %.4f dB\n", worst);
    assert_true(worst < 0.1);
}

static double complex warped(double at, double cutoff, double rate)
{
    return I * tan(PI * at / rate) / tan(PI * cutoff / rate);
}

static void svf_is_its_prototype(void **state)
{
    (void)state;
    static const char *const outputs[] = {"low", "band", "high", "notch"};
    static const double cutoffs[] = {25, 250, 1000, 8000, 20000};
    static const double resonances[] = {0, 0.3, 0.9};
    double hz[POINTS];
    double measured[POINTS];
    double formula[POINTS];
    double worst = 0;
    measure_spread(hz, POINTS);
    for (int i = 0; i < 2 * 4 * 5 * 3; i++) {
        const double rate = rates[i % 2];
        const int output = i / 2 % 4;
        const double cutoff = cutoffs[i / 8 % 5];
        const double resonance = resonances[i / 40];
        const double k = 2 - 1.99 * resonance;
        struct stand *stand = stand_new("svf", rate, 1, NULL);
        stand_set(stand, "cutoff", (float)cutoff);
        stand_set(stand, "resonance", (float)resonance);
        measure_response(stand, "in", outputs[output], 1, frames_for(cutoff, rate), rate, hz, measured, POINTS);
        for (int j = 0; j < POINTS; j++) {
            const double complex s = warped(hz[j], cutoff, rate);
            const double complex tops[] = {1, s, s * s, 1 + s * s};
            formula[j] = measure_db(cabs(tops[output] / (s * s + k * s + 1)));
        }
        worst = fmax(worst, compare("svf", hz, measured, formula));
        stand_free(stand);
    }
    print_message("svf: within %.4f dB\n", worst);
    assert_true(worst < 0.1);
}

/// A cutoff that a signal sets is the same cutoff.
static void svf_is_the_same_whatever_is_heard(void **state)
{
    (void)state;
    enum { LENGTH = 500 };
    static const char *const names[] = {"low", "band", "high", "notch"};
    static float in[LENGTH];
    static float all[LENGTH];
    static float alone[LENGTH];
    for (int i = 0; i < LENGTH; i++) {
        in[i] = (float)(i * 37 % 101) / 101 - 0.5F;
    }
    for (int heard = 0; heard < 4; heard++) {
        for (int mutes = 0; mutes < 2; mutes++) {
            struct stand *stand = stand_new("svf", 48000, 1, NULL);
            stand_plug(stand, "in", -1, in);
            for (int other = 0; other < 4; other++) {
                if (mutes && other != heard) {
                    stand_mute(stand, names[other]);
                }
            }
            stand_run(stand, LENGTH, 64, names[heard], 0, mutes ? alone : all);
            stand_free(stand);
        }
        assert_memory_equal(alone, all, sizeof all);
    }
}

static void svf_follows_its_pitch(void **state)
{
    (void)state;
    static float pitch[48000];
    double hz[POINTS];
    double plain[POINTS];
    double moved[POINTS];
    measure_spread(hz, POINTS);
    for (int i = 0; i < 48000; i++) {
        pitch[i] = 36;
    }
    struct stand *stand = stand_new("svf", 48000, 1, NULL);
    stand_set(stand, "cutoff", 4000);
    measure_response(stand, "in", "low", 1, 48000, 48000, hz, plain, POINTS);
    stand_set(stand, "cutoff", 500);
    stand_plug(stand, "pitch", 0, pitch);
    measure_response(stand, "in", "low", 1, 48000, 48000, hz, moved, POINTS);
    const double worst = compare("svf by its pitch", hz, moved, plain);
    print_message("svf by its pitch: within %.5f dB\n", worst);
    assert_true(worst < 0.001);
    stand_free(stand);
}

static void ladder_is_its_prototype(void **state)
{
    (void)state;
    static const double cutoffs[] = {25, 250, 1000, 8000, 18000};
    static const double resonances[] = {0, 0.4, 0.9};
    double hz[POINTS];
    double measured[POINTS];
    double formula[POINTS];
    double worst = 0;
    measure_spread(hz, POINTS);
    for (int i = 0; i < 2 * 5 * 3; i++) {
        const double rate = rates[i % 2];
        const double cutoff = cutoffs[i / 2 % 5];
        const double resonance = resonances[i / 10];
        struct stand *stand = stand_new("ladder", rate, 1, NULL);
        stand_set(stand, "cutoff", (float)cutoff);
        stand_set(stand, "resonance", (float)resonance);
        measure_response(stand, "in", "out", 1e-3, frames_for(cutoff, rate), rate, hz, measured, POINTS);
        for (int j = 0; j < POINTS; j++) {
            formula[j] = measure_db(cabs(1 / (cpow(1 + warped(hz[j], cutoff, rate), 4) + 4 * resonance)));
        }
        worst = fmax(worst, compare("ladder", hz, measured, formula));
        stand_free(stand);
    }
    print_message("ladder: within %.4f dB\n", worst);
    assert_true(worst < 0.1);
}

/// Above a resonance of 1 it sings, at its cutoff, and no louder than its saturation lets it.
static void ladder_sings_in_tune(void **state)
{
    (void)state;
    enum { RATE = 96000 };
    static float kick[RATE] = {0.1F};
    static float out[RATE];
    static const double cutoffs[] = {55, 440, 1760, 7040};
    for (int i = 0; i < 4; i++) {
        struct stand *stand = stand_new("ladder", RATE, 1, NULL);
        stand_set(stand, "cutoff", (float)cutoffs[i]);
        stand_set(stand, "resonance", 1.1F);
        stand_plug(stand, "in", 0, kick);
        stand_skip(stand, RATE, 64);
        stand_plug(stand, "in", 0, NULL);
        stand_run(stand, RATE, 64, "out", 0, out);
        const double peak = measure_peak(out, RATE);
        int crossings = 0;
        double first = 0;
        double last = 0;
        for (int j = 1; j < RATE; j++) {
            if (out[j - 1] < 0 && out[j] >= 0) {
                last = j - (double)out[j] / (double)(out[j] - out[j - 1]);
                first = crossings++ == 0 ? last : first;
            }
        }
        const double sung = (crossings - 1) * RATE / (last - first);
        print_message("ladder at %.0f Hz sings %.2f Hz, peak %.2f\n", cutoffs[i], sung, peak);
        assert_true(peak > 0.05 && peak <= 1);
        assert_true(fabs(1200 * log2(sung / cutoffs[i])) < 5);
        stand_free(stand);
    }
}

static void dc_blocker_takes_dc_alone(void **state)
{
    (void)state;
    static float in[96000 * SECONDS];
    static float out[96000 * SECONDS];
    double hz[POINTS];
    double measured[POINTS];
    double formula[POINTS];
    measure_spread(hz, POINTS);
    struct stand *stand = stand_new("dc_blocker", 96000, 1, NULL);
    measure_response(stand, "in", "out", 1, 96000 * SECONDS, 96000, hz, measured, POINTS);
    for (int i = 0; i < POINTS; i++) {
        const double complex s = warped(hz[i], 5, 96000);
        formula[i] = measure_db(cabs(s / (1 + s)));
    }
    assert_true(compare("dc_blocker", hz, measured, formula) < 0.01);
    for (int i = 0; i < 96000 * SECONDS; i++) {
        in[i] = 0.5F;
    }
    stand_plug(stand, "in", 0, in);
    stand_run(stand, 96000 * SECONDS, 64, "out", 0, out);
    print_message("dc_blocker leaves %.1e of 0.5\n", (double)out[96000 * SECONDS - 1]);
    assert_true(fabs((double)out[96000 * SECONDS - 1]) < 1e-6);
    stand_free(stand);
}

/// Whatever moves the cutoff however fast, a filter stays a filter: it gives no more than its resonance explains and
/// is silent soon after.
static void filters_bear_modulation(void **state)
{
    (void)state;
    enum { FRAMES = 96000 };
    static const char *const types[] = {"svf", "biquad", "ladder"};
    static const char *const outputs[] = {"low", "out", "out"};
    static float noise[FRAMES];
    static float pitch[FRAMES];
    static float out[FRAMES];
    measure_noise(noise, FRAMES, 1);
    measure_noise(pitch, FRAMES, 2);
    for (int i = 0; i < FRAMES; i++) {
        pitch[i] *= 60;
        noise[i] = i < FRAMES / 2 ? noise[i] : 0;
    }
    for (int i = 0; i < 3; i++) {
        struct stand *stand = stand_new(types[i], 48000, 1, NULL);
        stand_plug(stand, "in", 0, noise);
        stand_plug(stand, "pitch", 0, pitch);
        stand_run(stand, FRAMES, 64, outputs[i], 0, out);
        const double peak = measure_peak(out, FRAMES);
        const double rest = measure_peak(out + FRAMES - 4800, 4800);
        print_message("%s under modulation: peak %.2f, then %.1e\n", types[i], peak, rest);
        assert_true(peak < 10);
        assert_true(rest < 1e-6);
        stand_free(stand);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(biquad_is_the_cookbook),
        cmocka_unit_test(svf_is_its_prototype),
        cmocka_unit_test(svf_is_the_same_whatever_is_heard),
        cmocka_unit_test(svf_follows_its_pitch),
        cmocka_unit_test(ladder_is_its_prototype),
        cmocka_unit_test(ladder_sings_in_tune),
        cmocka_unit_test(dc_blocker_takes_dc_alone),
        cmocka_unit_test(filters_bear_modulation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
