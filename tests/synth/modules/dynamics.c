// SPDX-License-Identifier: GPL-3.0-or-later
// The compressor's curve and times, and that the limiter's ceiling holds.
#include "measure.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { RATE = 48000, FRAMES = 96000 };

static float left[FRAMES];
static float right[FRAMES];
static float out[FRAMES];
static float out_right[FRAMES];

/// The curve as the comment in compressor.c says it, in decibels.
static double curve(double level, double threshold, double ratio, double knee)
{
    const double above = level - threshold;
    if (2 * above < -knee) {
        return level;
    }
    if (2 * above <= knee) {
        return level + (1 / ratio - 1) * pow(above + knee / 2, 2) / (2 * knee);
    }
    return threshold + above / ratio;
}

static void compressor_has_its_curve(void **state)
{
    (void)state;
    static const struct {
        double threshold, ratio, knee;
    } settings[] = {{-18, 3, 6}, {-30, 2, 0.5}, {-24, 20, 12}, {-40, 1.5, 30}, {-12, 100, 1}};
    double worst = 0;
    for (int i = 0; i < 5; i++) {
        for (int level = -60; level <= 0; level += 3) {
            struct stand *stand = stand_new("compressor", RATE, 1, NULL);
            stand_set(stand, "threshold", (float)settings[i].threshold);
            stand_set(stand, "ratio", (float)settings[i].ratio);
            stand_set(stand, "knee", (float)settings[i].knee);
            stand_set(stand, "release", 300);
            measure_sine(left, FRAMES, 1000, RATE, pow(10, level / 20.0));
            stand_plug(stand, "left", 0, left);
            stand_run(stand, FRAMES, 64, "left", 0, out);
            const double got = measure_db(measure_tone(out + FRAMES / 2, FRAMES / 2, 1000, RATE));
            const double wanted = curve(level, settings[i].threshold, settings[i].ratio, settings[i].knee);
            worst = fmax(worst, fabs(got - wanted));
            stand_free(stand);
        }
    }
    print_message("compressor: within %.3f dB of its curve\n", worst);
    assert_true(worst < 0.2);
}

/// The gain in dB over a step from -40 to -10 dB and back.
static void compressor_has_its_times(void **state)
{
    (void)state;
    struct stand *stand = stand_new("compressor", RATE, 1, NULL);
    stand_set(stand, "threshold", -30);
    stand_set(stand, "ratio", 100);
    stand_set(stand, "knee", 0);
    stand_set(stand, "attack", 20);
    stand_set(stand, "release", 100);
    for (int i = 0; i < FRAMES; i++) {
        left[i] = i >= 24000 && i < 72000 ? 0.316228F : 0.01F;
    }
    stand_plug(stand, "left", 0, left);
    stand_run(stand, FRAMES, 64, "left", 0, out);
    const double full = measure_db((double)(out[71999] / left[71999]));
    const double attacked = measure_db((double)(out[24000 + 960] / left[24000 + 960]));
    // By the release alone; the attack smooths the knee of it.
    const double early = measure_db((double)(out[72000 + 7200] / left[72000 + 7200]));
    const double late = measure_db((double)(out[72000 + 12000] / left[72000 + 12000]));
    print_message("compressor: %.2f of the way after the attack, e-fold in %.1f ms of release\n", attacked / full,
                  100 / log(early / late));
    measure_near(full, -19.8, 0.05);
    measure_near(attacked / full, 1 - exp(-1), 0.01);
    measure_near(log(early / late), 1, 0.02);
    stand_free(stand);
}

