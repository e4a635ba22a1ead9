// SPDX-License-Identifier: GPL-3.0-or-later
// What multiplies and adds: each against what it says it does.
#include "measure.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { RATE = 48000, FRAMES = 2000 };

static float noise[FRAMES];
static float other[FRAMES];
static float level[FRAMES];
static float out[FRAMES];

static void fill(float *x, float value)
{
    for (int i = 0; i < FRAMES; i++) {
        x[i] = value;
    }
}

static void vca_multiplies(void **state)
{
    (void)state;
    struct stand *stand = stand_new("vca", RATE, 1, NULL);
    stand_plug(stand, "in", 0, noise);
    stand_plug(stand, "gain", 0, other);
    stand_set(stand, "gain", 0.5F);
    stand_run(stand, FRAMES, 64, "out", 0, out);
    for (int i = 0; i < FRAMES; i++) {
        measure_near((double)out[i], (double)(noise[i] * other[i] * 0.5F), 1e-7);
    }
    stand_free(stand);
}

static void vca_responds_as_loudness_is_heard(void **state)
{
    (void)state;
    struct stand *stand = stand_new("vca", RATE, 1, NULL);
    stand_set(stand, "response", 1);
    stand_plug(stand, "in", 0, noise);
    stand_plug(stand, "gain", 0, level);
    for (int tenth = 0; tenth <= 10; tenth++) {
        fill(level, (float)tenth / 10);
        stand_run(stand, FRAMES, 64, "out", 0, out);
        const double gain = (exp2(tenth) - 1) / 1023;
        for (int i = 0; i < FRAMES; i++) {
            measure_near((double)out[i], (double)noise[i] * gain, 1e-6);
        }
    }
    stand_free(stand);
}

/// Where nothing controls it it lets all pass, and a cable that comes or goes is no click.
static void vca_glides_when_a_cable_comes(void **state)
{
    (void)state;
    struct stand *stand = stand_new("vca", RATE, 1, NULL);
    fill(level, 1);
    fill(other, 0);
    stand_plug(stand, "in", 0, level);
    for (int plugged = 0; plugged < 3; plugged++) {
        stand_plug(stand, "gain", 0, plugged == 1 ? other : NULL);
        const float last = plugged ? out[FRAMES - 1] : 1;
        stand_run(stand, FRAMES, 64, "out", 0, out);
        assert_true(fabsf(out[0] - last) < 0.003F);
        for (int i = 1; i < FRAMES; i++) {
            assert_true(fabsf(out[i] - out[i - 1]) < 0.003F);
        }
        measure_near((double)out[FRAMES - 1], plugged == 1 ? 0 : 1, 0);
    }
    stand_free(stand);
    measure_noise(other, FRAMES, 2);
}

static void mixer_adds_by_decibels(void **state)
{
    (void)state;
    struct stand *stand = stand_new("mixer", RATE, 1, NULL);
    stand_plug(stand, "in1", 0, noise);
    stand_plug(stand, "in8", 0, other);
    stand_set(stand, "level1", -6);
    stand_set(stand, "level8", 6);
    stand_run(stand, FRAMES, 64, "out", 0, out);
    for (int i = 0; i < FRAMES; i++) {
        measure_near((double)out[i], (double)noise[i] * pow(10, -0.3) + (double)other[i] * pow(10, 0.3), 2e-6);
    }
    stand_set(stand, "level1", -90);
    stand_set(stand, "level8", 0);
    stand_run(stand, FRAMES, 64, "out", 0, out);
    for (int i = 0; i < FRAMES; i++) {
        measure_near((double)out[i], (double)other[i], 1e-6);
    }
    stand_free(stand);
}

static void pan_keeps_the_power(void **state)
{
    (void)state;
    static float right[FRAMES];
    struct stand *stand = stand_new("pan", RATE, 1, NULL);
    stand_plug(stand, "in", 0, noise);
    stand_plug(stand, "position", 0, level);
    for (int at = -12; at <= 12; at++) {
        fill(level, (float)at / 10);
        stand_run(stand, FRAMES, 64, "left", 0, out);
        stand_run(stand, FRAMES, 64, "right", 0, right);
        const double place = fmin(fmax(at / 10.0, -1), 1);
        for (int i = 0; i < FRAMES; i++) {
            measure_near((double)out[i], (double)noise[i] * cos((place + 1) * 0.785398163), 1e-6);
            measure_near((double)right[i], (double)noise[i] * sin((place + 1) * 0.785398163), 1e-6);
        }
    }
    stand_free(stand);
}

static void crossfade_goes_from_a_to_b(void **state)
{
    (void)state;
    struct stand *stand = stand_new("crossfade", RATE, 1, NULL);
    stand_plug(stand, "a", 0, noise);
    stand_plug(stand, "b", 0, other);
    for (int i = 0; i < 2 * 5; i++) {
        const int quarters = i / 2;
        const double place = quarters / 4.0;
        const double a = i % 2 ? cos(place * 1.570796327) : 1 - place;
        const double b = i % 2 ? sin(place * 1.570796327) : place;
        stand_set(stand, "curve", (float)(i % 2));
        stand_set(stand, "position", (float)place);
        stand_run(stand, FRAMES, 64, "out", 0, out);
        for (int j = 0; j < FRAMES; j++) {
            measure_near((double)out[j], (double)noise[j] * a + (double)other[j] * b, 1e-6);
        }
    }
    stand_free(stand);
}

static void scale_and_ring_mod_do_their_sums(void **state)
{
    (void)state;
    struct stand *stand = stand_new("scale", RATE, 1, NULL);
    stand_plug(stand, "in", 0, noise);
    stand_set(stand, "multiply", -12);
    stand_set(stand, "offset", 3);
    stand_run(stand, FRAMES, 64, "out", 0, out);
    for (int i = 0; i < FRAMES; i++) {
        measure_near((double)out[i], 3 - 12 * (double)noise[i], 2e-6);
    }
    stand_free(stand);
    stand = stand_new("ring_mod", RATE, 1, NULL);
    stand_plug(stand, "in", 0, noise);
    stand_plug(stand, "carrier", 0, other);
    for (int i = 0; i <= 2; i++) {
        stand_set(stand, "mix", (float)i / 2);
        stand_run(stand, FRAMES, 64, "out", 0, out);
        for (int j = 0; j < FRAMES; j++) {
            const double mix = i / 2.0;
            measure_near((double)out[j], (double)noise[j] * (1 - mix + mix * (double)other[j]), 1e-6);
        }
    }
    stand_free(stand);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vca_multiplies),
        cmocka_unit_test(vca_responds_as_loudness_is_heard),
        cmocka_unit_test(vca_glides_when_a_cable_comes),
        cmocka_unit_test(mixer_adds_by_decibels),
        cmocka_unit_test(pan_keeps_the_power),
        cmocka_unit_test(crossfade_goes_from_a_to_b),
        cmocka_unit_test(scale_and_ring_mod_do_their_sums),
    };
    measure_noise(noise, FRAMES, 1);
    measure_noise(other, FRAMES, 2);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
