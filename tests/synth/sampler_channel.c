// SPDX-License-Identifier: GPL-3.0-or-later
// Which preset a channel plays, and what controllers and pedals do.
#include "sampler_fixture.h"
#include "sampler_measure.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { KEY = FIXTURE_MIDDLE_C, RATE = FIXTURE_RATE, DRUMS = 9 };
enum {
    MODULATION = 1,
    VOLUME = 7,
    PAN = 10,
    EXPRESSION = 11,
    SUSTAIN = 64,
    SOSTENUTO = 66,
    SOFT = 67,
    RESONANCE = 71,
    RELEASE = 72,
    ATTACK = 73,
    BRIGHTNESS = 74,
    DECAY = 75,
    REVERB = 91,
    CHORUS = 93,
    SOUND_OFF = 120,
    RESET = 121,
    NOTES_OFF = 123
};

static const double TONE_HZ = 750;

/// A sampler on presets that differ in pitch: each sounds so many semitones above the tone.
static struct instrument *preset_sampler(void)
{
    static const struct {
        int bank, program, semitones;
    } presets[] = {{0, 0, 0}, {0, 5, 2}, {1, 5, 6}, {8, 5, 4}, {128, 0, 8}, {128, 25, 10}};
    struct font font = {0};
    const int sample = font_sine(&font, (struct font_sine){0});
    for (size_t i = 0; i < sizeof presets / sizeof *presets; i++) {
        const struct setting settings[] = {
            {GENERATOR_SAMPLE_MODES, 1}, {GENERATOR_COARSE_TUNE, presets[i].semitones}, {0}};
        font_preset(&font, presets[i].bank, presets[i].program);
        font_zone(&font, sample, settings);
    }
    font_write(&font);
    struct instrument *instrument = font_sampler(&font, (struct instrument_options){.dry = 1});
    font_done(&font);
    return instrument;
}

/// How many semitones above the tone middle C sounds on \p channel, by counting its periods.
static int semitones_of(struct instrument *instrument, int channel)
{
    sampler_note_on(instrument, channel, KEY, 127);
    const struct take *take = take_render(instrument, RATE / 5);
    int periods = 0;
    for (size_t i = 481; i < take->count; i++) {
        periods += take->left[i - 1] < 0 && take->left[i] >= 0;
    }
    play_controller(instrument, channel, SOUND_OFF, 0);
    (void)take_render(instrument, 4800);
    return (int)lround(12 * log2(periods / 0.19 / TONE_HZ));
}

static void test_programs_are_found_by_the_rules_of_the_last_reset(void **state)
{
    (void)state;
    static const struct {
        enum midi_reset rules;
        int channel, bank, fine, program, semitones;
    } cases[] = {
        {MIDI_RESET_GM, 0, 0, 0, 5, 2},         {MIDI_RESET_GS, 0, 8, 0, 5, 4},
        {MIDI_RESET_GS, 0, 1, 0, 5, 6},         {MIDI_RESET_GS, 0, 9, 0, 5, 2}, // General MIDI's
        {MIDI_RESET_GS, 0, 0, 0, 77, 0},        {MIDI_RESET_GS, DRUMS, 0, 0, 0, 8},
        {MIDI_RESET_GS, DRUMS, 0, 0, 25, 10},   {MIDI_RESET_GS, DRUMS, 0, 0, 30, 8}, // the standard set
        {MIDI_RESET_GM2, 0, 121, 0, 5, 2},      {MIDI_RESET_GM2, 0, 121, 8, 5, 4},
        {MIDI_RESET_GM2, 3, 120, 0, 25, 10},    {MIDI_RESET_GM2, DRUMS, 121, 1, 5, 6},
        {MIDI_RESET_GM2, DRUMS, 0, 0, 25, 10},  {MIDI_RESET_XG, 3, 127, 0, 25, 10},
        {MIDI_RESET_XG, 3, 126, 0, 0, 8},       {MIDI_RESET_XG, 3, 0, 8, 5, 4},
        {MIDI_RESET_XG, DRUMS, 127, 0, 25, 10}, {MIDI_RESET_XG, DRUMS, 0, 0, 25, 10},
    };
    struct instrument *instrument = preset_sampler();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sampler_reset(instrument, cases[i].rules);
        play_controller(instrument, cases[i].channel, 0, cases[i].bank);
        play_controller(instrument, cases[i].channel, 32, cases[i].fine);
        play_program(instrument, cases[i].channel, cases[i].program);
        const int semitones = semitones_of(instrument, cases[i].channel);
        if (semitones != cases[i].semitones) {
            fail_msg("case %zu: %d semitones", i, semitones);
        }
    }
    instrument_free(instrument);
}

