// SPDX-License-Identifier: GPL-3.0-or-later
#include "stand.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { RATE = 96000, FRAMES = 4 * RATE };

enum { SINE, TRIANGLE, SAW, SQUARE, RANDOM, DRIFT };

static const double pi = 3.14159265358979323846;

static float in[FRAMES];
static float trigger[FRAMES];
static float out[FRAMES];
static float other[FRAMES];

static void run_lfo(int shape, float hz, float phase, int voice, float *to)
{
    struct stand *stand = stand_new("lfo", RATE, 20, NULL);
    stand_set(stand, "shape", (float)shape);
    stand_set(stand, "rate", hz);
    stand_set(stand, "phase", phase);
    stand_run(stand, FRAMES, 64, "out", voice, to);
    stand_free(stand);
}

static double ideal(int shape, double turns)
{
    const double x = turns - floor(turns);
    switch (shape) {
    case SINE:
        return sin(2 * pi * x);
    case TRIANGLE:
        return x < 0.25 ? 4 * x : x < 0.75 ? 2 - 4 * x : 4 * x - 4;
    case SAW:
        return 2 * x - 1;
    default:
        return x < 0.5 ? 1 : -1;
    }
}

static void lfo_has_the_shapes(void **state)
{
    (void)state;
    for (int shape = SINE; shape <= SQUARE; shape++) {
        for (int phase = 0; phase < 2; phase++) {
            run_lfo(shape, 1.3F, (float)phase * 0.3F, 3, out);
            for (int i = 0; i < FRAMES; i++) {
                const double turns = 1.3 * i / RATE + 0.3 * phase;
                // Not where it jumps.
                const double edge = fabs(2 * turns - round(2 * turns));
                assert_true(edge < 1e-3 || fabs(out[i] - ideal(shape, turns)) < 1e-3);
            }
        }
    }
}

static void a_slow_lfo_keeps_its_rate(void **state)
{
    (void)state;
    run_lfo(SAW, 0.01F, 0, 0, out);
    assert_true(fabs((out[FRAMES - 1] + 1) / 2 - 0.04) < 0.04 * 2e-3);
}

static void random_holds_for_a_turn(void **state)
{
    (void)state;
    run_lfo(RANDOM, 50, 0, 0, out);
    run_lfo(RANDOM, 50, 0, 17, other);
    int changes = 0;
    int alike = 0;
    double square = 0;
    for (int i = 1; i < FRAMES; i++) {
        changes += out[i] != out[i - 1] ? 1 : 0;
        alike += out[i] == other[i] ? 1 : 0;
        square += (double)out[i] * out[i] / FRAMES;
        assert_true(fabsf(out[i]) <= 1);
    }
    assert_true(abs(changes - 200) <= 2);
    assert_int_equal(alike, 0);
    assert_true(square > 0.2 && square < 0.5);
}

static void drift_is_smooth(void **state)
{
    (void)state;
    run_lfo(DRIFT, 10, 0, 0, out);
    for (int i = 1; i < FRAMES; i++) {
        assert_true(fabsf(out[i] - out[i - 1]) <= 3.1F * 10 / RATE);
    }
}

static void reset_begins_a_turn(void **state)
{
    (void)state;
    for (int i = 0; i < FRAMES; i++) {
        trigger[i] = i >= 5000 && i < 90000 ? 1 : 0;
    }
    struct stand *stand = stand_new("lfo", RATE, 1, NULL);
    stand_plug(stand, "reset", -1, trigger);
    stand_run(stand, FRAMES, 64, "out", 0, out);
    stand_free(stand);
    assert_true(out[5000] == 0);
    assert_true(fabsf(out[5000 + RATE / 4] - 1) < 1e-5F);
}

static void rate_is_moved_in_semitones(void **state)
{
    (void)state;
    for (int i = 0; i < FRAMES; i++) {
        in[i] = 12;
    }
    struct stand *stand = stand_new("lfo", RATE, 1, NULL);
    stand_plug(stand, "rate", -1, in);
    stand_run(stand, FRAMES, 64, "out", 0, out);
    stand_free(stand);
    assert_true(fabsf(out[RATE / 8] - 1) < 1e-5F);
}