/// Both sides get the gain that the louder asks for, or that the sidechain asks for.
static void compressor_is_linked(void **state)
{
    (void)state;
    struct stand *stand = stand_new("compressor", RATE, 1, NULL);
    stand_set(stand, "threshold", -40);
    measure_noise(left, FRAMES, 1);
    for (int i = 0; i < FRAMES; i++) {
        right[i] = left[i] * 0.25F;
    }
    stand_plug(stand, "left", 0, left);
    stand_plug(stand, "right", 0, right);
    struct stand *keyed = stand_new("compressor", RATE, 1, NULL);
    stand_set(keyed, "threshold", -40);
    stand_plug(keyed, "right", 0, right);
    stand_plug(keyed, "sidechain", 0, left);
    stand_run(stand, FRAMES, 64, "right", 0, out);
    stand_run(keyed, FRAMES, 64, "right", 0, out_right);
    assert_memory_equal(out, out_right, sizeof out);
    assert_true(measure_peak(out + 9600, FRAMES - 9600) < 0.5 * measure_peak(right, FRAMES));
    stand_free(keyed);
    stand_free(stand);
}

static void fill_with_trouble(int kind)
{
    measure_noise(left, FRAMES, 3);
    measure_noise(right, FRAMES, 4);
    for (int i = 0; i < FRAMES; i++) {
        const float swell = 1 + 0.9F * sinf((float)i * 0.0007F);
        const bool is_click = i % 4801 == 0;
        left[i] = kind == 0 ? left[i] * 4 * swell : kind == 1 ? (is_click ? 10.0F : 0.2F * left[i]) : sinf((float)i);
        right[i] *= kind == 2 ? 30 * (float)(i % 9600 < 100) : swell;
    }
}

static void limiter_holds_its_ceiling(void **state)
{
    (void)state;
    static const double rates[] = {8000, 44100, 48000, 96000, 192000};
    static const float ceilings[] = {0, -0.3F, -6, -24};
    for (int i = 0; i < 5 * 4 * 3; i++) {
        struct stand *stand = stand_new("limiter", rates[i % 5], 1, NULL);
        const float ceiling = ceilings[i / 5 % 4];
        fill_with_trouble(i / 20);
        stand_set(stand, "ceiling", ceiling);
        stand_set(stand, "gain", 6);
        stand_set(stand, "release", 5);
        stand_plug(stand, "left", 0, left);
        stand_plug(stand, "right", 0, right);
        stand_run(stand, FRAMES, 64, "left", 0, out);
        const double highest = pow(10, (double)ceiling / 20) * (1 + 1e-6);
        assert_true(measure_peak(out, FRAMES) <= highest);
        assert_true(measure_peak(out, FRAMES) > 0.98 * highest);
        stand_run(stand, FRAMES, 64, "right", 0, out);
        assert_true(measure_peak(out, FRAMES) <= highest);
        stand_free(stand);
    }
}

/// Below the ceiling nothing changes but the time; and the gain in front of a peak goes down in a straight line, by no
/// more in a frame than the look-ahead explains.
static void limiter_is_not_heard(void **state)
{
    (void)state;
    enum { LATER = 255, PEAK = 48000 };
    struct stand *stand = stand_new("limiter", RATE, 1, NULL);
    measure_noise(left, FRAMES, 5);
    for (int i = 0; i < FRAMES; i++) {
        left[i] *= 0.9F;
    }
    stand_plug(stand, "left", 0, left);
    stand_run(stand, FRAMES, 64, "left", 0, out);
    assert_memory_equal(out + LATER, left, (FRAMES - LATER) * sizeof *out);
    for (int i = 0; i < FRAMES; i++) {
        left[i] = i == PEAK ? 4 : 0.5F;
    }
    stand_run(stand, FRAMES, 64, "left", 0, out);
    const float lowest = out[PEAK + LATER - 1] / 0.5F;
    measure_near((double)lowest, 0.2415, 0.005);
    for (int i = LATER + 1; i < FRAMES; i++) {
        if (i != PEAK + LATER && i != PEAK + LATER + 1) {
            assert_true(fabsf(out[i] - out[i - 1]) < 0.5F / 256);
        }
    }
    measure_near((double)out[FRAMES - 1], 0.5, 1e-4);
    stand_free(stand);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compressor_has_its_curve), cmocka_unit_test(compressor_has_its_times),
        cmocka_unit_test(compressor_is_linked),     cmocka_unit_test(limiter_holds_its_ceiling),
        cmocka_unit_test(limiter_is_not_heard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
