// SPDX-License-Identifier: GPL-3.0-or-later
// Envelopes and LFOs. A sample that stands still makes them visible: what is rendered is the amplitude itself.
#include "sampler_fixture.h"
#include "sampler_measure.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { KEY = FIXTURE_MIDDLE_C, BLOCK = 64, RATE = FIXTURE_RATE };

static const double TONE_HZ = 750;
static const double RANGE_DB = 96;

static int timecents(double seconds)
{
    return (int)lround(1200 * log2(seconds));
}

static int absolute_cents(double hz)
{
    return (int)lround(1200 * log2(hz / 8.176));
}

/// What it comes to at full volume.
static double full(void)
{
    struct instrument *instrument = steady_sampler((const struct setting[]){{0}}, (struct instrument_options){0});
    sampler_note_on(instrument, 0, KEY, 127);
    const struct take *take = take_render(instrument, 1000);
    const double level = take->left[999];
    instrument_free(instrument);
    return level;
}

/// Whether \p frame is \p seconds, within one block or 2%.
static bool is_time(double frame, double seconds)
{
    const double expected = seconds * RATE;
    return fabs(frame - expected) <= fmax(BLOCK, 0.02 * expected);
}

static void test_delay_is_silence(void **state)
{
    (void)state;
    static const double delays[] = {0.01, 0.1, 1};
    for (size_t i = 0; i < sizeof delays / sizeof *delays; i++) {
        const struct setting settings[] = {{GENERATOR_VOL_ENV_DELAY, timecents(delays[i])}, {0}};
        struct instrument *instrument = steady_sampler(settings, (struct instrument_options){0});
        sampler_note_on(instrument, 0, KEY, 127);
        const struct take *take = take_render(instrument, 2 * (size_t)RATE);
        assert_true(is_time((double)measure_onset(take->left, take->count, 0), delays[i]));
        instrument_free(instrument);
    }
}

static void test_attack_is_a_straight_line_of_amplitude(void **state)
{
    (void)state;
    const double level = full();
    static const double attacks[] = {0.02, 0.2, 2};
    for (size_t i = 0; i < sizeof attacks / sizeof *attacks; i++) {
        const struct setting settings[] = {{GENERATOR_VOL_ENV_ATTACK, timecents(attacks[i])}, {0}};
        struct instrument *instrument = steady_sampler(settings, (struct instrument_options){0});
        sampler_note_on(instrument, 0, KEY, 127);
        const struct take *take = take_render(instrument, 3 * (size_t)RATE);
        for (int part = 1; part < 10; part++) {
            const size_t at = measure_onset(take->left, take->count, level * part / 10);
            assert_true(is_time((double)at, attacks[i] * part / 10));
        }
        assert_true(measure_peak(take->left, take->count) < level * 1.0001);
        instrument_free(instrument);
    }
}

static void test_hold_decay_and_sustain(void **state)
{
    (void)state;
    const double level = full();
    for (int literal = 0; literal <= 1; literal++) {
        const double range = literal ? 100 : RANGE_DB;
        const struct setting settings[] = {{GENERATOR_VOL_ENV_HOLD, timecents(0.5)},
                                           {GENERATOR_VOL_ENV_DECAY, timecents(2)},
                                           {GENERATOR_VOL_ENV_SUSTAIN, 300},
                                           {0}};
        struct instrument *instrument = steady_sampler(settings, (struct instrument_options){.literal = literal});
        sampler_note_on(instrument, 0, KEY, 127);
        const struct take *take = take_render(instrument, 3 * (size_t)RATE);
        assert_true(is_time((double)measure_end(take->left, take->count, level * 0.9999), 0.5));
        for (int down = 3; down < 27; down += 6) {
            const double expected = 0.5 + 2.0 * down / range;
            const size_t at = measure_end(take->left, take->count, level * pow(10, -down / 20.0));
            assert_true(fabs((double)at - expected * RATE) < 2 * BLOCK);
        }
        const double sustained = decibels((double)take->left[take->count - 1] / level);
        assert_true(fabs(sustained + 0.3 * range) < 0.05);
        instrument_free(instrument);
    }
}

