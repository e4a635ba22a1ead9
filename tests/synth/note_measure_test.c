// SPDX-License-Identifier: GPL-3.0-or-later
// The measures that judge an instrument, on sounds whose features are known, and on FluidSynth set wrong on purpose.
#include "note_compare.h"
#include "note_measure.h"
#include "note_pitch.h"
#include "sound.h"

#include "core/random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { HELD = NOTE_RATE / 64 * 48, PARTIALS = 8 };

static struct note first;
static struct note second;

/// A tone of eight partials on both sides, with the amplitude 1 / n, that decays by \p fall dB a second until it is
/// released and then by 100 dB in \p release seconds; it rises in \p attack seconds.
static void make_tone(struct note *note, double hertz, double gain, double attack, double fall, double release)
{
    note_clear(note);
    note->held = HELD;
    note->count = (size_t)HELD + 2 * NOTE_RATE;
    for (size_t i = 0; i < note->count; i++) {
        const double t = (double)i / NOTE_RATE;
        const double after = i > note->held ? (double)(i - note->held) / NOTE_RATE : 0;
        const double decibels = -fall * fmin(t, (double)HELD / NOTE_RATE) - 100 * after / release;
        double sum = 0;
        for (int n = 1; n <= PARTIALS && n * hertz < 20000; n++) {
            sum += sin(2 * M_PI * n * hertz * t + n) / n;
        }
        const double value = gain * fmin(1, t / attack) * pow(10, decibels / 20) * sum;
        note->left[i] = (float)value;
        note->right[i] = (float)(0.5 * value);
    }
}

/// Noise read at \p ratio times its speed, between its frames by a windowed sinc: no pitch, but a scale of time.
static void make_noise(struct note *note, double ratio, size_t frames)
{
    enum { REACH = 16 };
    struct random random;
    random_init(&random, 5, 0);
    static double source[HELD + 16 * REACH];
    for (size_t i = 0; i < sizeof source / sizeof *source; i++) {
        source[i] = 0.2 * (random_unit(&random) - 0.5);
    }
    note_clear(note);
    note->held = HELD;
    note->count = HELD;
    for (size_t i = 0; i < frames; i++) {
        const double at = (double)i * ratio + REACH;
        double sum = 0;
        for (long j = (long)at - REACH + 1; j <= (long)at + REACH; j++) {
            const double x = M_PI * ((double)j - at);
            sum += source[j] * (fabs(x) < 1e-9 ? 1 : sin(x) / x) * (0.5 + 0.5 * cos(x / REACH));
        }
        note->left[i] = note->right[i] = (float)(sum * (1 - (double)i / (double)frames));
    }
}

static void expect_near(double found, double wanted, double tolerance)
{
    if (!(fabs(found - wanted) <= tolerance)) {
        fail_msg("%g where %g +- %g was wanted", found, wanted, tolerance);
    }
}

static void test_levels(void **state)
{
    (void)state;
    struct note_features features;
    note_clear(&first);
    first.held = first.count = HELD;
    for (size_t i = 0; i < HELD; i++) {
        first.left[i] = (float)sin(2 * M_PI * 0.01 * (double)i);
        first.right[i] = 0.1F * first.left[i];
    }
    note_measure(&first, &features);
    expect_near(features.left, -3.01, 0.01);
    expect_near(features.right, -23.01, 0.01);
    expect_near(features.level, 10 * log10((0.5 + 0.005) / 2), 0.01);
    expect_near(features.centroid, 441, 0.5);
}

static void test_attack_and_release(void **state)
{
    (void)state;
    struct note_features features;
    make_tone(&first, 440, 0.1, 0.2, 0, 1);
    note_measure(&first, &features);
    expect_near(features.onset.at, 0.02, 0.002);
    expect_near(features.attack.at, 0.16, 0.004);
    assert_false(features.ended);
    for (int i = 0; i < NOTE_FALLS; i++) {
        expect_near(features.falls[i].at, 0.05 * (i + 1), 0.002);
    }
    make_tone(&first, 440, 0.1, 0.2, 0, 4); // rendered for 2 s: down by 50 dB
    note_measure(&first, &features);
    expect_near(features.falls[8].at, 1.8, 0.002);
    assert_true(isnan(features.falls[10].at));
}

