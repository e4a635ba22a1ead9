// SPDX-License-Identifier: GPL-3.0-or-later
// Echoes, copies and rooms: when, how loud, for how long, and that nothing clicks or rings.
#include "measure.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { RATE = 48000, FRAMES = 48000 * 8 };

static const double TURN = 6.283185307179586;

static float in[FRAMES];
static float out[FRAMES];
static float right[FRAMES];

static void impulse(void)
{
    memset(in, 0, sizeof in);
    in[0] = 1;
}

static void delay_is_exact(void **state)
{
    (void)state;
    static const double times[] = {1, 33.3, 375, 2000};
    for (int t = 0; t < 4; t++) {
        const int ago = (int)lround(times[t] * RATE / 1000);
        struct stand *stand = stand_new("delay", RATE, 1, NULL);
        stand_set(stand, "time", (float)times[t]);
        stand_set(stand, "feedback", 0.5F);
        stand_set(stand, "damp", 0);
        stand_set(stand, "mix", 1);
        impulse();
        stand_plug(stand, "left", 0, in);
        stand_run(stand, FRAMES, 64, "left", 0, out);
        for (int i = 0; i < FRAMES; i++) {
            const int echo = i / ago;
            measure_near((double)out[i], i > 0 && i % ago == 0 && echo < 30 ? exp2(1 - echo) : 0, 1e-8);
        }
        stand_free(stand);
    }
}

static void ping_pong_changes_sides(void **state)
{
    (void)state;
    struct stand *stand = stand_new("delay", RATE, 1, NULL);
    struct stand *other = stand_new("delay", RATE, 1, NULL);
    impulse();
    for (int i = 0; i < 2; i++) {
        stand_set(i ? other : stand, "time", 100);
        stand_set(i ? other : stand, "ping_pong", 1);
        stand_set(i ? other : stand, "damp", 0);
        stand_set(i ? other : stand, "mix", 1);
        stand_plug(i ? other : stand, "left", 0, in);
    }
    stand_run(stand, RATE, 64, "left", 0, out);
    stand_run(other, RATE, 64, "right", 0, right);
    assert_true(out[4800] > 0.4F && right[4800] == 0);
    assert_true(out[9600] == 0 && right[9600] > 0.1F);
    assert_true(out[14400] > 0.05F && right[14400] == 0);
    stand_free(other);
    stand_free(stand);
}

/// The steepest bend of a sound: a click in a slow sine is a bend that the sine has not.
static double bend(const float *x, int frames)
{
    double most = 0;
    for (int i = 2; i < frames; i++) {
        most = fmax(most, fabs((double)x[i] - 2 * (double)x[i - 1] + (double)x[i - 2]));
    }
    return most;
}

/// Changes of \p param while a sine of 200 Hz goes through.
static void no_click(const char *type, const char *param, float from, float to)
{
    struct stand *stand = stand_new(type, RATE, 1, NULL);
    measure_sine(in, FRAMES, 200, RATE, 0.5);
    stand_set(stand, "mix", 1);
    stand_set(stand, param, from);
    stand_plug(stand, "left", 0, in);
    stand_run(stand, 2 * RATE, 64, "left", 0, out);
    const double steady = bend(out + RATE, RATE);
    float *at = out + 2 * RATE;
    for (int i = 0; i < 10; i++) {
        // 2 s are 400 turns, 0.2 s are 40: the sine goes on.
        stand_set(stand, param, i % 2 ? from : to);
        stand_run(stand, RATE / 5, 64, "left", 0, at);
        at += RATE / 5;
    }
    const double moved = bend(out + 2 * RATE - 2, 2 * RATE + 2);
    print_message("%s, %s: bends %.1e, steady %.1e\n", type, param, moved, steady);
    assert_true(moved < 3 * fmax(steady, 0.5 * pow(TURN * 200 / RATE, 2)));
    stand_free(stand);
}

