// SPDX-License-Identifier: GPL-3.0-or-later
#include "synth/fluid.h"

#include "core/random.h"
#include "sound.h"
#include "synth/soundfont.h"

#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static struct sound sound;
static struct sound other;

enum { TRUMPET = 59 }; // muted and steady; of FluidR3's, a sample in tune

static void need_soundfont(void)
{
    sound.count = 0;
    other.count = 0;
    if (!sound_available()) {
        skip();
    }
}

/// The period of what sounds from \p from on, in frames: where the signal best equals itself, between the frames too.
static double period(const float *samples, double expected)
{
    enum { WINDOW = SOUND_RATE };
    const size_t low = (size_t)(expected * 0.97);
    const size_t high = (size_t)(expected * 1.03) + 1;
    assert_true(high + 2 < 4096);
    double best = -1;
    size_t at = 0;
    static double sums[4096];
    for (size_t lag = low - 1; lag <= high + 1; lag++) {
        double sum = 0;
        for (size_t i = 0; i < WINDOW; i++) {
            sum += (double)samples[i] * samples[i + lag];
        }
        sums[lag] = sum;
        if (sum > best && lag >= low && lag <= high) {
            best = sum;
            at = lag;
        }
    }
    const double before = sums[at - 1];
    const double after = sums[at + 1];
    return (double)at + 0.5 * (before - after) / (before - 2 * best + after);
}

/// How far A4 is from 440 Hz with the pitch wheel at \p bend, in cents.
static double cents_of_a4(double rate, int bend)
{
    struct instrument *instrument = sound_instrument(&(struct instrument_options){.rate = rate, .dry = 1});
    sound.count = 0;
    instrument_program(instrument, 0, TRUMPET);
    instrument_message(instrument, 0xe0, 0, bend & 127, bend >> 7);
    instrument_note_on(instrument, 0, 69, 80);
    sound_render(&sound, instrument, 3 * (size_t)SOUND_RATE, 512);
    instrument_free(instrument);
    // Over 20 periods a small error of the lag is a small error of the pitch.
    const double length = 20 * rate / (440 * exp2((bend - 8192) / 8192.0 / 6));
    return 1200 * log2(20 * rate / 440 / period(sound.left + SOUND_RATE, length));
}

static void test_a4_is_440(void **state)
{
    (void)state;
    need_soundfont();
    assert_true(fabs(cents_of_a4(48000, 8192)) < 1);
    assert_true(fabs(cents_of_a4(44100, 8192)) < 1);
}

static void test_a_bend_moves_the_pitch(void **state)
{
    (void)state;
    need_soundfont();
    assert_true(fabs(cents_of_a4(48000, 12288) - 100) < 1.5);
    assert_true(fabs(cents_of_a4(48000, 0) + 200) < 1.5);
}

static void test_silence_before_and_after(void **state)
{
    (void)state;
    need_soundfont();
    struct instrument *instrument = sound_instrument(&(struct instrument_options){0});
    assert_int_equal(strncmp(instrument->name, "fluidsynth 2.", 13), 0);
    sound_render(&sound, instrument, SOUND_RATE, 480);
    assert_true(sound_peak(&sound, 0, SOUND_RATE) < 1e-6);
    for (int key = 60; key < 64; key++) {
        instrument_note_on(instrument, 0, key, 100);
    }
    sound_render(&sound, instrument, SOUND_RATE, 480);
    assert_true(sound_peak(&sound, SOUND_RATE, sound.count) > 0.01);
    assert_true(instrument_voices(instrument) >= 4);
    for (int key = 60; key < 64; key++) {
        instrument_note_off(instrument, 0, key);
        instrument_note_off(instrument, 0, key); // a second one is nothing
    }
    sound_render(&sound, instrument, 12 * (size_t)SOUND_RATE, 480);
    assert_int_equal(instrument_voices(instrument), 0);
    assert_true(sound_peak(&sound, sound.count - SOUND_RATE, sound.count) < 1e-6);
    instrument_free(instrument);
}