static void test_a_voice_that_decays_to_nothing_ends(void **state)
{
    (void)state;
    const struct setting settings[] = {{GENERATOR_VOL_ENV_DECAY, timecents(1)}, {GENERATOR_VOL_ENV_SUSTAIN, 1000}, {0}};
    struct instrument *instrument = steady_sampler(settings, (struct instrument_options){0});
    sampler_note_on(instrument, 0, KEY, 127);
    (void)take_render(instrument, RATE / 2);
    assert_int_equal(voices_of(instrument), 1);
    const struct take *take = take_render(instrument, RATE);
    assert_int_equal(voices_of(instrument), 0);
    assert_true(measure_step(take->left, take->count) < 1e-3);
    instrument_free(instrument);
}

static void test_release_takes_its_time_for_the_whole_range(void **state)
{
    (void)state;
    static const double releases[] = {0.1, 1, 8};
    for (size_t i = 0; i < sizeof releases / sizeof *releases; i++) {
        const struct setting settings[] = {{GENERATOR_VOL_ENV_RELEASE, timecents(releases[i])}, {0}};
        struct instrument *instrument = steady_sampler(settings, (struct instrument_options){0});
        sampler_note_on(instrument, 0, KEY, 127);
        const double level = take_render(instrument, BLOCK * 100)->left[BLOCK * 100 - 1];
        sampler_note_off(instrument, 0, KEY);
        const struct take *take = take_render(instrument, (size_t)(releases[i] * RATE * 1.02) + BLOCK);
        for (int down = 6; down < 80; down += 12) {
            const size_t at = measure_end(take->left, take->count, level * pow(10, -down / 20.0));
            assert_true(is_time((double)at, releases[i] * down / RANGE_DB));
        }
        assert_int_equal(voices_of(instrument), 0);
        instrument_free(instrument);
    }
}

static void test_the_shortest_release_does_not_click(void **state)
{
    (void)state;
    const struct setting settings[] = {{GENERATOR_VOL_ENV_RELEASE, -32768}, {0}};
    struct instrument *instrument = steady_sampler(settings, (struct instrument_options){0});
    sampler_note_on(instrument, 0, KEY, 127);
    const double level = take_render(instrument, BLOCK * 100)->left[BLOCK * 100 - 1];
    sampler_note_off(instrument, 0, KEY);
    const struct take *take = take_render(instrument, RATE);
    assert_true(measure_step(take->left, take->count) < level / BLOCK);
    assert_int_equal(voices_of(instrument), 0);
    instrument_free(instrument);
}

static void test_keys_scale_hold_and_decay(void **state)
{
    (void)state;
    const double level = full();
    static const int keys[] = {36, 60, 84};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const struct setting settings[] = {
            {GENERATOR_VOL_ENV_HOLD, timecents(0.4)}, {GENERATOR_VOL_ENV_DECAY, timecents(4)},
            {GENERATOR_VOL_ENV_SUSTAIN, 900},         {GENERATOR_KEY_TO_VOL_ENV_HOLD, 50},
            {GENERATOR_KEY_TO_VOL_ENV_DECAY, 25},     {0}};
        struct instrument *instrument = steady_sampler(settings, (struct instrument_options){0});
        sampler_note_on(instrument, 0, keys[i], 127);
        const struct take *take = take_render(instrument, 4 * (size_t)RATE);
        const double hold = 0.4 * exp2((60 - keys[i]) * 50 / 1200.0);
        const double decay = 4 * exp2((60 - keys[i]) * 25 / 1200.0);
        const size_t held = measure_end(take->left, take->count, level * 0.9999);
        const size_t fallen = measure_end(take->left, take->count, level * pow(10, -30 / 20.0));
        assert_true(is_time((double)held, hold));
        assert_true(is_time((double)(fallen - held), decay * 30 / RANGE_DB));
        instrument_free(instrument);
    }
}

static void test_a_release_out_of_the_attack_does_not_jump(void **state)
{
    (void)state;
    const struct setting settings[] = {
        {GENERATOR_VOL_ENV_ATTACK, timecents(1)}, {GENERATOR_VOL_ENV_RELEASE, timecents(2)}, {0}};
    static const int percents[] = {1, 20, 50, 95};
    for (size_t i = 0; i < sizeof percents / sizeof *percents; i++) {
        struct instrument *instrument = steady_sampler(settings, (struct instrument_options){0});
        sampler_note_on(instrument, 0, KEY, 127);
        const size_t until = (size_t)RATE * (size_t)percents[i] / 100 / BLOCK * BLOCK + (percents[i] == 1 ? 64 : 0);
        const double last = take_render(instrument, until)->left[until - 1];
        sampler_note_off(instrument, 0, KEY);
        const struct take *take = take_render(instrument, RATE);
        assert_true(fabs(take->left[0] / last - 1) < 0.01);
        const double per_second = decibels((double)take->left[RATE / 4] / last) * 4;
        assert_true(fabs(per_second + RANGE_DB / 2) < 1);
        instrument_free(instrument);
    }
}

