// SPDX-License-Identifier: GPL-3.0-or-later
// How many voices there are, who makes way for whom, and how short a note can be.
#include "sampler_fixture.h"
#include "sampler_measure.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { KEY = FIXTURE_MIDDLE_C, RATE = FIXTURE_RATE, BLOCK = 64, SUSTAIN = 64, VOLUME = 7 };

static const struct setting looped[] = {{GENERATOR_SAMPLE_MODES, 1}, {0}};

/// A sampler whose notes are \p zones voices each.
static struct instrument *layered_sampler(int zones, int polyphony)
{
    struct font font = {0};
    const int sample = font_sine(&font, (struct font_sine){0});
    font_preset(&font, 0, 0);
    for (int i = 0; i < zones; i++) {
        font_zone(&font, sample, looped);
    }
    font_write(&font);
    struct instrument *instrument = font_sampler(&font, (struct instrument_options){.dry = 1, .polyphony = polyphony});
    font_done(&font);
    return instrument;
}

/// A sampler of one preset with two zones.
static struct instrument *zoned_sampler(const struct setting *one, const struct setting *other, int polyphony)
{
    struct font font = {0};
    const int sample = font_sine(&font, (struct font_sine){0});
    font_preset(&font, 0, 0);
    font_zone(&font, sample, one);
    font_zone(&font, sample, other);
    font_write(&font);
    struct instrument *instrument = font_sampler(&font, (struct instrument_options){.dry = 1, .polyphony = polyphony});
    font_done(&font);
    return instrument;
}

static void test_there_are_never_more_voices_than_asked_for(void **state)
{
    (void)state;
    static const int polyphonies[] = {1, 2, 17, 32, 4096};
    for (size_t i = 0; i < sizeof polyphonies / sizeof *polyphonies; i++) {
        const int polyphony = polyphonies[i];
        struct instrument *instrument = layered_sampler(4, polyphony);
        for (int note = 0; note < 15 * 128; note++) {
            sampler_note_on(instrument, note % 15 < 9 ? note % 15 : note % 15 + 1, note / 15, 1 + note % 127);
            assert_in_range(voices_of(instrument), 1, polyphony);
            if (note % 64 == 0) {
                (void)take_render(instrument, 1);
                assert_in_range(voices_of(instrument), 1, polyphony);
            }
        }
        assert_int_equal(voices_of(instrument), polyphony);
        instrument_free(instrument);
    }
}

static void test_the_default_polyphony_is_32(void **state)
{
    (void)state;
    struct instrument *instrument = layered_sampler(1, 0);
    for (int key = 20; key < 100; key++) {
        sampler_note_on(instrument, 0, key, 100);
        (void)take_render(instrument, BLOCK);
    }
    assert_int_equal(voices_of(instrument), INSTRUMENT_POLYPHONY_DEFAULT);
    instrument_free(instrument);
}

/// The level of \p key in what is rendered next.
static double level_of_key(const struct take *take, int key)
{
    return measure_part(take->left, take->count, RATE, 750 * exp2((key - KEY) / 12.0));
}

static void test_the_voice_that_is_heard_least_makes_way(void **state)
{
    (void)state;
    static const int velocities[] = {100, 90, 20, 80};
    struct instrument *instrument = layered_sampler(1, 4);
    for (int i = 0; i < 4; i++) {
        sampler_note_on(instrument, 0, KEY + 2 * i, velocities[i]);
    }
    (void)take_render(instrument, 4800);
    sampler_note_on(instrument, 0, KEY + 20, 30);
    (void)take_render(instrument, 128);
    const struct take *take = take_render(instrument, RATE);
    for (int i = 0; i < 4; i++) {
        assert_true(i == 2 ? level_of_key(take, KEY + 2 * i) < 1e-5 : level_of_key(take, KEY + 2 * i) > 1e-3);
    }
    assert_true(level_of_key(take, KEY + 20) > 1e-4);
    assert_int_equal(sampler_counts(instrument).stolen, 1);
    instrument_free(instrument);
}

