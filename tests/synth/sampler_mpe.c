// SPDX-License-Identifier: GPL-3.0-or-later
// "MIDI Polyphonic Expression": zones, whose manager speaks for its members.
#include "sampler_fixture.h"
#include "sampler_measure.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { KEY = FIXTURE_MIDDLE_C, RATE = FIXTURE_RATE, LOWER = 0, UPPER = 15, DRUMS = 9, CENTRE = 8192 };
enum { BEND_RANGE = 0, ZONE = 6, VOLUME = 7, SUSTAIN = 64, DATA_UP = 96, RESET = 121, NOTES_OFF = 123 };

static const double TONE_HZ = 750;

/// A tone, and an octave above it as the drums.
static struct instrument *zone_sampler(void)
{
    struct font font = {0};
    const int sample = font_sine(&font, (struct font_sine){0});
    font_preset(&font, 0, 0);
    font_zone(&font, sample, (const struct setting[]){{GENERATOR_SAMPLE_MODES, 1}, {0}});
    font_preset(&font, 0, 1);
    font_zone(&font, sample, (const struct setting[]){{GENERATOR_SAMPLE_MODES, 1}, {GENERATOR_COARSE_TUNE, 7}, {0}});
    font_preset(&font, 128, 0);
    font_zone(&font, sample, (const struct setting[]){{GENERATOR_SAMPLE_MODES, 1}, {GENERATOR_COARSE_TUNE, 12}, {0}});
    font_write(&font);
    struct instrument *instrument = font_sampler(&font, (struct instrument_options){.dry = 1});
    font_done(&font);
    return instrument;
}

/// How many cents above the tone middle C sounds on \p channel, to the nearest ten.
static int tens_of_cents(struct instrument *instrument, int channel)
{
    sampler_note_on(instrument, channel, KEY, 127);
    const struct take *take = take_render(instrument, RATE / 4);
    int periods = -1;
    size_t first = 0;
    size_t last = 0;
    for (size_t i = 481; i < take->count; i++) {
        if (take->left[i - 1] < 0 && take->left[i] >= 0) {
            first = periods < 0 ? i : first;
            last = i;
            periods++;
        }
    }
    play_controller(instrument, channel, 120, 0);
    (void)take_render(instrument, 960);
    return 10 * (int)lround(120 * log2(periods * (double)RATE / (double)(last - first) / TONE_HZ));
}

/// A bend of half the range.
static void bend_half(struct instrument *instrument, int channel)
{
    play_bend(instrument, channel, CENTRE / 2);
}

static void test_members_bend_by_four_octaves(void **state)
{
    (void)state;
    struct instrument *instrument = zone_sampler();
    play_rpn(instrument, LOWER, ZONE, 3, 0);
    for (int channel = 1; channel <= 4; channel++) {
        bend_half(instrument, channel);
        assert_int_equal(tens_of_cents(instrument, channel), channel <= 3 ? -2400 : -100);
    }
    instrument_free(instrument);
}

static void test_the_managers_bend_adds_to_its_members(void **state)
{
    (void)state;
    struct instrument *instrument = zone_sampler();
    play_rpn(instrument, UPPER, ZONE, 2, 0);
    bend_half(instrument, UPPER);
    assert_int_equal(tens_of_cents(instrument, 14), -100);
    play_bend(instrument, 14, CENTRE + CENTRE / 8);
    assert_int_equal(tens_of_cents(instrument, 14), 500);
    assert_int_equal(tens_of_cents(instrument, 13), -100);
    assert_int_equal(tens_of_cents(instrument, UPPER), -100); // by its own, once
    assert_int_equal(tens_of_cents(instrument, 12), 0);
    play_rpn(instrument, UPPER, BEND_RANGE, 12, 0); // the manager's range is its own
    assert_int_equal(tens_of_cents(instrument, 13), -600);
    instrument_free(instrument);
}

static void test_the_managers_bend_moves_what_members_sound(void **state)
{
    (void)state;
    struct instrument *instrument = zone_sampler();
    play_rpn(instrument, LOWER, ZONE, 5, 0);
    sampler_note_on(instrument, 2, KEY, 127);
    (void)take_render(instrument, 4800);
    bend_half(instrument, LOWER);
    (void)take_render(instrument, 960);
    const double hz = TONE_HZ * exp2(-100 / 1200.0);
    const struct take *take = take_render(instrument, 9600);
    assert_true(fabs(cents(hz, measure_tone(take->left, take->count, RATE, hz).hz)) < 0.1);
    instrument_free(instrument);
}