static void test_a_note_that_ends_by_itself(void **state)
{
    (void)state;
    struct note_features features;
    make_tone(&first, 440, 0.1, 0.001, 200, 1);
    note_measure(&first, &features);
    assert_true(features.ended);
    expect_near(features.falls[3].at, 0.1, 0.005);
    expect_near(features.falls[11].at, 0.3, 0.005);
}

static void test_silence(void **state)
{
    (void)state;
    struct note_features features;
    note_clear(&first);
    first.held = first.count = HELD;
    assert_true(note_silent(&first));
    note_measure(&first, &features);
    assert_true(features.level == -200 && isnan(features.falls[0].at));
    make_tone(&second, 440, 0.1, 0.01, 0, 1);
    assert_false(note_silent(&second));
    assert_true(note_pitch(&first, &second, 0).coherence == 0);
}

static void test_pitch_of_tones(void **state)
{
    (void)state;
    static const double pitches[] = {27.5, 110, 440, 1760, 4186, 7000};
    static const double cents[] = {0, 0.1, -0.5, 1, 2, -10, 45, -100, 200};
    for (size_t i = 0; i < sizeof pitches / sizeof *pitches; i++) {
        make_tone(&first, pitches[i], 0.1, 0.01, 20, 1);
        for (size_t j = 0; j < sizeof cents / sizeof *cents; j++) {
            make_tone(&second, pitches[i] * exp2(cents[j] / 1200), 0.1, 0.01, 20, 1);
            const struct note_pitch pitch = note_pitch(&first, &second, 0.002);
            if (fabs(cents[j]) <= 10) {
                expect_near(pitch.cents, cents[j], 0.02 + 0.03 * fabs(cents[j]));
                assert_true(pitch.coherence > 0.5);
            } else {
                assert_true(fabs(pitch.cents) > 5 || pitch.coherence < 0.5);
            }
        }
    }
}

static void test_pitch_of_noise(void **state)
{
    (void)state;
    static const size_t lengths[] = {HELD, 8000, 2000};
    static const double tolerances[] = {0.1, 0.2, 0.5};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        make_noise(&first, 1, lengths[i]);
        for (int cents = -3; cents <= 3; cents++) {
            make_noise(&second, exp2(cents / 1200.0), lengths[i]);
            const struct note_pitch pitch = note_pitch(&first, &second, 0);
            expect_near(pitch.cents, cents, tolerances[i]);
            assert_true(pitch.coherence > 0.5);
        }
    }
}

static void test_another_sound_has_no_pitch(void **state)
{
    (void)state;
    make_tone(&first, 440, 0.1, 0.01, 20, 1);
    make_noise(&second, 1, HELD);
    const struct note_pitch pitch = note_pitch(&first, &second, 0.002);
    assert_true(pitch.coherence < 0.5 || fabs(pitch.cents) > 1);
}

// FluidSynth against itself.

static const struct note_grid grid = {.program_first = 0,
                                      .program_last = 127,
                                      .key_first = 60,
                                      .key_last = 60,
                                      .key_step = 1,
                                      .velocities = {80},
                                      .velocity_count = 1,
                                      .hold_s = 0.5,
                                      .tail_s = 0.5};

static struct instrument *fluid(double gain)
{
    return sound_instrument(&(struct instrument_options){.rate = NOTE_RATE, .gain = gain, .dry = 1});
}

/// Compares \p tested, which is freed, with FluidSynth as it should be, over the programs from \p from to \p to.
static struct note_results against_fluid(struct instrument *tested, int from, int to)
{
    struct instrument *reference = fluid(0.2);
    struct note_results results = {0};
    struct note_grid part = grid;
    part.program_first = from;
    part.program_last = to;
    note_compare(reference, tested, &part, &results);
    assert_int_equal(results.count, to - from + 1);
    instrument_free(reference);
    instrument_free(tested);
    return results;
}

/// How many notes are outside the limits in \p feature.
static size_t exceptions(const struct note_results *results, enum note_feature feature)
{
    size_t count = 0;
    for (size_t i = 0; i < results->count; i++) {
        count += results->notes[i].excess[feature] > 1;
    }
    return count;
}

static void test_the_same_has_no_exception(void **state)
{
    (void)state;
    if (!sound_available()) {
        skip();
    }
    struct note_results results = against_fluid(fluid(0.2), 0, 15);
    assert_true(note_results_good(&results) == 1);
    note_results_done(&results);
}

