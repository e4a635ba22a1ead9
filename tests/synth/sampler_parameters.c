// SPDX-License-Identifier: GPL-3.0-or-later
// Bends, pressures, registered parameters and NRPNs, modulators, and what resets leave of them.
#include "sampler_fixture.h"
#include "sampler_measure.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { KEY = FIXTURE_MIDDLE_C, RATE = FIXTURE_RATE, DRUMS = 9, CENTRE = 8192, KEY_PRESSURE = 0xa0, PRESSURE = 0xd0 };
enum {
    MODULATION = 1,
    DATA = 6,
    VOLUME = 7,
    PAN = 10,
    EXPRESSION = 11,
    DATA_FINE = 38,
    SUSTAIN = 64,
    SOFT = 67,
    BRIGHTNESS = 74,
    REVERB = 91,
    DATA_UP = 96,
    DATA_DOWN = 97,
    RPN_FINE = 100,
    RPN = 101,
    RESET = 121
};
enum { BEND_RANGE = 0, FINE_TUNE = 1, COARSE_TUNE = 2 };

static const double TONE_HZ = 750;

/// A vibrato of a quarter of a turn in half a second, by the pressures and the wheel as far as they ask for it.
static struct instrument *bending_sampler(void)
{
    struct font font = {0};
    const int sample = font_sine(&font, (struct font_sine){0});
    const struct setting settings[] = {{GENERATOR_SAMPLE_MODES, 1}, {GENERATOR_VIB_LFO_FREQUENCY, -4838}, {0}};
    font_preset(&font, 0, 0);
    font_zone(&font, sample, settings);
    font_preset(&font, 128, 0);
    font_zone(&font, sample, settings);
    font_write(&font);
    struct instrument *instrument = font_sampler(&font, (struct instrument_options){.dry = 1});
    font_done(&font);
    return instrument;
}

/// How far the next sound of a note of \p channel is from the tone, within an octave and a half.
static double next_cents(struct instrument *instrument, size_t frames)
{
    const struct take *take = take_render(instrument, frames);
    int periods = 0;
    size_t first = 0;
    size_t last = 0;
    for (size_t i = 1; i < frames; i++) {
        if (take->left[i - 1] < 0 && take->left[i] >= 0) {
            first = periods == 0 ? i : first;
            last = i;
            periods++;
        }
    }
    const double hz = (periods - 1) * (double)RATE / (double)(last - first);
    return cents(TONE_HZ, measure_tone(take->left, frames, RATE, hz).hz);
}

/// Of a new note.
static double cents_of(struct instrument *instrument, int channel)
{
    sampler_note_on(instrument, channel, KEY, 127);
    (void)take_render(instrument, 960);
    const double found = next_cents(instrument, 4800);
    play_controller(instrument, channel, 120, 0);
    (void)take_render(instrument, 960);
    return found;
}

static bool is_near(double found, double expected)
{
    if (fabs(found - expected) > 0.2) {
        print_message("%.2f cents, not %.2f\n", found, expected);
    }
    return fabs(found - expected) <= 0.2;
}

static void test_the_wheel_bends_by_its_range(void **state)
{
    (void)state;
    struct instrument *instrument = bending_sampler();
    play_bend(instrument, 0, 16383);
    assert_true(is_near(cents_of(instrument, 0), 200.0 * 8191 / 8192));
    play_bend(instrument, 0, 0);
    assert_true(is_near(cents_of(instrument, 0), -200));
    play_rpn(instrument, 0, BEND_RANGE, 12, 0);
    assert_true(is_near(cents_of(instrument, 0), -1200));
    play_rpn(instrument, 0, BEND_RANGE, 1, 50);
    assert_true(is_near(cents_of(instrument, 0), -150));
    play_bend(instrument, 0, CENTRE + 2048);
    assert_true(is_near(cents_of(instrument, 0), 37.5));
    assert_true(is_near(cents_of(instrument, 1), 0));
    instrument_free(instrument);
}

