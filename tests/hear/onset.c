// SPDX-License-Identifier: GPL-3.0-or-later
#include "hear/onset.h"

#include "hear/intake.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static struct onset *onset_made(double rate)
{
    struct onset *onset = NULL;
    assert_int_equal(onset_new(rate, &onset, NULL), STATUS_OK);
    return onset;
}

static const double RATES[] = {8000.0, 11025.0, 22050.0, 44100.0, 48000.0, 79999.0};
enum { RATE_COUNT = sizeof RATES / sizeof RATES[0], EVENTS = 64 };

/// What was told of a sound.
struct told {
    size_t count;
    struct onset_event events[EVENTS];
    double emitted[EVENTS]; ///< frames
};

/// A sound to listen to.
struct sound {
    double rate;
    size_t count;
    float *frames;
};

static struct sound sound_make(double rate, double seconds)
{
    const struct sound sound = {
        .rate = rate, .count = (size_t)(rate * seconds), .frames = calloc((size_t)(rate * seconds), sizeof(float))};
    assert_non_null(sound.frames);
    return sound;
}

static uint32_t random_next(uint32_t *state)
{
    *state = *state * 1664525U + 1013904223U;
    return *state;
}

static void add_noise(struct sound *sound, double amplitude)
{
    uint32_t state = 1;
    for (size_t k = 0; k < sound->count; k++) {
        sound->frames[k] += (float)(amplitude * (random_next(&state) / 2147483648.0 - 1.0));
    }
}

// A hi-hat's burst of noise without what is low, or a drum whose pitch falls to 55 Hz.
static void add_drum(struct sound *sound, double at, double amplitude, bool high)
{
    uint32_t state = 77;
    double last = 0.0;
    double phase = 0.0;
    for (size_t k = (size_t)ceil(at * sound->rate); k < sound->count; k++) {
        const double age = (double)k / sound->rate - at;
        const double noise = random_next(&state) / 2147483648.0 - 1.0;
        phase += 2.0 * M_PI * (55.0 + 120.0 * exp(-age / 0.02)) / sound->rate;
        const double value = high ? (noise - last) * exp(-age / 0.03)
                                  : (sin(phase) + 0.1 * noise * exp(-age / 0.004)) * exp(-age / 0.12);
        last = noise;
        sound->frames[k] += (float)(amplitude * value);
    }
}

// A string that is struck and dies away, its higher harmonics sooner.
static void add_string(struct sound *sound, double at, double amplitude, double frequency)
{
    for (size_t k = (size_t)ceil(at * sound->rate); k < sound->count; k++) {
        const double age = (double)k / sound->rate - at;
        double value = 0.0;
        for (int n = 1; n < 12 && n * frequency < 0.45 * sound->rate; n++) {
            value += sin(2.0 * M_PI * n * frequency * age) / n * exp(-age * (0.8 + 0.5 * n));
        }
        sound->frames[k] += (float)(amplitude * value * fmin(1.0, age / 0.003));
    }
}

static struct told listen(const struct sound *sound, size_t block)
{
    struct told told = {.count = 0};
    struct onset *onset = onset_made(sound->rate);
    assert_non_null(onset);
    for (size_t k = 0, some = 0; k < sound->count; k += some) {
        some = block < sound->count - k ? block : sound->count - k;
        struct onset_event event;
        if (onset_push(onset, sound->frames + k, some, &event)) {
            assert_true(told.count < EVENTS);
            assert_true(event.frame >= 0.0 && event.frame <= (double)(k + some));
            assert_true(event.strength >= 0.0 && event.strength <= 1.0);
            assert_true(event.band < ONSET_BANDS);
            told.emitted[told.count] = (double)(k + some);
            told.events[told.count++] = event;
        }
        assert_true(onset_activation(onset) >= 0.0 && onset_activation(onset) <= 1.0);
    }
    onset_free(onset);
    return told;
}