static void test_a_released_voice_goes_first_and_then_the_oldest(void **state)
{
    (void)state;
    const struct setting settings[] = {{GENERATOR_SAMPLE_MODES, 1}, {GENERATOR_VOL_ENV_RELEASE, 6000}, {0}};
    struct instrument *instrument =
        sine_sampler((struct font_sine){0}, settings, (struct instrument_options){.polyphony = 4});
    for (int i = 0; i < 4; i++) {
        sampler_note_on(instrument, 0, KEY + 2 * i, 100);
    }
    (void)take_render(instrument, 4800);
    sampler_note_off(instrument, 0, KEY + 4);
    (void)take_render(instrument, 4800);
    sampler_note_on(instrument, 0, KEY + 20, 100);
    sampler_note_on(instrument, 0, KEY + 22, 100);
    (void)take_render(instrument, 128);
    const struct take *take = take_render(instrument, RATE);
    assert_true(level_of_key(take, KEY + 4) < 1e-5);
    assert_true(level_of_key(take, KEY) < 1e-5);
    assert_true(level_of_key(take, KEY + 2) > 1e-3);
    assert_true(level_of_key(take, KEY + 6) > 1e-3);
    instrument_free(instrument);
}

static void test_a_voice_that_was_turned_down_makes_way(void **state)
{
    (void)state;
    struct instrument *instrument = layered_sampler(1, 2);
    sampler_note_on(instrument, 1, KEY, 127);
    sampler_note_on(instrument, 0, KEY + 2, 60);
    play_controller(instrument, 1, VOLUME, 20);
    (void)take_render(instrument, 4800);
    sampler_note_on(instrument, 0, KEY + 20, 60);
    (void)take_render(instrument, 128);
    const struct take *take = take_render(instrument, RATE);
    assert_true(level_of_key(take, KEY) < 1e-5);
    assert_true(level_of_key(take, KEY + 2) > 1e-3);
    instrument_free(instrument);
}

static void test_what_fades_makes_way_before_what_sounds(void **state)
{
    (void)state;
    // Silenced an instant ago, and still counted for 10 ms.
    struct instrument *instrument = layered_sampler(1, 2);
    sampler_note_on(instrument, 1, KEY, 127);
    sampler_note_on(instrument, 0, KEY + 2, 25);
    (void)take_render(instrument, 4800);
    play_controller(instrument, 1, 120, 0);
    (void)take_render(instrument, 7 * BLOCK);
    assert_int_equal(voices_of(instrument), 2);
    sampler_note_on(instrument, 0, KEY + 20, 60);
    (void)take_render(instrument, 256);
    const struct take *take = take_render(instrument, RATE);
    assert_true(level_of_key(take, KEY + 2) > 1e-4);
    instrument_free(instrument);
}

static void test_each_voice_makes_way_once(void **state)
{
    (void)state;
    // In the last blocks of a fade there is nothing left to fade.
    for (int blocks = 1; blocks < 10; blocks++) {
        for (int layers = 1; layers <= 2; layers++) {
            struct instrument *instrument = layered_sampler(layers, 16);
            for (int i = 0; i < 16 / layers; i++) {
                sampler_note_on(instrument, i == 0, 20 + i, 100);
            }
            (void)take_render(instrument, 4800);
            play_controller(instrument, 1, 120, 0);
            (void)take_render(instrument, (size_t)blocks * BLOCK);
            const int before = voices_of(instrument);
            for (int i = 0; i < 20; i++) {
                sampler_note_on(instrument, 0, 60 + i, 100);
                assert_in_range(voices_of(instrument), 1, 16);
            }
            assert_int_equal(sampler_counts(instrument).stolen, before + 20 * layers - 16);
            instrument_free(instrument);
        }
    }
}

static void test_the_oldest_of_all_groups_makes_way(void **state)
{
    (void)state;
    enum { VOICES = 40, MORE = 65, FIRST = 20 };
    struct instrument *instrument = layered_sampler(1, VOICES);
    // Those that follow take the lanes of those that went, so that the oldest are in any group.
    for (int i = 0; i < VOICES + MORE; i++) {
        sampler_note_on(instrument, 0, FIRST + i, 100);
        (void)take_render(instrument, 3 * BLOCK);
    }
    assert_int_equal(sampler_counts(instrument).stolen, MORE);
    for (int i = 0; i < VOICES + MORE; i++) {
        sampler_note_off(instrument, 0, FIRST + i);
        (void)take_render(instrument, 4800);
        assert_int_equal(voices_of(instrument), i < MORE ? VOICES : VOICES + MORE - 1 - i);
    }
    instrument_free(instrument);
}

/// Whether \p key sounds: it is released to find out.
static bool has_key(struct instrument *instrument, int key)
{
    const int before = voices_of(instrument);
    sampler_note_off(instrument, 0, key);
    (void)take_render(instrument, 4800);
    return voices_of(instrument) == before - 1;
}

