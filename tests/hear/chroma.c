// SPDX-License-Identifier: GPL-3.0-or-later
#include "hear/chroma.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double rates[] = {8000.0, 11025.0, 12000.0, 16000.0, 20999.0};

/// A note with four overtones, \p count frames long.
static void add_note(float *frames, size_t count, double rate, double pitch, float gain)
{
    const double hz = 440.0 * exp2((pitch - 69.0) / 12.0);
    for (int partial = 1; partial <= 4; partial++) {
        for (size_t i = 0; i < count && hz * partial < rate / 2.0; i++) {
            frames[i] += gain / (float)partial * (float)sin(2.0 * M_PI * hz * partial * (double)i / rate);
        }
    }
}

/// Pushes in pieces of \p piece and returns the last step.
static struct chroma_frame push_all(struct chroma *chroma, const float *frames, size_t count, size_t piece)
{
    while (count) {
        bool made = false;
        const size_t used = chroma_push(chroma, frames, piece < count ? piece : count, &made);
        frames += used;
        count -= used;
    }
    return *chroma_latest(chroma);
}

static int strongest_of(const float *strengths, int count)
{
    int best = 0;
    for (int i = 1; i < count; i++) {
        best = strengths[i] > strengths[best] ? i : best;
    }
    return best;
}

static void refuses_rates_that_an_intake_does_not_give(void **state)
{
    (void)state;
    static const double wrong[] = {0.0, -12000.0, 4000.0, 48000.0, NAN, INFINITY};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_null(chroma_new(wrong[i]));
    }
    chroma_free(NULL);
}

static void hears_each_note_in_its_view_at_every_rate(void **state)
{
    (void)state;
    for (size_t r = 0; r < sizeof rates / sizeof *rates; r++) {
        for (int note = 33; note < 93; note += 11) {
            const size_t count = (size_t)(rates[r] * 0.7);
            float *frames = calloc(count, sizeof *frames);
            struct chroma *chroma = chroma_new(rates[r]);
            add_note(frames, count, rates[r], note, 0.2F);
            const struct chroma_frame frame = push_all(chroma, frames, count, 64);
            const int view = note < 52 ? 0 : note < 70 ? 1 : 2;
            assert_int_equal(strongest_of(frame.views[view], CHROMA_SEMITONES) + chroma_lowest[view], note);
            assert_true(frame.level > 0.9F);
            chroma_free(chroma);
            free(frames);
        }
    }
}

static void tells_all_notes_of_a_chord_from_those_between(void **state)
{
    (void)state;
    static const int chord[] = {48, 64, 67, 72};
    const size_t count = 12000;
    float *frames = calloc(count, sizeof *frames);
    for (int i = 0; i < 4; i++) {
        add_note(frames, count, 12000.0, chord[i], 0.1F);
    }
    struct chroma *chroma = chroma_new(12000.0);
    const struct chroma_frame frame = push_all(chroma, frames, count, 4);
    float treble[12];
    float bass[12];
    chroma_fold(&frame, treble, bass);
    const float least = fminf(treble[0], fminf(treble[4], treble[7]));
    for (int i = 0; i < 12; i++) {
        // The overtones of E and G are B and D.
        if (i != 0 && i != 4 && i != 7 && i != 11 && i != 2) {
            assert_true(treble[i] < least * 0.5F);
        }
    }
    assert_int_equal(strongest_of(frame.views[0], 12 + 12) + chroma_lowest[0], 48);
    chroma_free(chroma);
    free(frames);
}

static void does_not_depend_on_how_the_frames_are_cut(void **state)
{
    (void)state;
    const size_t count = 8000;
    float *frames = calloc(count, sizeof *frames);
    add_note(frames, count, 11025.0, 45.2, 0.3F);
    add_note(frames, count, 11025.0, 71.2, 0.3F);
    struct chroma *whole = chroma_new(11025.0);
    const struct chroma_frame expected = push_all(whole, frames, count, count);
    static const size_t pieces[] = {1, 3, 4, 97, 256};
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        struct chroma *chroma = chroma_new(11025.0);
        const struct chroma_frame frame = push_all(chroma, frames, count, pieces[i]);
        assert_memory_equal(frame.views, expected.views, sizeof frame.views);
        assert_true(frame.frame == expected.frame);
        chroma_free(chroma);
    }
    chroma_free(whole);
    free(frames);
}

static void follows_the_performers_tuning(void **state)
{
    (void)state;
    const size_t count = 36000;
    float *frames = calloc(count, sizeof *frames);
    static const double notes[] = {57.3, 61.3, 64.3, 69.3};
    for (int i = 0; i < 4; i++) {
        add_note(frames, count, 12000.0, notes[i], 0.1F);
    }
    struct chroma *chroma = chroma_new(12000.0);
    (void)push_all(chroma, frames, count, 128);
    assert_true(fabs(tuning_semitones(chroma_tuning(chroma)) - 0.3) < 0.05);
    assert_true(tuning_confidence(chroma_tuning(chroma)) > 0.5);
    chroma_free(chroma);
    free(frames);
}