// Exactly the onsets at \p times, each 10 ms from its time at most and told within 25 ms of it.
static void expect(const struct told *told, const struct sound *sound, const double *times, size_t count)
{
    assert_int_equal(told->count, count);
    for (size_t i = 0; i < count; i++) {
        assert_true(fabs(told->events[i].frame / sound->rate - times[i]) < 0.015);
        assert_true(told->emitted[i] / sound->rate - times[i] < 0.025);
    }
}

static const double TIMES[] = {0.3, 0.55, 0.8, 0.92, 1.2, 1.5};
enum { TIME_COUNT = sizeof TIMES / sizeof TIMES[0] };

static struct sound make_drums(double rate, double amplitude)
{
    struct sound sound = sound_make(rate, 1.8);
    for (size_t i = 0; i < TIME_COUNT; i++) {
        add_drum(&sound, TIMES[i], amplitude, i % 2 == 1);
    }
    return sound;
}

static void tells_drums_when_they_begin_and_how_high(void **state)
{
    (void)state;
    for (size_t i = 0; i < RATE_COUNT; i++) {
        struct sound sound = make_drums(RATES[i], 0.4);
        const struct told told = listen(&sound, 16);
        expect(&told, &sound, TIMES, TIME_COUNT);
        for (size_t k = 0; k < TIME_COUNT && RATES[i] > 20000.0; k++) {
            assert_true((told.events[k].band == ONSET_HIGH) == (k % 2 == 1));
        }
        free(sound.frames);
    }
}

static void the_level_does_not_matter(void **state)
{
    (void)state;
    static const double amplitudes[] = {0.01, 0.03, 0.1, 0.9, 30.0};
    for (size_t i = 0; i < sizeof amplitudes / sizeof amplitudes[0]; i++) {
        struct sound sound = make_drums(48000.0, amplitudes[i]);
        add_noise(&sound, amplitudes[i] * 1e-3);
        const struct told told = listen(&sound, 16);
        // The noise itself begins.
        const size_t first = told.count - TIME_COUNT;
        assert_true(told.count == TIME_COUNT || told.count == TIME_COUNT + 1);
        for (size_t k = 0; k < TIME_COUNT; k++) {
            assert_true(fabs(told.events[first + k].frame / 48000.0 - TIMES[k]) < 0.015);
        }
        free(sound.frames);
    }
}

static void tells_strings_and_that_they_have_a_pitch(void **state)
{
    (void)state;
    for (size_t i = 0; i < RATE_COUNT; i++) {
        static const double frequencies[TIME_COUNT] = {220.0, 262.0, 330.0, 440.0, 196.0, 294.0};
        struct sound sound = sound_make(RATES[i], 1.8);
        for (size_t k = 0; k < TIME_COUNT; k++) {
            add_string(&sound, TIMES[k], 0.1, frequencies[k]);
        }
        const struct told told = listen(&sound, 16);
        assert_int_equal(told.count, TIME_COUNT);
        size_t pitched = 0;
        for (size_t k = 0; k < TIME_COUNT; k++) {
            assert_true(fabs(told.events[k].frame / RATES[i] - TIMES[k]) < 0.025);
            pitched += told.events[k].pitched;
        }
        assert_true(pitched >= TIME_COUNT / 2);
        free(sound.frames);
    }
}

static void a_chord_that_dies_away_is_one_onset(void **state)
{
    (void)state;
    struct sound sound = sound_make(48000.0, 5.0);
    static const double frequencies[] = {130.8, 164.8, 196.0, 261.6, 329.6};
    for (size_t k = 0; k < 5; k++) {
        add_string(&sound, 0.5, 0.1, frequencies[k]);
    }
    const struct told told = listen(&sound, 16);
    expect(&told, &sound, (const double[]){0.5}, 1);
    free(sound.frames);
}

static void vibrato_is_one_onset(void **state)
{
    (void)state;
    struct sound sound = sound_make(48000.0, 4.0);
    double phase = 0.0;
    for (size_t k = 24000; k < sound.count; k++) {
        const double age = (double)(k - 24000) / 48000.0;
        phase += 2.0 * M_PI * 440.0 * exp2(0.5 / 12.0 * sin(2.0 * M_PI * 5.5 * age)) / 48000.0;
        for (int n = 1; n < 8; n++) {
            sound.frames[k] += (float)(0.1 * fmin(1.0, age / 0.02) * sin(n * phase) / n);
        }
    }
    const struct told told = listen(&sound, 16);
    assert_int_equal(told.count, 1);
    assert_true(fabs(told.events[0].frame / 48000.0 - 0.5) < 0.03);
    free(sound.frames);
}