/// Some seconds of notes, programs and controllers, with blocks between them as \p block says.
static void perform(struct instrument *instrument, struct sound *out, size_t block)
{
    struct random random;
    random_init(&random, 8, 0);
    out->count = 0;
    for (int i = 0; i < 150; i++) {
        const int channel = (int)random_below(&random, 16);
        const int value = (int)random_below(&random, 128);
        const int key = 30 + (int)random_below(&random, 60);
        if (i % 3 == 0) {
            instrument_program(instrument, channel, value);
        }
        instrument_note_on(instrument, channel, key, 1 + value % 127);
        instrument_controller(instrument, (int)random_below(&random, 16), i % 2 ? 7 : 10, value);
        instrument_note_off(instrument, channel, key - 12);
        sound_render(out, instrument, random_below(&random, 2000), block);
    }
}

static void test_the_same_calls_give_the_same_samples(void **state)
{
    (void)state;
    need_soundfont();
    static const size_t blocks[] = {4096, 480, 65, 64, 63, 1};
    struct instrument *first = sound_instrument(&(struct instrument_options){0});
    perform(first, &sound, 4096);
    instrument_free(first);
    assert_true(sound_peak(&sound, 0, sound.count) > 0.01);
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
        struct instrument *again = sound_instrument(&(struct instrument_options){0});
        perform(again, &other, blocks[i]);
        instrument_free(again);
        assert_int_equal(other.count, sound.count);
        assert_memory_equal(other.left, sound.left, sound.count * sizeof *sound.left);
        assert_memory_equal(other.right, sound.right, sound.count * sizeof *sound.right);
    }
}

static size_t first_sound(void)
{
    size_t i = 0;
    while (i < sound.count && fabsf(sound.left[i]) + fabsf(sound.right[i]) < 1e-7F) {
        i++;
    }
    return i;
}

/// What fluid.h says about the frames on which calls take effect.
static void test_calls_take_effect_on_the_next_64(void **state)
{
    (void)state;
    need_soundfont();
    static const size_t at[] = {0, 1, 63, 64, 65, 100, 127, 128};
    size_t attack = 0;
    for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
        struct instrument *instrument = sound_instrument(&(struct instrument_options){.dry = 1});
        sound.count = 0;
        sound_render(&sound, instrument, at[i], 7);
        instrument_note_on(instrument, 0, 60, 127);
        sound_render(&sound, instrument, 4096, 4096);
        instrument_free(instrument);
        attack = i == 0 ? first_sound() : attack;
        assert_int_equal(first_sound(), (at[i] + 63) / 64 * 64 + attack);
    }
}

static void test_polyphony_is_kept(void **state)
{
    (void)state;
    need_soundfont();
    static const int limits[] = {0, 1, 8, 200};
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        struct instrument *instrument = sound_instrument(&(struct instrument_options){.polyphony = limits[i]});
        const int limit = limits[i] > 0 ? limits[i] : 32;
        int most = 0;
        sound.count = 0;
        for (int key = 0; key < 128; key++) {
            instrument_note_on(instrument, 0, key, 100);
            instrument_note_on(instrument, 1, key, 100);
            sound_render(&sound, instrument, 100, 64);
            const int voices = instrument_voices(instrument);
            assert_true(voices <= limit);
            most = voices > most ? voices : most;
        }
        assert_true(most == limit);
        instrument_free(instrument);
    }
}

static double loudness_of(struct instrument *instrument)
{
    sound.count = 0;
    instrument_note_on(instrument, 0, 60, 100);
    sound_render(&sound, instrument, SOUND_RATE, 480);
    instrument_free(instrument);
    return sound_rms(&sound, 0, sound.count);
}

static void test_gain_is_linear(void **state)
{
    (void)state;
    need_soundfont();
    const double usual = loudness_of(sound_instrument(&(struct instrument_options){.dry = 1}));
    const double same = loudness_of(sound_instrument(&(struct instrument_options){.dry = 1, .gain = 0.2}));
    const double twice = loudness_of(sound_instrument(&(struct instrument_options){.dry = 1, .gain = 0.4}));
    assert_true(usual == same);
    assert_true(fabs(twice / usual - 2) < 1e-3);
}

