// SPDX-License-Identifier: GPL-3.0-or-later
#include "hear/chord_ear.h"

#include "band.h"
#include "hear/note_chroma.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static struct chord_ear *chord_ear_made(double rate)
{
    struct chord_ear *chord_ear = NULL;
    assert_int_equal(chord_ear_new(rate, &chord_ear, NULL), STATUS_OK);
    return chord_ear;
}

enum { CHORDS = 6, EVENTS = 64 };

static const double chord_seconds = 1.2;

/// A progression whose chords are told apart by a note or two.
static const struct {
    int bass;
    int notes[4];
    int count;
    int root;
    bool minor;
} song[CHORDS] = {
    {36, {0, 4, 7}, 3, 0, false},  {45, {0, 4, 9}, 3, 9, true},  {41, {0, 5, 9}, 3, 5, false},
    {43, {2, 7, 11}, 3, 7, false}, {40, {4, 7, 11}, 3, 4, true}, {36, {0, 4, 7}, 3, 0, false},
};

static float *play_song(double rate, double sharp, size_t *count)
{
    const size_t each = (size_t)(rate * chord_seconds);
    float *frames = calloc(each * CHORDS, sizeof *frames);
    for (int i = 0; i < CHORDS; i++) {
        band_chord(frames + (size_t)i * each, each, rate, song[i].bass, song[i].notes, song[i].count, sharp);
    }
    *count = each * CHORDS;
    return frames;
}

/// Pushes all in pieces and returns how many events there were.
static int hear(struct chord_ear *ear, const float *frames, size_t count, size_t piece, struct chord_event *events)
{
    int heard = 0;
    for (size_t at = 0; at < count; at += piece) {
        const size_t some = count - at < piece ? count - at : piece;
        struct chord_event event;
        if (chord_ear_push(ear, frames + at, some, NULL, &event) && heard < EVENTS) {
            events[heard++] = event;
        }
    }
    return heard;
}

/// How much of the song from 0.4 s after each change on was heard as the right root and third.
static double score(const struct chord_event *events, int count, double rate)
{
    int right = 0;
    int all = 0;
    for (int i = 0; i < CHORDS; i++) {
        for (double at = 0.4; at < chord_seconds; at += 0.05) {
            const double frame = (i * chord_seconds + at) * rate;
            const struct chord_event *now = NULL;
            for (int e = 0; e < count && events[e].frame <= frame; e++) {
                now = &events[e];
            }
            const bool is_minor = now && (now->chord.quality == CHORD_MINOR || now->chord.quality == CHORD_MINOR_7);
            right += now && !now->none && now->chord.root == song[i].root && is_minor == song[i].minor;
            all++;
        }
    }
    return (double)right / all;
}

static void follows_a_progression_at_every_rate_and_tuning(void **state)
{
    (void)state;
    static const struct {
        double rate, sharp;
    } cases[] = {{8000.0, 0.0}, {11025.0, 0.3}, {12000.0, 0.0}, {12000.0, -0.3}, {20999.0, 0.1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t count = 0;
        float *frames = play_song(cases[i].rate, cases[i].sharp, &count);
        struct chord_ear *ear = chord_ear_made(cases[i].rate);
        struct chord_event events[EVENTS];
        const int heard = hear(ear, frames, count, 4, events);
        assert_true(score(events, heard, cases[i].rate) > 0.8);
        assert_true(heard < 5 * CHORDS);
        chord_ear_free(ear);
        free(frames);
    }
}

static void does_not_depend_on_how_the_frames_are_cut(void **state)
{
    (void)state;
    size_t count = 0;
    float *frames = play_song(12000.0, 0.0, &count);
    struct chord_event expected[EVENTS];
    struct chord_ear *ear = chord_ear_made(12000.0);
    const int heard = hear(ear, frames, count, 4, expected);
    chord_ear_free(ear);
    static const size_t pieces[] = {1, 7, 256};
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        struct chord_event events[EVENTS];
        ear = chord_ear_made(12000.0);
        assert_int_equal(hear(ear, frames, count, pieces[i], events), heard);
        for (int e = 0; e < heard; e++) {
            assert_true(events[e].frame == expected[e].frame && chord_equal(events[e].chord, expected[e].chord));
        }
        chord_ear_free(ear);
    }
    free(frames);
}