/// The frequency of \p instrument in the next \p frames, near \p hz.
static double next_hz(struct instrument *instrument, size_t frames, double hz)
{
    const struct take *take = take_render(instrument, frames);
    return measure_tone(take->left, frames, RATE, hz).hz;
}

static void test_the_modulation_envelope_bends_and_its_attack_is_convex(void **state)
{
    (void)state;
    const struct setting settings[] = {{GENERATOR_SAMPLE_MODES, 1},
                                       {GENERATOR_MOD_ENV_TO_PITCH, 1200},
                                       {GENERATOR_MOD_ENV_DELAY, timecents(0.5)},
                                       {GENERATOR_MOD_ENV_ATTACK, timecents(4)},
                                       {GENERATOR_MOD_ENV_DECAY, timecents(4)},
                                       {GENERATOR_MOD_ENV_SUSTAIN, 250},
                                       {GENERATOR_MOD_ENV_RELEASE, timecents(4)},
                                       {GENERATOR_VOL_ENV_RELEASE, 5000},
                                       {0}};
    struct instrument *instrument = sine_sampler((struct font_sine){0}, settings, (struct instrument_options){0});
    sampler_note_on(instrument, 0, KEY, 127);
    assert_true(fabs(cents(TONE_HZ, next_hz(instrument, RATE / 2 - 1200, TONE_HZ))) < 1);
    // At parts of the attack: 1 + 40 / 96 log10(x).
    double now = 0.5 - 1200.0 / RATE;
    for (int quarter = 1; quarter < 4; quarter++) {
        const double x = 0.25 * quarter;
        const double before = 0.5 + 4 * x - 0.01 - now;
        (void)take_render(instrument, (size_t)(before * RATE));
        const double expected = 1200 * (1 + 40.0 / 96 * log10(x));
        const double hz = TONE_HZ * exp2(expected / 1200);
        assert_true(fabs(cents(hz, next_hz(instrument, 960, hz))) < 12);
        now = 0.5 + 4 * x + 0.01;
    }
    // A second after the attack the line is a quarter of the way down, where it stays.
    (void)take_render(instrument, (size_t)((5.6 - now) * RATE));
    const double sustained = TONE_HZ * exp2(0.75);
    assert_true(fabs(cents(sustained, next_hz(instrument, RATE, sustained))) < 1);
    sampler_note_off(instrument, 0, KEY);
    (void)take_render(instrument, RATE - 480);
    const double falling = TONE_HZ * exp2(0.5);
    assert_true(fabs(cents(falling, next_hz(instrument, 960, falling))) < 12);
    (void)take_render(instrument, 2 * (size_t)RATE);
    assert_true(fabs(cents(TONE_HZ, next_hz(instrument, 4800, TONE_HZ))) < 1);
    instrument_free(instrument);
}

static void test_the_modulation_envelope_opens_the_filter(void **state)
{
    (void)state;
    const struct setting settings[] = {{GENERATOR_SAMPLE_MODES, 1},
                                       {GENERATOR_FILTER_CUTOFF, absolute_cents(150)},
                                       {GENERATOR_MOD_ENV_TO_FILTER, 4800},
                                       {GENERATOR_MOD_ENV_DELAY, timecents(0.5)},
                                       {0}};
    struct instrument *instrument = sine_sampler((struct font_sine){0}, settings, (struct instrument_options){0});
    sampler_note_on(instrument, 0, KEY, 127);
    const struct take *take = take_render(instrument, RATE);
    const double closed = measure_rms(take->left + 4800, 9600);
    const double open = measure_rms(take->left + 28800, 9600);
    assert_true(fabs(decibels(open / closed) - 28) < 2); // 40 log10(750 / 150)
    instrument_free(instrument);
}

/// A triangle that begins at 0 upwards, \p turns after its start.
static double triangle(double turns)
{
    const double phase = turns - floor(turns);
    return phase < 0.25 ? 4 * phase : phase < 0.75 ? 2 - 4 * phase : 4 * phase - 4;
}