/// A second of a high note, which every interpolation reads differently.
static void play_high(struct instrument *instrument, struct sound *out)
{
    out->count = 0;
    instrument_note_on(instrument, 0, 100, 100);
    instrument_note_on(instrument, 9, 36, 100);
    sound_render(out, instrument, SOUND_RATE, 480);
}

static bool same_sound(void)
{
    return memcmp(sound.left, other.left, sound.count * sizeof *sound.left) == 0 &&
           memcmp(sound.right, other.right, sound.count * sizeof *sound.right) == 0;
}

static double difference(void)
{
    double worst = 0;
    for (size_t i = 0; i < sound.count; i++) {
        worst = fmax(worst, fabs((double)sound.left[i] - (double)other.left[i]));
    }
    return worst;
}

/// But for what FluidSynth's voices keep from the notes before.
static void test_a_reset_is_a_start(void **state)
{
    (void)state;
    need_soundfont();
    const struct instrument_options options = {.dry = 1, .interpolation = INSTRUMENT_SINC};
    struct instrument *fresh = sound_instrument(&options);
    play_high(fresh, &other);
    instrument_free(fresh);
    for (int i = 0; i < MIDI_RESETS; i++) {
        struct instrument *instrument = sound_instrument(&options);
        sound.count = 0;
        instrument_program(instrument, 0, TRUMPET);
        instrument_controller(instrument, 0, 7, 20);
        instrument_message(instrument, 0xe0, 0, 0, 0);
        instrument_note_on(instrument, 0, 60, 100);
        sound_render(&sound, instrument, 6400, 64);
        assert_true(instrument_voices(instrument) > 0);
        instrument_reset(instrument, (enum midi_reset)i);
        assert_int_equal(instrument_voices(instrument), 0);
        play_high(instrument, &sound);
        instrument_free(instrument);
        assert_true(difference() < 0.02 * sound_peak(&other, 0, other.count));
    }
}

static void test_a_wet_mix_stays_wet_after_a_reset(void **state)
{
    (void)state;
    need_soundfont();
    struct instrument *instrument = sound_instrument(&(struct instrument_options){.wet = 0.2});
    play_high(instrument, &other);
    instrument_controller(instrument, 0, 91, 0);
    instrument_reset(instrument, MIDI_RESET_GM);
    sound.count = 0;
    sound_render(&sound, instrument, 6 * (size_t)SOUND_RATE, 480);
    play_high(instrument, &sound);
    instrument_free(instrument);
    const double before = sound_rms(&other, 0, other.count);
    assert_true(fabs(sound_rms(&sound, 0, sound.count) / before - 1) < 0.01);
}

static void test_interpolations_differ(void **state)
{
    (void)state;
    need_soundfont();
    static const enum instrument_interpolation kinds[] = {INSTRUMENT_CUBIC, INSTRUMENT_LINEAR, INSTRUMENT_SINC};
    for (size_t i = 0; i < 3; i++) {
        struct instrument *one = sound_instrument(&(struct instrument_options){.interpolation = kinds[i]});
        play_high(one, &sound);
        instrument_free(one);
        struct instrument *two = sound_instrument(&(struct instrument_options){.interpolation = kinds[(i + 1) % 3]});
        play_high(two, &other);
        instrument_free(two);
        assert_false(same_sound());
    }
}

/// Without a wet mix, controllers 91 and 93 mean what they say.
static void test_sends_are_heeded(void **state)
{
    (void)state;
    need_soundfont();
    static const int controllers[] = {91, 93};
    for (size_t i = 0; i < 2; i++) {
        double tails[2];
        for (int full = 0; full < 2; full++) {
            struct instrument *instrument = sound_instrument(&(struct instrument_options){0});
            sound.count = 0;
            instrument_controller(instrument, 9, controllers[i], full ? 127 : 0);
            instrument_note_on(instrument, 9, 75, 127); // claves
            sound_render(&sound, instrument, SOUND_RATE, 480);
            tails[full] = sound_rms(&sound, 0, SOUND_RATE);
            instrument_free(instrument);
        }
        assert_true(tails[1] > tails[0]);
    }
}