static void test_who_has_decayed_since_makes_way(void **state)
{
    (void)state;
    // One voice falls by 100 dB a second, the others stand.
    static const struct setting falls[] = {{GENERATOR_KEY_RANGE, 0 | 63 << 8},
                                           {GENERATOR_SAMPLE_MODES, 1},
                                           {GENERATOR_VOL_ENV_DECAY, 0},
                                           {GENERATOR_VOL_ENV_SUSTAIN, 1000},
                                           {0}};
    static const struct setting stands[] = {{GENERATOR_KEY_RANGE, 64 | 127 << 8}, {GENERATOR_SAMPLE_MODES, 1}, {0}};
    enum { POLYPHONY = 32, FALLING = 50, LOUD = 64, SOFT = 79, LAST = 94 };
    struct instrument *instrument = zoned_sampler(falls, stands, POLYPHONY);
    // The first sixteen lanes: nothing starts or ends there any more.
    sampler_note_on(instrument, 0, FALLING, 127);
    for (int key = LOUD; key <= LAST; key++) {
        sampler_note_on(instrument, 0, key, key < SOFT ? 127 : 60);
    }
    (void)take_render(instrument, BLOCK);
    sampler_note_on(instrument, 0, LAST + 1, 127); // a soft one makes way, for which all were looked at
    (void)take_render(instrument, RATE / 4);       // by now the falling one is softer than these
    sampler_note_on(instrument, 0, LAST + 2, 127);
    (void)take_render(instrument, 4800);
    assert_int_equal(sampler_counts(instrument).stolen, 2);
    assert_false(has_key(instrument, SOFT));
    assert_true(has_key(instrument, SOFT + 1));
    assert_false(has_key(instrument, FALLING));
    instrument_free(instrument);
}

static void test_stealing_does_not_click(void **state)
{
    (void)state;
    struct instrument *instrument = steady_sampler(NULL, (struct instrument_options){.polyphony = 3});
    sampler_note_on(instrument, 0, 1, 127);
    const double level = take_render(instrument, 1000)->left[999];
    double before = level;
    for (int note = 2; note < 128; note++) {
        sampler_note_on(instrument, 0, note, 127);
        const size_t count = BLOCK * (1 + (size_t)(note * 37) % 5);
        const struct take *take = take_render(instrument, count);
        // One voice comes within a block, one goes.
        assert_true(fabs(take->left[0] - before) <= 2.1 * level / BLOCK);
        assert_true(measure_step(take->left, count) <= 2.1 * level / BLOCK);
        before = take->left[count - 1];
    }
    assert_true(sampler_counts(instrument).stolen > 100);
    assert_int_equal(sampler_counts(instrument).cut, 0);
    instrument_free(instrument);
}

static void test_counts_say_what_was_lost(void **state)
{
    (void)state;
    struct instrument *instrument = layered_sampler(3, 2);
    sampler_note_on(instrument, 0, KEY, 100);
    struct sampler_counts counts = sampler_counts(instrument);
    assert_int_equal(counts.dropped, 1); // a note's own voices do not make way for each other
    assert_int_equal(counts.stolen, 0);
    instrument_free(instrument);
    instrument = layered_sampler(1, 1);
    for (int key = 0; key < 100; key++) {
        sampler_note_on(instrument, 0, key, 100); // all at once: no room to fade out
    }
    counts = sampler_counts(instrument);
    assert_int_equal(counts.stolen, 99);
    assert_in_range(counts.cut, 1, 98);
    assert_int_equal(counts.dropped, 0);
    assert_int_equal(counts.missed, 0);
    assert_int_equal(voices_of(instrument), 1);
    (void)take_render(instrument, 2 * BLOCK);
    assert_int_equal(voices_of(instrument), 1);
    instrument_free(instrument);
}

static void test_a_note_is_256_voices_at_most(void **state)
{
    (void)state;
    struct instrument *instrument = layered_sampler(300, 4096);
    sampler_note_on(instrument, 0, KEY, 100);
    assert_int_equal(voices_of(instrument), 256);
    assert_int_equal(sampler_counts(instrument).dropped, 1);
    instrument_free(instrument);
}