static void tells_the_present_chord_between_events(void **state)
{
    (void)state;
    size_t count = 0;
    float *frames = play_song(12000.0, 0.0, &count);
    struct chord_ear *ear = chord_ear_made(12000.0);
    struct chord_event events[EVENTS];
    assert_true(chord_ear_now(ear)->none);
    const int heard = hear(ear, frames, count, 256, events);
    assert_true(heard > 0);
    const struct chord_event *now = chord_ear_now(ear);
    assert_true(now->frame == events[heard - 1].frame && chord_equal(now->chord, events[heard - 1].chord));
    assert_true(now->confidence > 0.5 && now->confidence <= 1.0);
    assert_true(chord_ear_chroma(ear)->level > 0.3F);
    assert_true(chord_ear_evidence(ear)->frame > (double)count - 2.0 * chord_ear_step(ear));
    assert_true(fabs(tuning_semitones(chord_ear_tuning(ear))) < 0.05);
    chord_ear_free(ear);
    free(frames);
}

static void hears_no_chord_in_what_is_no_music(void **state)
{
    (void)state;
    const size_t count = 24000;
    float *frames = calloc(count, sizeof *frames);
    for (int kind = 0; kind < 4; kind++) {
        struct chord_ear *ear = chord_ear_made(12000.0);
        struct chord_event events[EVENTS];
        uint32_t seed = 1;
        for (size_t i = 0; i < count; i++) {
            seed = seed * 1664525U + 1013904223U;
            const float noise = (float)(seed >> 8) / 8388608.0F - 1.0F;
            frames[i] = kind == 0 ? 0.0F : kind == 1 ? 1.0F : kind == 2 ? noise : i % 3000 == 0 ? 1.0F : 0.0F;
        }
        const int heard = hear(ear, frames, count, 4, events);
        assert_true(heard < 60);
        for (int i = 0; i < heard; i++) {
            assert_true(events[i].confidence >= 0.0 && events[i].confidence <= 1.0);
        }
        assert_true(kind > 1 || chord_ear_now(ear)->none);
        chord_ear_free(ear);
    }
    free(frames);
}

static void a_silence_ends_a_chord(void **state)
{
    (void)state;
    size_t count = 0;
    float *frames = play_song(12000.0, 0.0, &count);
    struct chord_ear *ear = chord_ear_made(12000.0);
    struct chord_event events[EVENTS];
    (void)hear(ear, frames, count, 256, events);
    assert_false(chord_ear_now(ear)->none);
    memset(frames, 0, count * sizeof *frames);
    for (int i = 0; i < 3; i++) {
        (void)hear(ear, frames, count, 256, events);
    }
    assert_true(chord_ear_now(ear)->none);
    chord_ear_free(ear);
    free(frames);
}

static void hears_notes_that_are_known(void **state)
{
    (void)state;
    struct chord_ear *ear = chord_ear_made(12000.0);
    int right = 0;
    struct midi_ear *notes = midi_ear_new();
    struct note_chroma chroma;
    note_chroma_init(&chroma, 1.0 / 60.0);
    for (int i = 0; i < CHORDS; i++) {
        midi_ear_push(notes, i, 0xb0, 123, 0);
        midi_ear_push(notes, i, 0x90, (uint8_t)song[i].bass, 90);
        for (int n = 0; n < song[i].count; n++) {
            midi_ear_push(notes, i, 0x90, (uint8_t)(60 + song[i].notes[n]), 90);
        }
        for (int step = 0; step < 60; step++) {
            struct chroma_frame frame = {.frame = 0.0};
            struct chord_event event;
            note_chroma_look(&chroma, notes, i + step / 60.0, &frame);
            (void)chord_ear_push_frame(ear, &frame, NULL, &event);
        }
        right += chord_ear_now(ear)->chord.root == song[i].root;
    }
    assert_int_equal(right, CHORDS);
    midi_ear_free(notes);
    chord_ear_free(ear);
}