static void test_no_frames_are_no_frames(void **state)
{
    (void)state;
    need_soundfont();
    struct instrument *instrument = sound_instrument(&(struct instrument_options){0});
    instrument_render(instrument, NULL, NULL, 0);
    float left[2] = {5, 5};
    float right[2] = {5, 5};
    instrument_render(instrument, left, right, 1);
    assert_true(left[0] != 5 && right[0] != 5 && left[1] == 5 && right[1] == 5);
    instrument_free(instrument);
}

// Bad options and bad files.

static void expect(const struct instrument_options *options, enum status status, const char *word)
{
    sound_refuse(fluid_new, options, status, word);
}

static void test_the_rate_has_a_limit_of_its_own(void **state)
{
    (void)state;
    expect(&(struct instrument_options){.rate = 192000}, STATUS_UNSUPPORTED, "96000");
}

static char folder[] = "/tmp/test_fluid_XXXXXX";
static char path[64];

static int start(void **state)
{
    return mkdtemp(folder) ? sound_keep(state) : -1;
}

static int stop(void **state)
{
    (void)sound_drop(state);
    return rmdir(folder);
}

static void expect_file(const void *bytes, size_t size, enum status status, const char *word)
{
    (void)snprintf(path, sizeof path, "%s/broken.sf2", folder);
    sound_refuse_file(fluid_new, path, bytes, size, status, word);
}

/// The complaint speaks, FluidSynth itself does not: standard error belongs to the log.
static void test_nothing_is_printed(void **state)
{
    (void)state;
    (void)snprintf(path, sizeof path, "%s/stderr", folder);
    const int kept = dup(STDERR_FILENO);
    const int caught = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    assert_true(kept >= 0 && caught >= 0);
    char kept_path[64];
    memcpy(kept_path, path, sizeof path);
    assert_int_equal(dup2(caught, STDERR_FILENO), STDERR_FILENO);
    expect_file("RIFF\x04\0\0\0sfbk", 12, STATUS_CORRUPT, "damaged");
    if (access(soundfont_find(), R_OK) == 0) {
        struct instrument *instrument = sound_instrument(&(struct instrument_options){.polyphony = 2});
        sound.count = 0;
        perform(instrument, &sound, 64);
        instrument_free(instrument);
    }
    assert_int_equal(dup2(kept, STDERR_FILENO), STDERR_FILENO);
    const off_t printed = lseek(caught, 0, SEEK_END);
    (void)close(kept);
    (void)close(caught);
    assert_int_equal(unlink(kept_path), 0);
    assert_int_equal(printed, 0);
}

static void *perform_alone(void *argument)
{
    struct instrument *instrument = NULL;
    if (fluid_new(&(struct instrument_options){0}, &instrument, NULL) == STATUS_OK) {
        perform(instrument, argument, 480);
        instrument_free(instrument);
    }
    return NULL;
}

static void test_threads_have_instruments_of_their_own(void **state)
{
    (void)state;
    need_soundfont();
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, perform_alone, &other), 0);
    (void)perform_alone(&sound);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_true(sound.count > 0 && sound.count == other.count);
    assert_memory_equal(other.left, sound.left, sound.count * sizeof *sound.left);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a4_is_440),
        cmocka_unit_test(test_a_bend_moves_the_pitch),
        cmocka_unit_test(test_silence_before_and_after),
        cmocka_unit_test(test_the_same_calls_give_the_same_samples),
        cmocka_unit_test(test_calls_take_effect_on_the_next_64),
        cmocka_unit_test(test_polyphony_is_kept),
        cmocka_unit_test(test_gain_is_linear),
        cmocka_unit_test(test_a_reset_is_a_start),
        cmocka_unit_test(test_a_wet_mix_stays_wet_after_a_reset),
        cmocka_unit_test(test_interpolations_differ),
        cmocka_unit_test(test_sends_are_heeded),
        cmocka_unit_test(test_no_frames_are_no_frames),
        cmocka_unit_test(test_the_rate_has_a_limit_of_its_own),
        cmocka_unit_test(test_nothing_is_printed),
        cmocka_unit_test(test_threads_have_instruments_of_their_own),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
