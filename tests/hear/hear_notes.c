// SPDX-License-Identifier: GPL-3.0-or-later
#include "hear/hear_notes.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

enum { STEPS_A_SECOND = HEAR_NOTES_RATE / HEAR_NOTES_STEP, NOTE_ON = 0x90, NOTE_OFF = 0x80, KINDS = 5 };

struct band {
    struct hear_notes *notes;
    uint64_t steps;
    size_t said[KINDS];
};

static struct band *new_band(void)
{
    struct band *band = calloc(1, sizeof *band);
    assert_non_null(band);
    assert_int_equal(hear_notes_new(&band->notes, NULL), STATUS_OK);
    return band;
}

static void free_band(struct band *band)
{
    hear_notes_free(band->notes);
    free(band);
}

static void play(struct band *band, const uint8_t *keys, size_t count, int status)
{
    const double now = (double)band->steps / STEPS_A_SECOND;
    for (size_t i = 0; i < count; i++) {
        hear_notes_push(band->notes, now, (uint8_t)status, keys[i], 90);
    }
}

static void go_on(struct band *band, double seconds)
{
    for (int i = 0; i < (int)(seconds * STEPS_A_SECOND); i++) {
        struct hear_event events[HEAR_NOTES_EVENTS];
        const size_t said = hear_notes_step(band->notes, events);
        assert_in_range(said, 0, HEAR_NOTES_EVENTS);
        band->steps++;
        for (size_t k = 0; k < said; k++) {
            assert_true(isfinite(events[k].frame) && events[k].emitted == band->steps * HEAR_NOTES_STEP);
            band->said[events[k].kind]++;
        }
    }
}

// A chord, struck on each of four beats of half a second.
static void play_bar(struct band *band, const uint8_t *keys, size_t count)
{
    for (int beat = 0; beat < 4; beat++) {
        play(band, keys, count, NOTE_ON);
        go_on(band, 0.4);
        play(band, keys, count, NOTE_OFF);
        go_on(band, 0.1);
    }
}

static void a_chord_that_is_held_stays(void **state)
{
    (void)state;
    static const uint8_t keys[] = {48, 60, 64, 67};
    for (int pedal = 0; pedal < 2; pedal++) {
        struct band *band = new_band();
        struct context context;
        go_on(band, 0.5);
        hear_notes_push(band->notes, 0.5, 0xb0, 64, pedal ? 127 : 0);
        play(band, keys, sizeof keys, NOTE_ON);
        if (pedal) {
            go_on(band, 0.2);
            play(band, keys, sizeof keys, NOTE_OFF);
        }
        for (int second = 0; second < 30; second++) {
            go_on(band, 1.0);
            context_get(hear_notes_board(band->notes), &context);
            assert_true(context.chord.sounds && context.chord.chord.root == 0);
        }
        hear_notes_push(band->notes, 40.0, 0xb0, 64, 0);
        play(band, keys, sizeof keys, NOTE_OFF);
        go_on(band, 3.0);
        context_get(hear_notes_board(band->notes), &context);
        assert_false(context.chord.sounds);
        free_band(band);
    }
}

static void nothing_is_said_of_before_the_first_step(void **state)
{
    (void)state;
    struct hear_event events[HEAR_NOTES_EVENTS];
    struct band *band = new_band();
    hear_notes_push(band->notes, -0.05, NOTE_ON, 60, 90);
    assert_int_equal(hear_notes_step(band->notes, events), 1);
    assert_true(events[0].kind == HEAR_ONSET && events[0].frame == 0.0);
    free_band(band);
}