static void test_an_lfo_is_a_triangle_in_its_time(void **state)
{
    (void)state;
    const double level = full();
    static const double rates[] = {0.5, 3, 10};
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        const struct setting settings[] = {{GENERATOR_MOD_LFO_TO_VOLUME, 60},
                                           {GENERATOR_MOD_LFO_FREQUENCY, absolute_cents(rates[i])},
                                           {GENERATOR_MOD_LFO_DELAY, timecents(0.3)},
                                           {0}};
        struct instrument *instrument = steady_sampler(settings, (struct instrument_options){0});
        sampler_note_on(instrument, 0, KEY, 127);
        const struct take *take = take_render(instrument, 3 * (size_t)RATE);
        for (size_t at = 1000; at < take->count; at += 777) {
            const double turns = ((double)at / RATE - 0.3) * rates[i];
            const double expected = turns > 0 ? 6 * triangle(turns) : 0;
            // A block of delay, and half a per mille of frequency from rounding cents.
            const double slack = 6 * 4 * rates[i] * (2.0 * BLOCK / RATE + 0.0005 * (double)at / RATE) + 0.01;
            assert_true(fabs(decibels((double)take->left[at] / level) - expected) < slack);
        }
        instrument_free(instrument);
    }
}

static void check_lfo_to_pitch(enum soundfont_generator depth, enum soundfont_generator frequency)
{
    const struct setting settings[] = {
        {GENERATOR_SAMPLE_MODES, 1}, {(int)depth, 100}, {(int)frequency, absolute_cents(0.5)}, {0}};
    struct instrument *instrument = sine_sampler((struct font_sine){0}, settings, (struct instrument_options){0});
    sampler_note_on(instrument, 0, KEY, 127);
    (void)take_render(instrument, RATE / 4 - 960); // an eighth of a turn, half way up
    assert_true(fabs(cents(TONE_HZ, next_hz(instrument, 1920, TONE_HZ)) - 50) < 2);
    (void)take_render(instrument, RATE - 1920);
    assert_true(fabs(cents(TONE_HZ, next_hz(instrument, 1920, TONE_HZ)) + 50) < 2);
    instrument_free(instrument);
}

static void test_both_lfos_bend_the_pitch(void **state)
{
    (void)state;
    check_lfo_to_pitch(GENERATOR_MOD_LFO_TO_PITCH, GENERATOR_MOD_LFO_FREQUENCY);
    check_lfo_to_pitch(GENERATOR_VIB_LFO_TO_PITCH, GENERATOR_VIB_LFO_FREQUENCY);
}

static void test_an_lfo_moves_the_filter(void **state)
{
    (void)state;
    const struct setting settings[] = {{GENERATOR_SAMPLE_MODES, 1},
                                       {GENERATOR_FILTER_CUTOFF, absolute_cents(300)},
                                       {GENERATOR_MOD_LFO_TO_FILTER, 1200},
                                       {GENERATOR_MOD_LFO_FREQUENCY, absolute_cents(0.5)},
                                       {0}};
    struct instrument *instrument = sine_sampler((struct font_sine){0}, settings, (struct instrument_options){0});
    sampler_note_on(instrument, 0, KEY, 127);
    const struct take *take = take_render(instrument, 2 * (size_t)RATE);
    const double up = measure_rms(take->left + RATE / 2 - 960, 1920);
    const double down = measure_rms(take->left + 3 * RATE / 2 - 960, 1920);
    const double expected = decibels(sqrt((1 + pow(5, 4)) / (1 + pow(1.25, 4)))); // of Butterworth's filter
    assert_true(fabs(decibels(up / down) - expected) < 1);
    instrument_free(instrument);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_delay_is_silence),
        cmocka_unit_test(test_attack_is_a_straight_line_of_amplitude),
        cmocka_unit_test(test_hold_decay_and_sustain),
        cmocka_unit_test(test_a_voice_that_decays_to_nothing_ends),
        cmocka_unit_test(test_release_takes_its_time_for_the_whole_range),
        cmocka_unit_test(test_the_shortest_release_does_not_click),
        cmocka_unit_test(test_keys_scale_hold_and_decay),
        cmocka_unit_test(test_a_release_out_of_the_attack_does_not_jump),
        cmocka_unit_test(test_the_modulation_envelope_bends_and_its_attack_is_convex),
        cmocka_unit_test(test_the_modulation_envelope_opens_the_filter),
        cmocka_unit_test(test_an_lfo_is_a_triangle_in_its_time),
        cmocka_unit_test(test_both_lfos_bend_the_pitch),
        cmocka_unit_test(test_an_lfo_moves_the_filter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