static void a_hum_in_a_rest_leaves_the_tuning_alone(void **state)
{
    (void)state;
    static const double rate = 8000.0;
    const size_t count = 48000;
    float *frames = calloc(count, sizeof *frames);
    add_note(frames, count, rate, 57.2, 0.1F);
    add_note(frames, count, rate, 61.2, 0.1F);
    struct chroma *chroma = chroma_new(rate);
    (void)push_all(chroma, frames, count, 128);
    const double before = tuning_semitones(chroma_tuning(chroma));
    // The fourth harmonic of a mains hum of 60 Hz, 44 dB below the notes, for half a minute.
    memset(frames, 0, count * sizeof *frames);
    add_note(frames, count, rate, 58.51, 0.0006F);
    for (int i = 0; i < 5; i++) {
        (void)push_all(chroma, frames, count, 128);
    }
    assert_true(fabs(before - 0.2) < 0.05);
    assert_true(fabs(tuning_semitones(chroma_tuning(chroma)) - before) < 0.01);
    chroma_free(chroma);
    free(frames);
}

static void a_glitch_is_soon_forgotten(void **state)
{
    (void)state;
    static const double rate = 8000.0;
    const size_t count = 48000;
    float *music = calloc(count, sizeof *music);
    float *glitch = calloc(count, sizeof *glitch);
    add_note(music, count, rate, 60, 0.01F);
    add_note(glitch, count, rate, 65, 0.63F);
    struct chroma *chroma = chroma_new(rate);
    (void)push_all(chroma, music, count, 128);
    (void)push_all(chroma, glitch, 1600, 128);
    const struct chroma_frame after = push_all(chroma, music, 20000, 128);
    assert_true(after.level > 0.7F);
    // A long loud passage is not.
    (void)push_all(chroma, glitch, count, 128);
    assert_true(push_all(chroma, music, 20000, 128).level < 0.4F);
    chroma_free(chroma);
    free(music);
    free(glitch);
}

// As well after a short opening as after a long one.
static void a_rest_is_a_rest_from_the_first_note_on(void **state)
{
    (void)state;
    static const double rate = 8000.0;
    for (size_t seconds = 1; seconds <= 8; seconds *= 2) {
        const size_t count = (size_t)rate * seconds;
        float *music = calloc(count, sizeof *music);
        float *room = calloc(8000, sizeof *room);
        add_note(music, count, rate, 60, 0.5F);
        add_note(room, 8000, rate, 65, 0.005F);
        struct chroma *chroma = chroma_new(rate);
        assert_true(push_all(chroma, music, count, 128).level > 0.95F);
        assert_true(push_all(chroma, room, 8000, 128).level < 0.25F);
        chroma_free(chroma);
        free(music);
        free(room);
    }
}

static void soft_is_like_loud_and_silence_is_nothing(void **state)
{
    (void)state;
    const size_t count = 9000;
    float *loud = calloc(count, sizeof *loud);
    float *soft = calloc(count, sizeof *soft);
    add_note(loud, count, 12000.0, 60, 0.5F);
    for (size_t i = 0; i < count; i++) {
        soft[i] = loud[i] * 0.01F;
    }
    struct chroma *first = chroma_new(12000.0);
    struct chroma *second = chroma_new(12000.0);
    const struct chroma_frame a = push_all(first, loud, count, 100);
    const struct chroma_frame b = push_all(second, soft, count, 100);
    for (int i = 0; i < CHROMA_SEMITONES; i++) {
        assert_true(fabsf(a.views[1][i] - b.views[1][i]) < 0.02F);
    }
    memset(loud, 0, count * sizeof *loud);
    assert_true(push_all(first, loud, count, 100).level < 0.01F);
    chroma_free(first);
    chroma_free(second);
    free(loud);
    free(soft);
}

static void survives_what_is_no_music(void **state)
{
    (void)state;
    const size_t count = 12000;
    float *frames = calloc(count, sizeof *frames);
    for (int kind = 0; kind < 4; kind++) {
        struct chroma *chroma = chroma_new(12000.0);
        uint32_t seed = 1;
        for (size_t i = 0; i < count; i++) {
            seed = seed * 1664525U + 1013904223U;
            const float noise = (float)(seed >> 8) / 8388608.0F - 1.0F;
            frames[i] = kind == 0 ? 0.0F : kind == 1 ? 64.0F : kind == 2 ? noise : i % 3000 == 0 ? 1.0F : 0.0F;
        }
        const struct chroma_frame frame = push_all(chroma, frames, count, 256);
        for (int v = 0; v < CHROMA_VIEWS; v++) {
            for (int i = 0; i < CHROMA_SEMITONES; i++) {
                assert_true(frame.views[v][i] >= 0.0F && frame.views[v][i] <= 1.0F);
            }
        }
        assert_true(kind > 1 || frame.level == 0.0F);
        assert_true(fabs(tuning_semitones(chroma_tuning(chroma))) <= 0.6);
        chroma_free(chroma);
    }
    free(frames);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_rates_that_an_intake_does_not_give),
        cmocka_unit_test(hears_each_note_in_its_view_at_every_rate),
        cmocka_unit_test(tells_all_notes_of_a_chord_from_those_between),
        cmocka_unit_test(does_not_depend_on_how_the_frames_are_cut),
        cmocka_unit_test(follows_the_performers_tuning),
        cmocka_unit_test(a_hum_in_a_rest_leaves_the_tuning_alone),
        cmocka_unit_test(a_glitch_is_soon_forgotten),
        cmocka_unit_test(a_rest_is_a_rest_from_the_first_note_on),
        cmocka_unit_test(soft_is_like_loud_and_silence_is_nothing),
        cmocka_unit_test(survives_what_is_no_music),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