static void nothing_clicks(void **state)
{
    (void)state;
    no_click("delay", "time", 301, 507);
    no_click("reverb", "size", 1, 0.4F);
    no_click("reverb", "decay", 0.5F, 1.5F);
    no_click("reverb", "damp", 0, 0.9F);
    no_click("reverb", "predelay", 3, 121);
}

static void chorus_bends_and_keeps_the_power(void **state)
{
    (void)state;
    struct stand *stand = stand_new("chorus", RATE, 1, NULL);
    measure_noise(in, FRAMES, 9);
    stand_set(stand, "mix", 1);
    stand_plug(stand, "left", 0, in);
    stand_plug(stand, "right", 0, in);
    stand_run(stand, FRAMES, 64, "left", 0, out);
    double power = 0;
    double given = 0;
    for (int i = 2000; i < FRAMES; i++) {
        power += pow((double)out[i], 2);
        given += pow((double)in[i], 2);
    }
    print_message("chorus: %.2f dB of white noise\n", 10 * log10(power / given));
    // Reading between frames takes some of the highs.
    measure_near(10 * log10(power / given), -0.8, 0.8);
    stand_free(stand);
    no_click("chorus", "mix", 1, 1);
}

/// The part of \p x around \p hz, by resonators in a row whose own fall is far faster than what is measured.
static const double *band_of(const float *x, int frames, double hz)
{
    static double band[FRAMES];
    const double radius = exp(-TURN * hz / 8 / RATE);
    for (int i = 0; i < frames; i++) {
        band[i] = (double)x[i];
    }
    for (int pass = 0; pass < 4; pass++) {
        double one = 0;
        double two = 0;
        for (int i = 0; i < frames; i++) {
            const double y = band[i] + 2 * radius * cos(TURN * hz / RATE) * one - radius * radius * two;
            two = one;
            one = y;
            band[i] = y;
        }
    }
    return band;
}

/// The power of that part in the second half of \p x.
static double power_of(const float *x, double hz)
{
    const double *band = band_of(x, FRAMES, hz);
    double power = 0;
    for (int i = FRAMES / 2; i < FRAMES; i++) {
        power += band[i] * band[i];
    }
    return power;
}

/// The seconds in which \p x, in the band around \p hz, falls by 60 dB, from its fall from -5 to -35 dB.
static double decay_of(const float *x, int frames, double hz)
{
    static double energy[FRAMES + 1];
    const double *band = band_of(x, frames, hz);
    energy[frames] = 0;
    for (int i = frames; i > 0; i--) {
        energy[i - 1] = energy[i] + band[i - 1] * band[i - 1];
    }
    double n = 0;
    double sx = 0;
    double sy = 0;
    double sxx = 0;
    double sxy = 0;
    for (int i = RATE / 10; i < frames; i++) {
        const double db = 10 * log10(energy[i] / energy[RATE / 10] + 1e-300);
        if (db <= -5 && db >= -35) {
            n++;
            sx += i;
            sy += db;
            sxx += (double)i * i;
            sxy += (double)i * db;
        }
    }
    return -60 / ((n * sxy - sx * sy) / (n * sxx - sx * sx)) / RATE;
}

static void reverb_decays_as_asked(void **state)
{
    (void)state;
    static const float decays[] = {0.4F, 1, 2, 5, 12};
    static const float damps[] = {0, 0.5F, 0.7F};
    for (int i = 0; i < 5 * 3; i++) {
        const float decay = decays[i / 3];
        const float damp = damps[i % 3];
        struct stand *stand = stand_new("reverb", RATE, 1, NULL);
        impulse();
        stand_set(stand, "decay", decay);
        stand_set(stand, "damp", damp);
        stand_set(stand, "mix", 1);
        stand_plug(stand, "left", 0, in);
        stand_plug(stand, "right", 0, in);
        stand_run(stand, FRAMES, 64, "left", 0, out);
        const double middle = decay_of(out, FRAMES, 1000);
        const double high = decay_of(out, FRAMES, 6000);
        print_message("reverb of %.1f s, damp %.1f: %.2f s at 1 kHz, %.2f s at 6 kHz\n", (double)decay, (double)damp,
                      middle, high);
        measure_near(middle / (double)decay, 1, 0.1);
        if (decay >= 1) {
            measure_near(high / (double)(decay * (1 - damp)), 1, 0.15);
        }
        stand_free(stand);
    }
}