static void test_the_managers_controllers_reach_its_members(void **state)
{
    (void)state;
    struct instrument *instrument = zone_sampler();
    play_rpn(instrument, LOWER, ZONE, 5, 0);
    sampler_note_on(instrument, 2, KEY, 127);
    (void)take_render(instrument, 960);
    const double before = measure_rms(take_render(instrument, 4800)->left, 4800);
    play_controller(instrument, LOWER, VOLUME, 50);
    (void)take_render(instrument, 960);
    const double after = measure_rms(take_render(instrument, 4800)->left, 4800);
    assert_true(fabs(decibels(after / before) - 40 * log10(0.5)) < 0.05);
    play_controller(instrument, LOWER, SUSTAIN, 127);
    sampler_note_on(instrument, 6, KEY, 127); // in no zone
    sampler_note_off(instrument, 2, KEY);
    sampler_note_off(instrument, 6, KEY);
    (void)take_render(instrument, 4800);
    assert_int_equal(voices_of(instrument), 1);
    play_controller(instrument, LOWER, SUSTAIN, 0);
    (void)take_render(instrument, 4800);
    assert_int_equal(voices_of(instrument), 0);
    play_program(instrument, LOWER, 1);
    assert_int_equal(tens_of_cents(instrument, 5), 700);
    assert_int_equal(tens_of_cents(instrument, 6), 0);
    instrument_free(instrument);
}

static void test_a_member_speaks_for_itself(void **state)
{
    (void)state;
    struct instrument *instrument = zone_sampler();
    play_rpn(instrument, LOWER, ZONE, 5, 0);
    play_program(instrument, 2, 1);
    bend_half(instrument, 3);
    assert_int_equal(tens_of_cents(instrument, LOWER), 0);
    assert_int_equal(tens_of_cents(instrument, 1), 0);
    assert_int_equal(tens_of_cents(instrument, 2), 700);
    instrument_free(instrument);
}

static void test_a_zone_shrinks_and_dissolves(void **state)
{
    (void)state;
    struct instrument *instrument = zone_sampler();
    play_rpn(instrument, LOWER, ZONE, 5, 0);
    play_rpn(instrument, LOWER, ZONE, 2, 0);
    bend_half(instrument, LOWER);
    bend_half(instrument, 2);
    bend_half(instrument, 3);
    assert_int_equal(tens_of_cents(instrument, 2), -2500);
    assert_int_equal(tens_of_cents(instrument, 3), -100); // its own, as any channel
    play_rpn(instrument, LOWER, ZONE, 0, 0);
    assert_int_equal(tens_of_cents(instrument, 2), -100);
    assert_int_equal(tens_of_cents(instrument, 1), 0);
    instrument_free(instrument);
}

static void test_a_step_leaves_a_zone_as_it_is(void **state)
{
    (void)state;
    struct instrument *instrument = zone_sampler();
    play_rpn(instrument, LOWER, ZONE, 3, 0);
    play_controller(instrument, LOWER, DATA_UP, 0);
    for (int channel = 3; channel <= 5; channel++) {
        bend_half(instrument, channel);
        assert_int_equal(tens_of_cents(instrument, channel), channel <= 3 ? -2400 : -100);
    }
    instrument_free(instrument);
}

static void test_both_zones_live_side_by_side(void **state)
{
    (void)state;
    struct instrument *instrument = zone_sampler();
    play_rpn(instrument, LOWER, ZONE, 7, 0);
    play_rpn(instrument, UPPER, ZONE, 7, 0);
    bend_half(instrument, LOWER);
    play_bend(instrument, UPPER, CENTRE + CENTRE / 2);
    assert_int_equal(tens_of_cents(instrument, 7), -100);
    assert_int_equal(tens_of_cents(instrument, 8), 100);
    instrument_free(instrument);
}

static void test_the_newer_zone_takes_what_both_claim(void **state)
{
    (void)state;
    struct instrument *instrument = zone_sampler();
    play_rpn(instrument, LOWER, ZONE, 10, 0);
    play_rpn(instrument, UPPER, ZONE, 10, 0);
    bend_half(instrument, LOWER);
    play_bend(instrument, UPPER, CENTRE + CENTRE / 2);
    assert_int_equal(tens_of_cents(instrument, 4), -100);
    assert_int_equal(tens_of_cents(instrument, 5), 100);
    play_rpn(instrument, LOWER, ZONE, 15, 0); // all, and the other manager
    assert_int_equal(tens_of_cents(instrument, 14), -100);
    bend_half(instrument, UPPER);
    assert_int_equal(tens_of_cents(instrument, UPPER), -2500);
    instrument_free(instrument);
}

