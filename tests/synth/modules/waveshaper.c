// SPDX-License-Identifier: GPL-3.0-or-later
// What the waveshaper makes that is no overtone, and what it lets pass as it is.
#include "measure.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { RATE = 48000, LEAD = 8192, FRAMES = 48000, OVERTONES = 400 };

static float in[LEAD + FRAMES];
static float out[LEAD + FRAMES];

static void soft_sounds_pass(void **state)
{
    (void)state;
    enum { POINTS = 31 };
    static const double rates[] = {44100, 48000, 96000};
    double hz[POINTS];
    double db[POINTS];
    double worst = 0;
    measure_spread(hz, POINTS);
    for (int i = 0; i < 3 * 4; i++) {
        struct stand *stand = stand_new("waveshaper", rates[i / 4], 1, NULL);
        stand_set(stand, "drive", 0);
        stand_set(stand, "shape", (float)(i % 4));
        measure_response(stand, "in", "out", 1e-4, FRAMES, rates[i / 4], hz, db, POINTS);
        for (int j = 0; j < POINTS; j++) {
            worst = fmax(worst, fabs(db[j]));
        }
        stand_free(stand);
    }
    print_message("soft sounds pass within %.4f dB\n", worst);
    assert_true(worst < 0.01);
}

/// The loudest of what folded back below 20 kHz, in dB of the fundamental.
static double folded_db(double hz)
{
    const double fundamental = measure_tone(out + LEAD, FRAMES, hz, RATE);
    double loudest = 0;
    for (int i = 2; i < OVERTONES; i++) {
        const double turned = fmod(hz * i, RATE);
        const double folded = turned > RATE / 2.0 ? RATE - turned : turned;
        // Only where no overtone that belongs there is.
        if (hz * i > RATE / 2.0 && folded < 20000 && folded > 20 && fabs(remainder(folded, hz)) > 1) {
            loudest = fmax(loudest, measure_tone(out + LEAD, FRAMES, folded, RATE));
        }
    }
    return measure_db(loudest / fundamental);
}

static void little_folds_back(void **state)
{
    (void)state;
    static const char *const names[] = {"tanh", "fold", "clip", "asym"};
    static const double limits[] = {-60, -60, -45, -60};
    static const double tones[] = {1249, 4999};
    for (int i = 0; i < 4 * 2; i++) {
        const double hz = tones[i % 2];
        const int shape = i / 2;
        struct stand *stand = stand_new("waveshaper", RATE, 1, NULL);
        stand_set(stand, "drive", 12);
        stand_set(stand, "shape", (float)shape);
        measure_sine(in, LEAD + FRAMES, hz, RATE, 0.5);
        stand_plug(stand, "in", 0, in);
        stand_run(stand, LEAD + FRAMES, 64, "out", 0, out);
        const double folded = folded_db(hz);
        print_message("%s of %.0f Hz at +6 dBFS: %.1f dB folds back\n", names[shape], hz, folded);
        assert_true(folded < limits[shape]);
        stand_free(stand);
    }
}

static void stays_within_its_curve(void **state)
{
    (void)state;
    measure_sine(in, LEAD + FRAMES, 997, RATE, 1);
    for (int shape = 0; shape < 4; shape++) {
        struct stand *stand = stand_new("waveshaper", RATE, 1, NULL);
        stand_set(stand, "drive", 60);
        stand_set(stand, "shape", (float)shape);
        stand_plug(stand, "in", 0, in);
        stand_run(stand, LEAD + FRAMES, 64, "out", 0, out);
        // The filters ring by a part of a step, and the asymmetric curve reaches from -1.86 to 0.68.
        assert_true(measure_peak(out, LEAD + FRAMES) < 2.8);
        stand_free(stand);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(soft_sounds_pass),
        cmocka_unit_test(little_folds_back),
        cmocka_unit_test(stays_within_its_curve),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