/// The zones of a drum set's hi-hats: two voices a note, all of one class.
static void test_a_note_s_own_voices_do_not_exclude_each_other(void **state)
{
    (void)state;
    static const struct setting classed[] = {{GENERATOR_SAMPLE_MODES, 1}, {GENERATOR_EXCLUSIVE_CLASS, 3}, {0}};
    struct instrument *instrument = zoned_sampler(classed, classed, 3);
    for (int key = KEY; key < KEY + 4; key++) {
        sampler_note_on(instrument, 0, key, 100);
        (void)take_render(instrument, 4800);
        assert_int_equal(voices_of(instrument), 2);
        assert_true(level_of_key(take_render(instrument, 4800), key) > 1e-3);
    }
    instrument_free(instrument);
}

static void test_a_note_of_no_length_is_heard(void **state)
{
    (void)state;
    struct instrument *instrument = steady_sampler(NULL, (struct instrument_options){0});
    sampler_note_on(instrument, 0, KEY, 127);
    const double level = take_render(instrument, 1000)->left[999];
    sampler_note_off(instrument, 0, KEY);
    (void)take_render(instrument, RATE);
    sampler_note_on(instrument, 0, KEY, 127);
    sampler_note_off(instrument, 0, KEY);
    const struct take *take = take_render(instrument, RATE);
    assert_in_range(measure_end(take->left, take->count, level * 0.9999), RATE / 100 - BLOCK, RATE / 100 + BLOCK);
    assert_int_equal(voices_of(instrument), 0);
    instrument_free(instrument);
}

static void test_a_short_note_is_held_by_a_pedal_that_comes_later(void **state)
{
    (void)state;
    struct instrument *instrument = layered_sampler(1, 4);
    sampler_note_on(instrument, 0, KEY, 127);
    sampler_note_off(instrument, 0, KEY);
    play_controller(instrument, 0, SUSTAIN, 127);
    (void)take_render(instrument, RATE);
    assert_int_equal(voices_of(instrument), 1);
    play_controller(instrument, 0, SUSTAIN, 0);
    (void)take_render(instrument, 4800);
    assert_int_equal(voices_of(instrument), 0);
    instrument_free(instrument);
}

static void test_a_key_struck_again_ends_what_no_pedal_holds(void **state)
{
    (void)state;
    for (int pedal = 0; pedal <= 1; pedal++) {
        struct instrument *instrument = layered_sampler(2, 16);
        play_controller(instrument, 0, SUSTAIN, pedal * 127);
        sampler_note_on(instrument, 0, KEY, 127);
        sampler_note_on(instrument, 1, KEY, 127);
        (void)take_render(instrument, 4800);
        sampler_note_on(instrument, 0, KEY, 127);
        (void)take_render(instrument, 4800);
        assert_int_equal(voices_of(instrument), pedal ? 6 : 4);
        sampler_note_off(instrument, 0, KEY);
        (void)take_render(instrument, 4800);
        assert_int_equal(voices_of(instrument), pedal ? 6 : 2);
        instrument_free(instrument);
    }
}

static void test_a_release_for_nothing_is_nothing(void **state)
{
    (void)state;
    struct instrument *instrument = layered_sampler(1, 4);
    sampler_note_on(instrument, 0, KEY, 127);
    sampler_note_off(instrument, 0, KEY + 1);
    sampler_note_off(instrument, 1, KEY);
    (void)take_render(instrument, 4800);
    assert_int_equal(voices_of(instrument), 1);
    instrument_free(instrument);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_are_never_more_voices_than_asked_for),
        cmocka_unit_test(test_the_default_polyphony_is_32),
        cmocka_unit_test(test_the_voice_that_is_heard_least_makes_way),
        cmocka_unit_test(test_a_released_voice_goes_first_and_then_the_oldest),
        cmocka_unit_test(test_a_voice_that_was_turned_down_makes_way),
        cmocka_unit_test(test_what_fades_makes_way_before_what_sounds),
        cmocka_unit_test(test_each_voice_makes_way_once),
        cmocka_unit_test(test_the_oldest_of_all_groups_makes_way),
        cmocka_unit_test(test_who_has_decayed_since_makes_way),
        cmocka_unit_test(test_stealing_does_not_click),
        cmocka_unit_test(test_counts_say_what_was_lost),
        cmocka_unit_test(test_a_note_is_256_voices_at_most),
        cmocka_unit_test(test_a_note_s_own_voices_do_not_exclude_each_other),
        cmocka_unit_test(test_a_note_of_no_length_is_heard),
        cmocka_unit_test(test_a_short_note_is_held_by_a_pedal_that_comes_later),
        cmocka_unit_test(test_a_key_struck_again_ends_what_no_pedal_holds),
        cmocka_unit_test(test_a_release_for_nothing_is_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