static void test_a_manager_that_was_a_member_is_its_own_again(void **state)
{
    (void)state;
    struct instrument *instrument = zone_sampler();
    play_rpn(instrument, LOWER, ZONE, 15, 0);
    play_rpn(instrument, UPPER, ZONE, 4, 0);
    bend_half(instrument, LOWER);
    assert_int_equal(tens_of_cents(instrument, UPPER), 0);
    assert_int_equal(tens_of_cents(instrument, 12), 0);
    assert_int_equal(tens_of_cents(instrument, 10), -100);
    bend_half(instrument, UPPER);
    assert_int_equal(tens_of_cents(instrument, UPPER), -100);
    assert_int_equal(tens_of_cents(instrument, 12), -100);
    instrument_free(instrument);
}

static void test_the_drum_channel_is_melodic_in_a_zone_only(void **state)
{
    (void)state;
    struct instrument *instrument = zone_sampler();
    assert_int_equal(tens_of_cents(instrument, DRUMS), 1200);
    play_rpn(instrument, LOWER, ZONE, 12, 0);
    assert_int_equal(tens_of_cents(instrument, DRUMS), 0);
    play_rpn(instrument, LOWER, ZONE, 4, 0);
    assert_int_equal(tens_of_cents(instrument, DRUMS), 1200);
    instrument_free(instrument);
}

static void test_only_the_outer_channels_make_zones(void **state)
{
    (void)state;
    struct instrument *instrument = zone_sampler();
    play_rpn(instrument, 4, ZONE, 5, 0);
    for (int channel = 3; channel <= 6; channel++) {
        bend_half(instrument, channel);
        assert_int_equal(tens_of_cents(instrument, channel), -100);
    }
    instrument_free(instrument);
}

static void test_a_zone_begins_with_the_ranges_of_mpe(void **state)
{
    (void)state;
    struct instrument *instrument = zone_sampler();
    play_rpn(instrument, LOWER, BEND_RANGE, 12, 0);
    play_rpn(instrument, 1, BEND_RANGE, 5, 0);
    play_rpn(instrument, LOWER, ZONE, 3, 0);
    bend_half(instrument, LOWER);
    assert_int_equal(tens_of_cents(instrument, LOWER), -100);
    bend_half(instrument, 1);
    assert_int_equal(tens_of_cents(instrument, 1), -2500);
    // A range for one member is one for all.
    play_rpn(instrument, 2, BEND_RANGE, 24, 0);
    assert_int_equal(tens_of_cents(instrument, 1), -1300);
    assert_int_equal(tens_of_cents(instrument, LOWER), -100);
    instrument_free(instrument);
}

static void test_the_managers_mode_messages_are_for_all(void **state)
{
    (void)state;
    struct instrument *instrument = zone_sampler();
    play_rpn(instrument, LOWER, ZONE, 3, 0);
    for (int channel = 0; channel <= 4; channel++) {
        sampler_note_on(instrument, channel, KEY, 100);
    }
    (void)take_render(instrument, 4800);
    play_controller(instrument, LOWER, NOTES_OFF, 0);
    (void)take_render(instrument, 4800);
    assert_int_equal(voices_of(instrument), 1);
    bend_half(instrument, 2);
    play_controller(instrument, LOWER, RESET, 0);
    assert_int_equal(tens_of_cents(instrument, 2), 0);
    instrument_free(instrument);
}

static void test_a_reset_dissolves_zones(void **state)
{
    (void)state;
    struct instrument *instrument = zone_sampler();
    play_rpn(instrument, LOWER, ZONE, 15, 0);
    sampler_reset(instrument, MIDI_RESET_GM);
    bend_half(instrument, LOWER);
    assert_int_equal(tens_of_cents(instrument, 2), 0);
    assert_int_equal(tens_of_cents(instrument, DRUMS), 1200);
    instrument_free(instrument);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_members_bend_by_four_octaves),
        cmocka_unit_test(test_the_managers_bend_adds_to_its_members),
        cmocka_unit_test(test_the_managers_bend_moves_what_members_sound),
        cmocka_unit_test(test_the_managers_controllers_reach_its_members),
        cmocka_unit_test(test_a_member_speaks_for_itself),
        cmocka_unit_test(test_a_zone_shrinks_and_dissolves),
        cmocka_unit_test(test_a_step_leaves_a_zone_as_it_is),
        cmocka_unit_test(test_both_zones_live_side_by_side),
        cmocka_unit_test(test_the_newer_zone_takes_what_both_claim),
        cmocka_unit_test(test_a_manager_that_was_a_member_is_its_own_again),
        cmocka_unit_test(test_the_drum_channel_is_melodic_in_a_zone_only),
        cmocka_unit_test(test_only_the_outer_channels_make_zones),
        cmocka_unit_test(test_a_zone_begins_with_the_ranges_of_mpe),
        cmocka_unit_test(test_the_managers_mode_messages_are_for_all),
        cmocka_unit_test(test_a_reset_dissolves_zones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