static void test_a_bend_moves_what_sounds(void **state)
{
    (void)state;
    struct instrument *instrument = bending_sampler();
    sampler_note_on(instrument, 0, KEY, 127);
    (void)take_render(instrument, 960);
    play_bend(instrument, 0, 0);
    (void)take_render(instrument, 960);
    assert_true(is_near(next_cents(instrument, 4800), -200));
    instrument_free(instrument);
}

static void test_fine_and_coarse_tuning(void **state)
{
    (void)state;
    struct instrument *instrument = bending_sampler();
    play_rpn(instrument, 0, FINE_TUNE, 0, 0);
    assert_true(is_near(cents_of(instrument, 0), -100));
    play_rpn(instrument, 0, FINE_TUNE, 96, 0);
    assert_true(is_near(cents_of(instrument, 0), 50));
    play_rpn(instrument, 0, COARSE_TUNE, 64 + 7, 0);
    assert_true(is_near(cents_of(instrument, 0), 750));
    play_rpn(instrument, 0, COARSE_TUNE, 64 - 12, 0);
    assert_true(is_near(cents_of(instrument, 0), -1150));
    instrument_free(instrument);
}

static void test_coarse_tuning_leaves_drums_alone(void **state)
{
    (void)state;
    struct instrument *instrument = bending_sampler();
    play_rpn(instrument, DRUMS, COARSE_TUNE, 64 + 7, 0);
    assert_true(is_near(cents_of(instrument, DRUMS), 0));
    instrument_free(instrument);
}

static void test_after_the_null_parameter_data_is_for_nothing(void **state)
{
    (void)state;
    struct instrument *instrument = bending_sampler();
    play_rpn(instrument, 0, COARSE_TUNE, 64 + 5, 0);
    play_controller(instrument, 0, RPN, 127);
    play_controller(instrument, 0, RPN_FINE, 127);
    play_controller(instrument, 0, DATA, 20);
    play_controller(instrument, 0, DATA_FINE, 20);
    play_controller(instrument, 0, DATA_UP, 0);
    assert_true(is_near(cents_of(instrument, 0), 500));
    play_rpn(instrument, 1, 77, 20, 0); // one that nobody knows
    assert_true(is_near(cents_of(instrument, 1), 0));
    instrument_free(instrument);
}

static void choose_rpn(struct instrument *instrument, int number)
{
    play_controller(instrument, 0, RPN, 0);
    play_controller(instrument, 0, RPN_FINE, number);
}

static void test_steps_count_from_what_the_parameter_is(void **state)
{
    (void)state;
    struct instrument *instrument = bending_sampler();
    play_bend(instrument, 0, 0);
    choose_rpn(instrument, BEND_RANGE); // 2 semitones, and never set
    play_controller(instrument, 0, DATA_UP, 0);
    assert_true(is_near(cents_of(instrument, 0), -300));
    play_bend(instrument, 0, CENTRE);
    play_rpn(instrument, 0, COARSE_TUNE, 64 + 5, 0);
    choose_rpn(instrument, BEND_RANGE);
    play_controller(instrument, 0, DATA_DOWN, 127);
    play_controller(instrument, 0, DATA_DOWN, 127);
    play_bend(instrument, 0, 0);
    assert_true(is_near(cents_of(instrument, 0), 500 - 100));
    play_controller(instrument, 0, DATA_DOWN, 0);
    play_controller(instrument, 0, DATA_DOWN, 0); // stays at 0
    assert_true(is_near(cents_of(instrument, 0), 500));
    choose_rpn(instrument, COARSE_TUNE);
    play_controller(instrument, 0, DATA_DOWN, 0);
    assert_true(is_near(cents_of(instrument, 0), 400));
    instrument_free(instrument);
}

static void test_a_fine_value_alone_leaves_the_coarse_one(void **state)
{
    (void)state;
    struct instrument *instrument = bending_sampler();
    play_rpn(instrument, 0, COARSE_TUNE, 64 + 12, 0);
    choose_rpn(instrument, BEND_RANGE);
    play_controller(instrument, 0, DATA_FINE, 50);
    play_bend(instrument, 0, 0);
    assert_true(is_near(cents_of(instrument, 0), 1200 - 250));
    instrument_free(instrument);
}