static void hears_chords_key_and_beat_of_notes(void **state)
{
    (void)state;
    static const uint8_t c[] = {48, 60, 64, 67}, f[] = {41, 60, 65, 69}, d[] = {50, 62, 65, 69}, g[] = {43, 59, 62, 67};
    static const uint8_t *const bars[] = {c, f, d, g};
    static const int roots[] = {0, 5, 2, 7};
    struct band *band = new_band();
    struct context context;
    int right = 0;
    for (int bar = 0; bar < 16; bar++) {
        play_bar(band, bars[bar % 4], 4);
        context_get(hear_notes_board(band->notes), &context);
        right += context.chord.sounds && context.chord.chord.root == roots[bar % 4] ? 1 : 0;
    }
    assert_in_range(right, 14, 16);
    assert_true(context.key.known);
    assert_true(context.key.key.tonic == 0 && context.key.key.mode == MODE_IONIAN);
    const double ratio = context.beat.tempo / 120;
    assert_true(fabs(ratio - 1) < 0.03 || fabs(ratio - 2) < 0.06 || fabs(ratio - 0.5) < 0.015);
    assert_int_equal(band->said[HEAR_ONSET], 64);
    assert_int_equal(context.onsets.count, 64);
    assert_int_equal(band->said[HEAR_PITCH], 0);
    assert_true(context.level.momentary > -20 && context.level.momentary < 0);
    free_band(band);
}

static void an_onset_is_of_the_note_that_began(void **state)
{
    (void)state;
    enum { DRUMS = 9 };
    static const struct {
        uint8_t channel, key;
        enum onset_band band;
        bool pitched;
    } notes[] = {{0, 40, ONSET_LOW, true},  {DRUMS, 36, ONSET_LOW, false}, {DRUMS, 42, ONSET_HIGH, false},
                 {0, 84, ONSET_HIGH, true}, {0, 60, ONSET_MID, true},      {DRUMS, 38, ONSET_MID, false}};
    struct band *band = new_band();
    for (size_t i = 0; i < sizeof notes / sizeof notes[0]; i++) {
        // All sound on, so that what sounds and what begins differ.
        hear_notes_push(band->notes, (double)band->steps / STEPS_A_SECOND, (uint8_t)(NOTE_ON | notes[i].channel),
                        notes[i].key, 100);
        struct hear_event events[HEAR_NOTES_EVENTS];
        const size_t said = hear_notes_step(band->notes, events);
        band->steps++;
        assert_true(said >= 1);
        assert_int_equal(events[0].kind, HEAR_ONSET);
        assert_int_equal(events[0].onset.band, notes[i].band);
        assert_int_equal(events[0].onset.pitched, notes[i].pitched);
        go_on(band, 0.1);
    }
    free_band(band);
}

static void says_nothing_of_silence(void **state)
{
    (void)state;
    struct band *band = new_band();
    go_on(band, 5);
    assert_int_equal(band->said[HEAR_ONSET] + band->said[HEAR_BEAT] + band->said[HEAR_KEY], 0);
    free_band(band);
}

static void counts_nonsense_and_goes_on(void **state)
{
    (void)state;
    struct band *band = new_band();
    hear_notes_push(band->notes, 0, NOTE_OFF, 60, 0);
    hear_notes_push(band->notes, NAN, NOTE_ON, 60, 90);
    hear_notes_push(band->notes, 0, NOTE_ON, 200, 90);
    for (int key = 0; key < 128; key++) {
        for (int channel = 0; channel < 16; channel++) {
            hear_notes_push(band->notes, 0.001, (uint8_t)(NOTE_ON | channel), (uint8_t)key, 127);
        }
    }
    go_on(band, 1);
    const struct midi_ear_counts *counts = hear_notes_counts(band->notes);
    assert_int_equal(counts->strays, 1);
    assert_int_equal(counts->nonsense, 2);
    assert_true(counts->crowded_out > 0);
    struct context context;
    context_get(hear_notes_board(band->notes), &context);
    assert_int_equal(context.frame, HEAR_NOTES_RATE);
    free_band(band);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chord_that_is_held_stays),
        cmocka_unit_test(nothing_is_said_of_before_the_first_step),
        cmocka_unit_test(hears_chords_key_and_beat_of_notes),
        cmocka_unit_test(an_onset_is_of_the_note_that_began),
        cmocka_unit_test(says_nothing_of_silence),
        cmocka_unit_test(counts_nonsense_and_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