static void silence_and_dc_and_a_steady_noise_have_no_onset_but_their_first(void **state)
{
    (void)state;
    for (size_t i = 0; i < RATE_COUNT; i++) {
        struct sound sound = sound_make(RATES[i], 3.0);
        assert_int_equal(listen(&sound, 16).count, 0);
        for (size_t k = sound.count / 2; k < sound.count; k++) {
            sound.frames[k] = 0.5F;
        }
        assert_true(listen(&sound, 16).count <= 1);
        for (size_t k = 0; k < sound.count; k++) {
            sound.frames[k] = 0.0F;
        }
        add_noise(&sound, 1.0);
        const struct told told = listen(&sound, 16);
        assert_true(told.count <= 2);
        free(sound.frames);
    }
}

static void a_click_is_an_onset(void **state)
{
    (void)state;
    struct sound sound = sound_make(48000.0, 1.0);
    sound.frames[24000] = 0.9F;
    const struct told told = listen(&sound, 16);
    expect(&told, &sound, (const double[]){0.5}, 1);
    free(sound.frames);
}

static void what_is_no_number_is_soon_forgotten(void **state)
{
    (void)state;
    struct sound sound = sound_make(48000.0, 1.0);
    for (size_t k = 2000; k < 2100; k++) {
        sound.frames[k] = k % 2 ? NAN : INFINITY;
    }
    add_drum(&sound, 0.6, 0.4, false);
    struct onset *onset = onset_made(sound.rate);
    size_t count = 0;
    for (size_t k = 0; k + 16 <= sound.count; k += 16) {
        struct onset_event event;
        if (onset_push(onset, sound.frames + k, 16, &event) && k > 24000) {
            assert_true(fabs(event.frame / sound.rate - 0.6) < 0.015);
            count++;
        }
    }
    assert_int_equal(count, 1);
    onset_free(onset);
    free(sound.frames);
}

static void does_not_care_how_pushes_are_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < RATE_COUNT; i++) {
        struct sound sound = make_drums(RATES[i], 0.4);
        const struct told fine = listen(&sound, 1);
        const struct told coarse = listen(&sound, INTAKE_BLOCK);
        assert_int_equal(fine.count, coarse.count);
        for (size_t k = 0; k < fine.count; k++) {
            assert_true(fine.events[k].frame == coarse.events[k].frame);
            assert_true(fine.events[k].strength == coarse.events[k].strength);
            assert_true(k == 0 || fine.emitted[k] - fine.emitted[k - 1] >= fmax(INTAKE_BLOCK, 0.03 * RATES[i]));
        }
        free(sound.frames);
    }
}

static void refuses_a_rate_that_cannot_be(void **state)
{
    (void)state;
    static const double rates[] = {0.0, 7999.0, 96000.0, NAN};
    struct onset *none = NULL;
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        assert_int_equal(onset_new(rates[i], &none, NULL), STATUS_RANGE);
        assert_null(none);
    }
    onset_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_drums_when_they_begin_and_how_high),
        cmocka_unit_test(the_level_does_not_matter),
        cmocka_unit_test(tells_strings_and_that_they_have_a_pitch),
        cmocka_unit_test(a_chord_that_dies_away_is_one_onset),
        cmocka_unit_test(vibrato_is_one_onset),
        cmocka_unit_test(silence_and_dc_and_a_steady_noise_have_no_onset_but_their_first),
        cmocka_unit_test(a_click_is_an_onset),
        cmocka_unit_test(what_is_no_number_is_soon_forgotten),
        cmocka_unit_test(does_not_care_how_pushes_are_cut),
        cmocka_unit_test(refuses_a_rate_that_cannot_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