static void test_a_bank_waits_for_its_program(void **state)
{
    (void)state;
    struct instrument *instrument = preset_sampler();
    play_program(instrument, 0, 5);
    play_controller(instrument, 0, 0, 8);
    assert_int_equal(semitones_of(instrument, 0), 2);
    play_program(instrument, 0, 5);
    assert_int_equal(semitones_of(instrument, 0), 4);
    instrument_free(instrument);
}

static void test_a_channel_without_any_preset_is_silent(void **state)
{
    (void)state;
    struct instrument *instrument = sine_sampler((struct font_sine){0}, NULL, (struct instrument_options){0});
    sampler_note_on(instrument, DRUMS, KEY, 127);
    assert_int_equal(voices_of(instrument), 0);
    assert_true(measure_peak(take_render(instrument, 4800)->left, 4800) < 1e-9);
    instrument_free(instrument);
}

static struct instrument *looped_sampler(const struct setting *settings)
{
    struct setting all[8] = {{GENERATOR_SAMPLE_MODES, 1}};
    for (size_t i = 0; settings && settings[i].generator != 0; i++) {
        all[i + 1] = settings[i];
    }
    return sine_sampler((struct font_sine){0}, all, (struct instrument_options){0});
}

/// The level on the left after \p instrument has settled.
static double next_level(struct instrument *instrument)
{
    (void)take_render(instrument, 960);
    return decibels(measure_rms(take_render(instrument, 4800)->left, 4800) + 1e-12);
}

static void test_volume_and_expression_count_as_squares(void **state)
{
    (void)state;
    static const int controllers[] = {VOLUME, EXPRESSION};
    for (size_t i = 0; i < sizeof controllers / sizeof *controllers; i++) {
        struct instrument *instrument = looped_sampler(NULL);
        sampler_note_on(instrument, 0, KEY, 127);
        play_controller(instrument, 0, controllers[i], 127);
        const double full = next_level(instrument);
        for (int value = 126; value > 1; value -= 31) {
            play_controller(instrument, 0, controllers[i], value);
            assert_true(fabs(next_level(instrument) - full - 40 * log10(value / 127.0)) < 0.02);
        }
        play_controller(instrument, 0, controllers[i], 0);
        assert_true(next_level(instrument) - full < -90);
        play_controller(instrument, 0, controllers[i], 127); // and it is still there
        assert_true(fabs(next_level(instrument) - full) < 0.01);
        instrument_free(instrument);
    }
}

static void test_pan_goes_from_side_to_side(void **state)
{
    (void)state;
    static const struct {
        int pan;
        double angle; // of a quarter turn
    } cases[] = {{0, 0}, {32, 0.25}, {64, 0.5}, {127, 1}};
    struct instrument *instrument = looped_sampler(NULL);
    sampler_note_on(instrument, 0, KEY, 127);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        play_controller(instrument, 0, PAN, cases[i].pan);
        (void)take_render(instrument, 960);
        const struct take *take = take_render(instrument, 4800);
        const double left = measure_rms(take->left, 4800);
        const double right = measure_rms(take->right, 4800);
        assert_true(fabs(atan2(right, left) / M_PI * 2 - cases[i].angle) < 1e-3);
    }
    instrument_free(instrument);
}

/// Whether middle C, released a while ago, still sounds.
static bool sounds(struct instrument *instrument)
{
    (void)take_render(instrument, 4800);
    return voices_of(instrument) > 0;
}

static void test_sustain_holds_what_is_released(void **state)
{
    (void)state;
    struct instrument *instrument = looped_sampler(NULL);
    play_controller(instrument, 0, SUSTAIN, 64);
    sampler_note_on(instrument, 0, KEY, 127);
    (void)take_render(instrument, 4800);
    sampler_note_off(instrument, 0, KEY);
    assert_true(sounds(instrument));
    play_controller(instrument, 0, SUSTAIN, 100);
    assert_true(sounds(instrument));
    play_controller(instrument, 0, SUSTAIN, 63);
    assert_false(sounds(instrument));
    sampler_note_on(instrument, 0, KEY, 127); // held by the key alone
    play_controller(instrument, 0, SUSTAIN, 127);
    play_controller(instrument, 0, SUSTAIN, 0);
    assert_true(sounds(instrument));
    sampler_note_off(instrument, 0, KEY);
    assert_false(sounds(instrument));
    instrument_free(instrument);
}