static void a_beat_that_is_expected_is_no_harm(void **state)
{
    (void)state;
    static const struct beat_hint hints[] = {{-1.0, 0.0}, {0.0, 1.0}, {1e12, 1.0}, {NAN, NAN}};
    size_t count = 0;
    float *frames = play_song(12000.0, 0.0, &count);
    for (size_t h = 0; h < sizeof hints / sizeof *hints; h++) {
        struct chord_ear *ear = chord_ear_made(12000.0);
        struct chord_event events[EVENTS];
        int heard = 0;
        for (size_t at = 0; at + 256 <= count; at += 256) {
            heard += chord_ear_push(ear, frames + at, 256, &hints[h], &events[heard < EVENTS ? heard : 0]);
        }
        assert_true(heard < EVENTS && score(events, heard, 12000.0) > 0.75);
        chord_ear_free(ear);
    }
    free(frames);
}

/// Puts a note with two overtones into a frame.
static void put_note(struct chroma_frame *frame, int key, float strength)
{
    static const int above[] = {0, 12, 19};
    for (int v = 0; v < CHROMA_VIEWS; v++) {
        for (int n = 0; n < 3; n++) {
            const int i = key + above[n] - chroma_lowest[v];
            if (i >= 0 && i < CHROMA_SEMITONES) {
                frame->views[v][i] = fmaxf(frame->views[v][i], strength / (float)(n + 1));
            }
        }
    }
}

static void two_that_are_as_likely_do_not_take_turns(void **state)
{
    (void)state;
    struct chord_ear *ear = chord_ear_made(12000.0);
    struct chord_event event;
    int heard = 0;
    // A little more C or A minor at every second step: each of the two networks hears one of them.
    for (int step = 0; step < 600; step++) {
        const bool is_minor = step % 2;
        struct chroma_frame frame = {.level = 0.8F};
        put_note(&frame, 48, 0.8F);
        put_note(&frame, 60, 0.8F);
        put_note(&frame, 64, 0.8F);
        put_note(&frame, 67, is_minor ? 0.5F : 0.8F);
        put_note(&frame, 69, is_minor ? 0.8F : 0.5F);
        heard += chord_ear_push_frame(ear, &frame, NULL, &event);
    }
    assert_in_range(heard, 1, 150);
    chord_ear_free(ear);
}

// D major whose bass is E, and hardly D.
static void a_bass_that_is_no_note_of_the_chord_is_rare(void **state)
{
    (void)state;
    struct chord_ear *ear = chord_ear_made(12000.0);
    struct chord_event event;
    for (int step = 0; step < 120; step++) {
        struct chroma_frame frame = {.level = 0.8F};
        put_note(&frame, 38, 0.13F);
        put_note(&frame, 40, 0.8F);
        put_note(&frame, 62, 0.8F);
        put_note(&frame, 66, 0.8F);
        put_note(&frame, 69, 0.8F);
        (void)chord_ear_push_frame(ear, &frame, NULL, &event);
    }
    assert_int_equal(chord_ear_now(ear)->chord.root, 2);
    assert_int_equal(chord_ear_now(ear)->chord.bass, 2);
    chord_ear_free(ear);
}

static void refuses_rates_that_it_cannot_hear(void **state)
{
    (void)state;
    struct complaint complaint;
    struct chord_ear *none = NULL;
    assert_int_equal(chord_ear_new(96000.0, &none, &complaint), STATUS_RANGE);
    assert_non_null(strstr(complaint.text, "96000"));
    assert_int_equal(chord_ear_new(NAN, &none, NULL), STATUS_RANGE);
    assert_null(none);
    chord_ear_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(follows_a_progression_at_every_rate_and_tuning),
        cmocka_unit_test(does_not_depend_on_how_the_frames_are_cut),
        cmocka_unit_test(tells_the_present_chord_between_events),
        cmocka_unit_test(hears_no_chord_in_what_is_no_music),
        cmocka_unit_test(a_silence_ends_a_chord),
        cmocka_unit_test(hears_notes_that_are_known),
        cmocka_unit_test(a_beat_that_is_expected_is_no_harm),
        cmocka_unit_test(two_that_are_as_likely_do_not_take_turns),
        cmocka_unit_test(a_bass_that_is_no_note_of_the_chord_is_rare),
        cmocka_unit_test(refuses_rates_that_it_cannot_hear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
