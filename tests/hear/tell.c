// SPDX-License-Identifier: GPL-3.0-or-later
#include "hear/tell.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void an_onset_is_said_and_counted(void **state)
{
    (void)state;
    struct hear_event events[2];
    struct told told = {.events = events};
    struct context context = {.frame = 960};
    const struct onset_event heard = {.frame = 7.0, .strength = 0.5, .band = ONSET_HIGH, .pitched = true};
    tell_onset(&told, &context, &heard, 900.5);
    tell_onset(&told, &context, &heard, 950.5);
    assert_int_equal(told.count, 2);
    assert_true(events[0].kind == HEAR_ONSET && events[0].frame == 900.5 && events[0].emitted == 960);
    assert_true(events[0].onset.strength == 0.5 && events[0].onset.band == ONSET_HIGH && events[0].onset.pitched);
    assert_true(context.onsets.count == 2 && context.onsets.frame == 950.5 && context.onsets.strength == 0.5);
}

static void a_beat_that_is_not_known_has_no_tempo_and_no_place(void **state)
{
    (void)state;
    struct hear_event event;
    struct told told = {.events = &event};
    struct context context = {.frame = 480};
    struct beat_state known = {
        .known = true, .tempo = 99.0, .phase = 0.25, .beats = 3, .number = 2, .division = 2, .confidence = 0.7};
    tell_beat_state(&context, &known, 1234.5);
    assert_true(context.beat.tempo == 99.0 && context.beat.next_frame == 1234.5 && context.beat.phase == 0.25);
    assert_true(context.beat.beat == 2 && context.beat.beats == 3 && context.beat.confidence == 0.7);
    const struct beat_event heard = {.confidence = 0.6, .number = 3, .beats = 3};
    tell_beat(&told, &context, &known, &heard, 1234.5);
    assert_true(event.kind == HEAR_BEAT && event.beat.number == 3 && event.beat.beats == 3);
    assert_true(event.beat.tempo == 99.0 && event.beat.confidence == 0.6 && event.frame == 1234.5);
    known.known = false;
    tell_beat_state(&context, &known, 1234.5);
    assert_true(context.beat.tempo == 0.0 && context.beat.beat == 0 && context.beat.beats == 0);
}

static void chords_and_keys_are_in_the_context(void **state)
{
    (void)state;
    struct hear_event events[3];
    struct told told = {.events = events};
    struct context context = {.frame = 100};
    const struct chord_event minor = {.chord = {.root = 9, .bass = 0, .quality = CHORD_MINOR}, .confidence = 0.8};
    tell_chord(&told, &context, &minor, 90.0);
    assert_true(events[0].kind == HEAR_CHORD && events[0].chord.sounds && events[0].chord.confidence == 0.8);
    assert_true(context.chord.sounds && context.chord.chord.root == 9 && context.chord.since_frame == 90.0);
    tell_chord(&told, &context, &(struct chord_event){.none = true}, 95.0);
    assert_true(!events[1].chord.sounds && !context.chord.sounds && context.chord.since_frame == 95.0);
    tell_key(&told, &context, &(struct key_event){.tonic = 4, .minor = true, .confidence = 0.9}, 96.0);
    assert_true(events[2].kind == HEAR_KEY && events[2].key.key.tonic == 4 && events[2].key.confidence == 0.9);
    assert_true(context.key.known && context.key.key.mode == MODE_AEOLIAN && told.count == 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_onset_is_said_and_counted),
        cmocka_unit_test(a_beat_that_is_not_known_has_no_tempo_and_no_place),
        cmocka_unit_test(chords_and_keys_are_in_the_context),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