static void test_sostenuto_catches_only_what_is_down(void **state)
{
    (void)state;
    struct instrument *instrument = looped_sampler(NULL);
    sampler_note_on(instrument, 0, KEY, 127);
    play_controller(instrument, 0, SOSTENUTO, 127);
    sampler_note_on(instrument, 0, KEY + 1, 127);
    play_controller(instrument, 0, SOSTENUTO, 127); // still down: it catches nothing more
    play_controller(instrument, 0, SOSTENUTO, 90);
    (void)take_render(instrument, 4800);
    sampler_note_off(instrument, 0, KEY);
    sampler_note_off(instrument, 0, KEY + 1);
    (void)take_render(instrument, 4800);
    assert_int_equal(voices_of(instrument), 1);
    play_controller(instrument, 0, SOSTENUTO, 0);
    assert_false(sounds(instrument));
    instrument_free(instrument);
}

static void test_both_pedals_hold_by_themselves(void **state)
{
    (void)state;
    struct instrument *instrument = looped_sampler(NULL);
    sampler_note_on(instrument, 0, KEY, 127);
    play_controller(instrument, 0, SOSTENUTO, 127);
    play_controller(instrument, 0, SUSTAIN, 127);
    (void)take_render(instrument, 4800);
    sampler_note_off(instrument, 0, KEY);
    play_controller(instrument, 0, SUSTAIN, 0);
    assert_true(sounds(instrument));
    play_controller(instrument, 0, SUSTAIN, 127);
    play_controller(instrument, 0, SOSTENUTO, 0);
    assert_true(sounds(instrument));
    play_controller(instrument, 0, SUSTAIN, 0);
    assert_false(sounds(instrument));
    instrument_free(instrument);
}

static void test_the_soft_pedal_is_for_later_notes(void **state)
{
    (void)state;
    struct instrument *instrument = looped_sampler(NULL);
    sampler_note_on(instrument, 0, KEY, 127);
    const double usual = next_level(instrument);
    play_controller(instrument, 0, SOFT, 127);
    assert_true(fabs(next_level(instrument) - usual) < 1e-3);
    play_controller(instrument, 0, EXPRESSION, 127); // computes it anew
    assert_true(fabs(next_level(instrument) - usual) < 1e-3);
    play_controller(instrument, 0, SOUND_OFF, 0);
    sampler_note_on(instrument, 0, KEY, 127);
    assert_true(next_level(instrument) < usual - 2);
    play_controller(instrument, 0, SOFT, 0); // and stays so
    assert_true(next_level(instrument) < usual - 2);
    instrument_free(instrument);
}

/// Frames from the key's release to silence, with controller 72 at \p value.
static double release_of(int value)
{
    struct instrument *instrument = looped_sampler((const struct setting[]){{GENERATOR_VOL_ENV_RELEASE, -1200}, {0}});
    play_controller(instrument, 0, RELEASE, value);
    sampler_note_on(instrument, 0, KEY, 127);
    const double level = measure_peak(take_render(instrument, 4800)->left, 4800);
    sampler_note_off(instrument, 0, KEY);
    const struct take *take = take_render(instrument, 8 * (size_t)RATE);
    const size_t end = measure_end(take->left, take->count, level / 100);
    instrument_free(instrument);
    return (double)end;
}

/// Frames from the key to half of the level, with controller 73 at \p value.
static double attack_of(int value)
{
    struct instrument *instrument = looped_sampler((const struct setting[]){{GENERATOR_VOL_ENV_ATTACK, -1200}, {0}});
    play_controller(instrument, 0, ATTACK, value);
    sampler_note_on(instrument, 0, KEY, 127);
    const struct take *take = take_render(instrument, 5 * (size_t)RATE);
    const double level = measure_peak(take->left + 4 * (size_t)RATE + 4800, RATE / 2);
    const size_t onset = measure_onset(take->left, take->count, level / 2);
    instrument_free(instrument);
    return (double)onset;
}

/// Frames from the key until it has decayed by 20 dB, with controller 75 at \p value.
static double decay_of(int value)
{
    struct instrument *instrument =
        looped_sampler((const struct setting[]){{GENERATOR_VOL_ENV_DECAY, 0}, {GENERATOR_VOL_ENV_SUSTAIN, 900}, {0}});
    play_controller(instrument, 0, DECAY, value);
    sampler_note_on(instrument, 0, KEY, 127);
    const struct take *take = take_render(instrument, 8 * (size_t)RATE);
    const size_t end = measure_end(take->left, take->count, measure_peak(take->left, take->count) / 10);
    instrument_free(instrument);
    return (double)end;
}

static void test_sound_controllers_stretch_the_envelope(void **state)
{
    (void)state;
    static double (*const lengths[])(int value) = {release_of, attack_of, decay_of};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        const double usual = lengths[i](64);
        assert_true(fabs(log2(lengths[i](127) / usual) - 3) < 0.1);
        assert_true(fabs(log2(lengths[i](0) / usual) + 3) < 0.2);
    }
}