static void sample_and_hold_takes_what_is_there(void **state)
{
    (void)state;
    for (int i = 0; i < 1000; i++) {
        in[i] = i < 800 ? (float)i : NAN;
        trigger[i] = i == 100 || i == 300 || (i >= 500 && i < 700) || i == 900 ? 1 : 0;
    }
    struct stand *stand = stand_new("sample_hold", RATE, 1, NULL);
    stand_plug(stand, "in", -1, in);
    stand_plug(stand, "trigger", -1, trigger);
    stand_run(stand, 1000, 64, "out", 0, out);
    stand_free(stand);
    for (int i = 0; i < 1000; i++) {
        assert_true(out[i] == (i < 100 ? 0 : i < 300 ? 100 : i < 500 ? 300 : i < 900 ? 500 : 0));
    }
}

static struct stand *slew(float rise, float fall, float shape)
{
    struct stand *stand = stand_new("slew", RATE, 1, NULL);
    stand_set(stand, "rise", rise);
    stand_set(stand, "fall", fall);
    stand_set(stand, "shape", shape);
    stand_plug(stand, "in", -1, in);
    return stand;
}

static void slew_takes_the_time_it_says(void **state)
{
    (void)state;
    for (int i = 0; i < FRAMES; i++) {
        in[i] = i < 100 ? 7.0F : i < RATE ? 9.0F : 8.0F;
    }
    struct stand *stand = slew(100, 50, 0);
    stand_run(stand, FRAMES, 64, "out", 0, out);
    stand_free(stand);
    // It begins at what it hears, and leaves a hundredth of each way.
    assert_true(out[0] == 7);
    assert_true(fabs(out[100 + 9600 - 1] - (9 - 0.02)) < 1e-3);
    assert_true(fabs(out[RATE + 4800 - 1] - (8 + 0.01)) < 1e-3);
    stand = slew(100, 50, 1);
    stand_run(stand, FRAMES, 64, "out", 0, out);
    stand_free(stand);
    assert_true(fabsf(out[100 + 9600 - 1] - 8) < 2e-4F);
    assert_true(fabsf(out[100 + 2 * 9600] - 9) < 1e-6F);
    assert_true(fabsf(out[RATE + 4800] - 8) < 1e-6F);
    // So slow that a float would not move.
    stand = slew(60000, 60000, 1);
    stand_run(stand, FRAMES, 64, "out", 0, out);
    stand_free(stand);
    assert_true(fabs(out[RATE - 1] - (7 + (RATE - 100) / (60.0 * RATE))) < 1e-5);
}

static void slew_of_no_time_changes_nothing(void **state)
{
    (void)state;
    for (int i = 0; i < 1000; i++) {
        in[i] = sinf((float)i);
    }
    for (int shape = 0; shape < 2; shape++) {
        struct stand *stand = slew(0, 0, (float)shape);
        stand_run(stand, 1000, 64, "out", 0, out);
        stand_free(stand);
        for (int i = 0; i < 1000; i++) {
            assert_true(fabsf(out[i] - in[i]) < 1e-6F);
        }
    }
}

static void constant_is_constant(void **state)
{
    (void)state;
    struct stand *stand = stand_new("constant", RATE, 1, NULL);
    stand_set(stand, "value", -12.5F);
    stand_run(stand, 1000, 64, "out", 0, out);
    stand_free(stand);
    for (int i = 0; i < 1000; i++) {
        assert_true(out[i] == -12.5F);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lfo_has_the_shapes),
        cmocka_unit_test(a_slow_lfo_keeps_its_rate),
        cmocka_unit_test(random_holds_for_a_turn),
        cmocka_unit_test(drift_is_smooth),
        cmocka_unit_test(reset_begins_a_turn),
        cmocka_unit_test(rate_is_moved_in_semitones),
        cmocka_unit_test(sample_and_hold_takes_what_is_there),
        cmocka_unit_test(slew_takes_the_time_it_says),
        cmocka_unit_test(slew_of_no_time_changes_nothing),
        cmocka_unit_test(constant_is_constant),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