/// The peak of the vibrato of a note, half a second after its beginning.
static double vibrato_of(struct instrument *instrument)
{
    sampler_note_on(instrument, 0, KEY, 127);
    (void)take_render(instrument, RATE / 2 - 240);
    const double found = next_cents(instrument, 480);
    play_controller(instrument, 0, 120, 0);
    (void)take_render(instrument, 960);
    return found;
}

static void test_wheel_and_pressure_are_vibrato(void **state)
{
    (void)state;
    struct instrument *instrument = bending_sampler();
    assert_true(fabs(vibrato_of(instrument)) < 0.5);
    play_controller(instrument, 0, MODULATION, 127);
    assert_true(fabs(vibrato_of(instrument) - 50) < 1.5);
    sampler_message(instrument, PRESSURE, 0, 127, 0);
    assert_true(fabs(vibrato_of(instrument) - 100) < 2);
    play_controller(instrument, 0, MODULATION, 0);
    sampler_message(instrument, PRESSURE, 0, 64, 0);
    assert_true(fabs(vibrato_of(instrument) - 25) < 1.5);
    instrument_free(instrument);
}

/// One zone with one modulator.
static struct instrument *modulated_sampler(uint16_t source, uint16_t destination, int amount, uint16_t amount_source,
                                            uint16_t transform)
{
    struct font font = {0};
    const int sample = font_sine(&font, (struct font_sine){0});
    font_preset(&font, 0, 0);
    font_zone(&font, sample, (const struct setting[]){{GENERATOR_SAMPLE_MODES, 1}, {0}});
    maker_modulator(&font.maker, MAKER_INSTRUMENT, source, destination, amount, amount_source, transform);
    font_write(&font);
    struct instrument *instrument = font_sampler(&font, (struct instrument_options){.dry = 1});
    font_done(&font);
    return instrument;
}

static void test_key_pressure_is_of_one_key(void **state)
{
    (void)state;
    struct instrument *instrument = modulated_sampler(0x000a, GENERATOR_FINE_TUNE, 127, 0, 0);
    sampler_message(instrument, KEY_PRESSURE, 0, KEY, 100);
    sampler_message(instrument, KEY_PRESSURE, 0, KEY + 1, 20);
    sampler_message(instrument, KEY_PRESSURE, 1, KEY, 20);
    assert_true(is_near(cents_of(instrument, 0), 100));
    instrument_free(instrument);
}

static void test_a_soundfont_has_modulators_of_its_own(void **state)
{
    (void)state;
    static const struct {
        uint16_t source, amount_source, transform;
        int value;
        double cents;
    } cases[] = {
        {0x0080 | 20, 0, 0, 64, 64},            // straight up
        {0x0180 | 20, 0, 0, 27, 100},           // straight down
        {0x0280 | 20, 0, 0, 32, -63.5},         // to either side
        {0x0280 | 20, 0, 2, 32, 63.5},          // and its absolute value
        {0x0380 | 20, 0, 0, 32, 63.5},          // the other way round
        {0x0c80 | 20, 0, 0, 63, 0},             // a switch
        {0x0c80 | 20, 0, 0, 64, 127},           //
        {0x0e80 | 20, 0, 0, 63, -127},          // to either side
        {0x0480 | 20, 0, 0, 64, 127 * 0.12682}, // concave: -40/96 log10(1 - 64/127)
        {0x0880 | 20, 0, 0, 64, 127 * 0.87599}, // convex: 1 + 40/96 log10(64/127)
        {0x0080 | 20, 0x0080 | 7, 0, 127, 100}, // times the volume
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct instrument *instrument =
            modulated_sampler(cases[i].source, GENERATOR_FINE_TUNE, 127, cases[i].amount_source, cases[i].transform);
        play_controller(instrument, 0, 20, cases[i].value);
        assert_true(is_near(cents_of(instrument, 0), cases[i].cents));
        instrument_free(instrument);
    }
}

static double level_of(struct instrument *instrument, int velocity)
{
    sampler_note_on(instrument, 0, KEY, velocity);
    (void)take_render(instrument, 960);
    const double level = decibels(measure_rms(take_render(instrument, 4800)->left, 4800));
    play_controller(instrument, 0, 120, 0);
    (void)take_render(instrument, 960);
    return level;
}