static void test_brightness_and_resonance_move_the_filter(void **state)
{
    (void)state;
    // The corner stands on the tone.
    struct instrument *instrument =
        looped_sampler((const struct setting[]){{GENERATOR_FILTER_CUTOFF, (int)lround(1200 * log2(750 / 8.176))}, {0}});
    sampler_note_on(instrument, 0, KEY, 127);
    const double usual = next_level(instrument);
    play_controller(instrument, 0, BRIGHTNESS, 127);
    assert_true(fabs(next_level(instrument) - usual - 3.01) < 0.1);
    play_controller(instrument, 0, BRIGHTNESS, 48); // a quarter of the way: an octave
    assert_true(fabs(next_level(instrument) - usual + 9.3) < 0.2);
    play_controller(instrument, 0, BRIGHTNESS, 64);
    play_controller(instrument, 0, RESONANCE, 127);
    assert_true(fabs(next_level(instrument) - usual - 12) < 0.3);
    instrument_free(instrument);
}

/// What is heard on either side long after a note on a sampler with effects, and how the sides differ while it sounds.
static void hear_effects(int reverb, int chorus, double *tail, double *difference)
{
    struct font font = {0};
    const int sample = font_sine(&font, (struct font_sine){0});
    font_preset(&font, 0, 0);
    font_zone(&font, sample, (const struct setting[]){{GENERATOR_SAMPLE_MODES, 1}, {0}});
    font_write(&font);
    struct instrument *instrument = font_sampler(&font, (struct instrument_options){0});
    font_done(&font);
    play_controller(instrument, 0, REVERB, reverb);
    play_controller(instrument, 0, CHORUS, chorus);
    sampler_note_on(instrument, 0, KEY, 127);
    const struct take *take = take_render(instrument, RATE);
    *difference = 0;
    for (size_t i = 0; i < take->count; i++) {
        *difference = fmax(*difference, fabs((double)take->left[i] - take->right[i]));
    }
    sampler_note_off(instrument, 0, KEY);
    (void)take_render(instrument, RATE / 5);
    *tail = measure_peak(take_render(instrument, RATE / 2)->left, RATE / 2);
    instrument_free(instrument);
}

static void test_sends_go_to_reverb_and_chorus(void **state)
{
    (void)state;
    double tail = 0;
    double difference = 0;
    hear_effects(0, 0, &tail, &difference);
    assert_true(tail == 0 && difference < 1e-6);
    hear_effects(127, 0, &tail, &difference);
    assert_true(tail > 1e-4 && difference > 1e-4);
    const double whole = tail;
    hear_effects(64, 0, &tail, &difference);
    assert_true(fabs(whole / tail - 127.0 / 64) < 0.05);
    hear_effects(0, 127, &tail, &difference);
    assert_true(tail < 1e-6 && difference > 1e-4);
}

static void test_all_notes_off_heeds_pedals_and_all_sound_off_does_not(void **state)
{
    (void)state;
    for (int number = NOTES_OFF; number <= 127; number++) {
        struct instrument *instrument = looped_sampler(NULL);
        play_controller(instrument, 0, SUSTAIN, 127);
        sampler_note_on(instrument, 0, KEY, 127);
        sampler_note_on(instrument, 1, KEY, 127);
        (void)take_render(instrument, 4800);
        play_controller(instrument, 0, number, 0);
        (void)take_render(instrument, 4800);
        assert_int_equal(voices_of(instrument), 2);
        play_controller(instrument, 0, SUSTAIN, 0);
        (void)take_render(instrument, 4800);
        assert_int_equal(voices_of(instrument), 1); // the other channel's
        play_controller(instrument, 1, SUSTAIN, 127);
        play_controller(instrument, 1, SOUND_OFF, 0);
        const struct take *take = take_render(instrument, 960);
        assert_int_equal(voices_of(instrument), 0);
        assert_true(measure_step(take->left, take->count) < 0.01);
        instrument_free(instrument);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_programs_are_found_by_the_rules_of_the_last_reset),
        cmocka_unit_test(test_a_bank_waits_for_its_program),
        cmocka_unit_test(test_a_channel_without_any_preset_is_silent),
        cmocka_unit_test(test_volume_and_expression_count_as_squares),
        cmocka_unit_test(test_pan_goes_from_side_to_side),
        cmocka_unit_test(test_sustain_holds_what_is_released),
        cmocka_unit_test(test_sostenuto_catches_only_what_is_down),
        cmocka_unit_test(test_both_pedals_hold_by_themselves),
        cmocka_unit_test(test_the_soft_pedal_is_for_later_notes),
        cmocka_unit_test(test_sound_controllers_stretch_the_envelope),
        cmocka_unit_test(test_brightness_and_resonance_move_the_filter),
        cmocka_unit_test(test_sends_go_to_reverb_and_chorus),
        cmocka_unit_test(test_all_notes_off_heeds_pedals_and_all_sound_off_does_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