/// What the tail of a second has in common with itself \c lag later, at most, for lags of 1 to 200 ms; 1 would be a
/// ringing tone or a flutter. Its fall is taken off first.
static double likeness(const float *x, int frames, double decay)
{
    static double even[2 * RATE];
    double most = 0;
    double power = 0;
    for (int i = 0; i < frames; i++) {
        even[i] = (double)x[i] * pow(10, 3 * i / (decay * RATE));
        power += even[i] * even[i];
    }
    for (int lag = RATE / 1000; lag < RATE / 5; lag++) {
        double sum = 0;
        for (int i = lag; i < frames; i++) {
            sum += even[i] * even[i - lag];
        }
        most = fmax(most, fabs(sum) / power);
    }
    return most;
}

static void reverb_is_not_metallic(void **state)
{
    (void)state;
    static const float decays[] = {1, 3};
    for (int i = 0; i < 4; i++) {
        struct stand *stand = stand_new("reverb", RATE, 1, NULL);
        impulse();
        stand_set(stand, "decay", decays[i / 2]);
        stand_set(stand, "damp", 0);
        stand_set(stand, "size", i % 2 ? 1 : 0.6F);
        stand_set(stand, "mix", 1);
        stand_plug(stand, "left", 0, in);
        stand_run(stand, 2 * RATE, 64, "left", 0, out);
        const double most = likeness(out + RATE / 4, RATE, (double)decays[i / 2]);
        print_message("reverb of %.0f s, size %.1f: likeness to itself at most %.3f\n", (double)decays[i / 2],
                      i % 2 ? 1 : 0.6, most);
        assert_true(most < 0.2);
        stand_free(stand);
    }
}

/// The power of a room at 1 kHz is that of what comes in, and left and right are two sides of it.
static void reverb_has_its_level_and_sides(void **state)
{
    (void)state;
    static const float decays[] = {0.5F, 2, 8};
    for (int i = 0; i < 3; i++) {
        struct stand *stand = stand_new("reverb", RATE, 1, NULL);
        struct stand *twin = stand_new("reverb", RATE, 1, NULL);
        measure_noise(in, FRAMES, 11);
        stand_plug(stand, "left", 0, in);
        stand_plug(stand, "right", 0, in);
        stand_plug(twin, "left", 0, in);
        stand_plug(twin, "right", 0, in);
        for (int j = 0; j < 2; j++) {
            stand_set(j ? twin : stand, "decay", decays[i]);
            stand_set(j ? twin : stand, "damp", 0);
            stand_set(j ? twin : stand, "mix", 1);
        }
        stand_run(stand, FRAMES, 64, "left", 0, out);
        stand_run(twin, FRAMES, 64, "right", 0, right);
        const double given = power_of(in, 1000);
        const double level = 10 * log10((power_of(out, 1000) + power_of(right, 1000)) / 2 / given);
        double squares = 0;
        double both = 0;
        for (int j = FRAMES / 2; j < FRAMES; j++) {
            squares += pow((double)out[j], 2) + pow((double)right[j], 2);
            both += 2 * (double)out[j] * (double)right[j];
        }
        print_message("reverb of %.1f s: %.2f dB at 1 kHz, sides alike by %.3f\n", (double)decays[i], level,
                      both / squares);
        measure_near(level, 0, 1.5);
        assert_true(fabs(both / squares) < 0.2);
        stand_free(twin);
        stand_free(stand);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(delay_is_exact),
        cmocka_unit_test(ping_pong_changes_sides),
        cmocka_unit_test(nothing_clicks),
        cmocka_unit_test(chorus_bends_and_keeps_the_power),
        cmocka_unit_test(reverb_decays_as_asked),
        cmocka_unit_test(reverb_is_not_metallic),
        cmocka_unit_test(reverb_has_its_level_and_sides),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