static void test_a_modulator_overrides_the_default_one(void **state)
{
    (void)state;
    struct instrument *instrument = modulated_sampler(0x0502, GENERATOR_ATTENUATION, 0, 0, 0);
    assert_true(fabs(level_of(instrument, 1) - level_of(instrument, 127)) < 1e-3);
    instrument_free(instrument);
    instrument = modulated_sampler(0x020e, GENERATOR_FINE_TUNE, 0, 0x0010, 0);
    play_bend(instrument, 0, 0);
    assert_true(is_near(cents_of(instrument, 0), 0));
    instrument_free(instrument);
}

static void test_an_nrpn_moves_a_generator_by_its_scale(void **state)
{
    (void)state;
    struct instrument *instrument = bending_sampler();
    play_nrpn(instrument, 0, 120, GENERATOR_FINE_TUNE, 64, 70);
    assert_true(is_near(cents_of(instrument, 0), 70));
    play_nrpn(instrument, 0, 120, GENERATOR_COARSE_TUNE, 63, 127);
    assert_true(is_near(cents_of(instrument, 0), 70 - 100));
    play_nrpn(instrument, 0, 120, GENERATOR_VIB_LFO_TO_PITCH, 64, 20); // two cents a step
    assert_true(fabs(vibrato_of(instrument) - 40 + 30) < 1.5);
    play_nrpn(instrument, 0, 120, 100 + GENERATOR_FINE_TUNE, 64, 50); // that chooses nothing
    play_nrpn(instrument, 0, 121, GENERATOR_FINE_TUNE, 64, 50);
    assert_true(is_near(cents_of(instrument, 1), 0));
    instrument_free(instrument);
}

static void test_an_nrpn_comes_in_either_order(void **state)
{
    (void)state;
    // Section 9.6 has the fine half first, and the coarse one take effect.
    struct instrument *instrument = bending_sampler();
    play_controller(instrument, 0, 99, 120);
    play_controller(instrument, 0, 98, GENERATOR_FINE_TUNE);
    play_controller(instrument, 0, DATA_FINE, 70);
    play_controller(instrument, 0, DATA, 64);
    assert_true(is_near(cents_of(instrument, 0), 70));
    play_controller(instrument, 0, 98, GENERATOR_COARSE_TUNE); // which begins anew
    play_controller(instrument, 0, DATA, 64);
    assert_true(is_near(cents_of(instrument, 0), 70));
    instrument_free(instrument);
}

static void test_gs_parameters_are_the_sound_controllers(void **state)
{
    (void)state;
    struct instrument *instrument = sine_sampler(
        (struct font_sine){0},
        (const struct setting[]){{GENERATOR_SAMPLE_MODES, 1}, {GENERATOR_FILTER_CUTOFF, 7823}, {0}}, // 750 Hz
        (struct instrument_options){0});
    const double usual = level_of(instrument, 127);
    play_nrpn(instrument, 0, 1, 32, 127, 0);
    assert_true(fabs(level_of(instrument, 127) - usual - 3.01) < 0.1);
    play_nrpn(instrument, 0, 1, 32, 64, 0);
    play_nrpn(instrument, 0, 1, 33, 127, 0);
    assert_true(fabs(level_of(instrument, 127) - usual - 12) < 0.3);
    instrument_free(instrument);
}

/// Sets everything that a channel has.
static void set_all(struct instrument *instrument)
{
    static const int values[][2] = {{MODULATION, 100}, {VOLUME, 30}, {PAN, 0},         {EXPRESSION, 60},
                                    {SUSTAIN, 127},    {SOFT, 127},  {BRIGHTNESS, 20}, {REVERB, 127}};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        play_controller(instrument, 0, values[i][0], values[i][1]);
    }
    play_rpn(instrument, 0, BEND_RANGE, 7, 0);
    play_rpn(instrument, 0, FINE_TUNE, 96, 0);
    play_rpn(instrument, 0, COARSE_TUNE, 66, 0);
    play_bend(instrument, 0, 0);
    sampler_message(instrument, PRESSURE, 0, 100, 0);
    sampler_message(instrument, KEY_PRESSURE, 0, KEY, 100);
}