static void test_two_cents_are_found(void **state)
{
    (void)state;
    if (!sound_available()) {
        skip();
    }
    struct instrument *detuned = fluid(0.2);
    const int bend = 8192 + 102; // 2.5 cents, of which FluidSynth makes whole ones
    instrument_message(detuned, 0xe0, 0, bend & 127, bend >> 7);
    struct note_results results = against_fluid(detuned, 0, 15);
    assert_int_equal(exceptions(&results, NOTE_PITCH), results.count);
    assert_int_equal(exceptions(&results, NOTE_LEVEL), 0);
    for (size_t i = 0; i < results.count; i++) {
        expect_near(results.notes[i].error[NOTE_PITCH], 2, 0.2);
    }
    note_results_done(&results);
}

static void test_one_decibel_is_found(void **state)
{
    (void)state;
    if (!sound_available()) {
        skip();
    }
    struct note_results results = against_fluid(fluid(0.2 * pow(10, 0.05)), 0, 15);
    assert_int_equal(exceptions(&results, NOTE_LEVEL), results.count);
    assert_int_equal(exceptions(&results, NOTE_PITCH) + exceptions(&results, NOTE_ATTACK), 0);
    for (size_t i = 0; i < results.count; i++) {
        expect_near(results.notes[i].error[NOTE_LEVEL], 1, 0.01);
    }
    note_results_done(&results);
}

/// An instrument that plays the neighbour of every program.
struct neighbour {
    struct instrument base;
    struct instrument *inner;
};

static struct instrument *inner_of(const struct instrument *instrument)
{
    return ((const struct neighbour *)(const void *)instrument)->inner;
}

static void neighbour_on(struct instrument *instrument, int channel, int key, int velocity)
{
    instrument_note_on(inner_of(instrument), channel, key, velocity);
}

static void neighbour_off(struct instrument *instrument, int channel, int key)
{
    instrument_note_off(inner_of(instrument), channel, key);
}

static void neighbour_message(struct instrument *instrument, int status, int channel, int data1, int data2)
{
    instrument_message(inner_of(instrument), status, channel, status == 0xc0 ? data1 ^ 1 : data1, data2);
}

static void neighbour_render(struct instrument *instrument, float *left, float *right, size_t frames)
{
    instrument_render(inner_of(instrument), left, right, frames);
}

static int neighbour_voices(const struct instrument *instrument)
{
    return instrument_voices(inner_of(instrument));
}

static void neighbour_free(struct instrument *instrument)
{
    instrument_free(inner_of(instrument));
}

static void test_another_attack_and_release_are_found(void **state)
{
    (void)state;
    if (!sound_available()) {
        skip();
    }
    enum { STRINGS = 48, SLOW_STRINGS = 49 };
    static const struct instrument_ops ops = {.note_on = neighbour_on,
                                              .note_off = neighbour_off,
                                              .message = neighbour_message,
                                              .render = neighbour_render,
                                              .voices = neighbour_voices,
                                              .free = neighbour_free};
    struct neighbour neighbour = {.base = {.ops = &ops, .name = "neighbour"}, .inner = fluid(0.2)};
    struct note_results results = against_fluid(&neighbour.base, STRINGS, SLOW_STRINGS);
    assert_int_equal(exceptions(&results, NOTE_ATTACK), 2);
    assert_int_equal(exceptions(&results, NOTE_RELEASE), 2);
    assert_true(results.notes[0].error[NOTE_ONSET] > 50 && results.notes[1].error[NOTE_ONSET] < -50);
    note_results_done(&results);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_levels),
        cmocka_unit_test(test_attack_and_release),
        cmocka_unit_test(test_a_note_that_ends_by_itself),
        cmocka_unit_test(test_silence),
        cmocka_unit_test(test_pitch_of_tones),
        cmocka_unit_test(test_pitch_of_noise),
        cmocka_unit_test(test_another_sound_has_no_pitch),
        cmocka_unit_test(test_the_same_has_no_exception),
        cmocka_unit_test(test_two_cents_are_found),
        cmocka_unit_test(test_one_decibel_is_found),
        cmocka_unit_test(test_another_attack_and_release_are_found),
    };
    return cmocka_run_group_tests(tests, sound_keep, sound_drop);
}