static void test_controller_121_resets_what_rp_015_says(void **state)
{
    (void)state;
    struct instrument *instrument = bending_sampler();
    const double usual = level_of(instrument, 127);
    set_all(instrument);
    play_controller(instrument, 0, RESET, 0);
    // Tuning stays, bend, vibrato and the chosen parameter do not, and volume and pan do.
    assert_true(is_near(cents_of(instrument, 0), 250));
    assert_true(fabs(vibrato_of(instrument) - 250) < 0.5);
    play_controller(instrument, 0, DATA, 64);
    assert_true(is_near(cents_of(instrument, 0), 250));
    play_controller(instrument, 0, BRIGHTNESS, 64);
    assert_true(fabs(level_of(instrument, 127) - (usual + 3.01 + 40 * log10(30 / 100.0))) < 0.1);
    play_bend(instrument, 0, 0);
    assert_true(is_near(cents_of(instrument, 0), 250 - 700));
    instrument_free(instrument);
}

static void test_controller_121_lets_go_of_what_pedals_hold(void **state)
{
    (void)state;
    struct instrument *instrument = bending_sampler();
    play_controller(instrument, 0, SUSTAIN, 127);
    sampler_note_on(instrument, 0, KEY, 100);
    sampler_note_on(instrument, 0, KEY + 1, 100);
    (void)take_render(instrument, 4800);
    sampler_note_off(instrument, 0, KEY);
    play_controller(instrument, 0, RESET, 0);
    (void)take_render(instrument, 4800);
    assert_int_equal(voices_of(instrument), 1);
    instrument_free(instrument);
}

static void test_a_reset_silences_and_restores(void **state)
{
    (void)state;
    for (int rules = 0; rules < MIDI_RESETS; rules++) {
        struct instrument *instrument = bending_sampler();
        const double usual = level_of(instrument, 127);
        set_all(instrument);
        play_nrpn(instrument, 0, 120, GENERATOR_FINE_TUNE, 64, 50);
        sampler_note_on(instrument, 0, KEY, 100);
        const double before = measure_peak(take_render(instrument, 4800)->left, 4800);
        sampler_reset(instrument, (enum midi_reset)rules);
        const struct take *take = take_render(instrument, 960);
        assert_true(measure_peak(take->left, take->count) <= before * 1.01); // not a moment at full volume
        assert_int_equal(voices_of(instrument), 0);
        assert_true(is_near(cents_of(instrument, 0), 0));
        assert_true(fabs(vibrato_of(instrument)) < 0.5);
        assert_true(fabs(level_of(instrument, 127) - usual) < 0.01);
        play_bend(instrument, 0, 0);
        assert_true(is_near(cents_of(instrument, 0), -200));
        instrument_free(instrument);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_wheel_bends_by_its_range),
        cmocka_unit_test(test_a_bend_moves_what_sounds),
        cmocka_unit_test(test_fine_and_coarse_tuning),
        cmocka_unit_test(test_coarse_tuning_leaves_drums_alone),
        cmocka_unit_test(test_after_the_null_parameter_data_is_for_nothing),
        cmocka_unit_test(test_steps_count_from_what_the_parameter_is),
        cmocka_unit_test(test_a_fine_value_alone_leaves_the_coarse_one),
        cmocka_unit_test(test_wheel_and_pressure_are_vibrato),
        cmocka_unit_test(test_key_pressure_is_of_one_key),
        cmocka_unit_test(test_a_soundfont_has_modulators_of_its_own),
        cmocka_unit_test(test_a_modulator_overrides_the_default_one),
        cmocka_unit_test(test_an_nrpn_moves_a_generator_by_its_scale),
        cmocka_unit_test(test_an_nrpn_comes_in_either_order),
        cmocka_unit_test(test_gs_parameters_are_the_sound_controllers),
        cmocka_unit_test(test_controller_121_resets_what_rp_015_says),
        cmocka_unit_test(test_controller_121_lets_go_of_what_pedals_hold),
        cmocka_unit_test(test_a_reset_silences_and_restores),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
