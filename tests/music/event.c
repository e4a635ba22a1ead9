// SPDX-License-Identifier: GPL-3.0-or-later
#include "music/event.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void events_hold_what_was_asked(void **state)
{
    (void)state;
    const struct event note = event_note(480, 3, 60, 100, 240);
    assert_int_equal(note.kind, EVENT_NOTE);
    assert_int_equal(note.tick, 480);
    assert_int_equal(note.channel, 3);
    assert_int_equal(note.note.key, 60);
    assert_int_equal(note.note.velocity, 100);
    assert_int_equal(note.note.duration, 240);
    const struct event cut = event_cut(7, 15);
    assert_int_equal(cut.kind, EVENT_CUT);
    assert_int_equal(cut.channel, 15);
    const struct event controller = event_controller(0, 1, 91, 51);
    assert_int_equal(controller.kind, EVENT_MIDI);
    assert_int_equal(controller.midi.status, 0xb0);
    assert_int_equal(controller.midi.data[0], 91);
    assert_int_equal(controller.midi.data[1], 51);
    const struct event program = event_program(0, 1, 88);
    assert_int_equal(program.midi.status, 0xc0);
    assert_int_equal(program.midi.data[0], 88);
    const struct event bend = event_midi(0, 2, 0xe0, 0, 64);
    assert_int_equal(bend.midi.status, 0xe0);
    const struct event tempo = event_tempo(9, 61.5);
    assert_int_equal(tempo.kind, EVENT_TEMPO);
    assert_true(tempo.bpm == 61.5);
    const struct event chord = event_chord(9, chord_of(2, CHORD_MINOR_7), (struct key){2, MODE_DORIAN});
    assert_int_equal(chord.kind, EVENT_CHORD);
    assert_int_equal(chord.harmony.chord.root, 2);
    assert_int_equal(chord.harmony.key.mode, MODE_DORIAN);
    const struct event reset = event_reset(11, MIDI_RESET_GS);
    assert_int_equal(reset.kind, EVENT_RESET);
    assert_int_equal(reset.tick, 11);
    assert_int_equal(reset.reset, MIDI_RESET_GS);
}

static void numbers_stay_in_their_ranges(void **state)
{
    (void)state;
    const struct event low = event_note(-1, -1, -1, 0, 0);
    assert_int_equal(low.tick, 0);
    assert_int_equal(low.channel, 0);
    assert_int_equal(low.note.key, 0);
    assert_int_equal(low.note.velocity, 1);
    assert_int_equal(low.note.duration, 1);
    const struct event high = event_note(INT64_MAX, INT_MAX, 128, 256, INT32_MAX);
    assert_int_equal(high.channel, 15);
    assert_int_equal(high.note.key, 127);
    assert_int_equal(high.note.velocity, 127);
    assert_int_equal(event_controller(0, 0, 7, 300).midi.data[1], 127);
    assert_int_equal(event_program(0, 0, -5).midi.data[0], 0);
    assert_int_equal(event_reset(-1, (enum midi_reset)99).reset, MIDI_RESET_XG);
    assert_int_equal(event_reset(-1, MIDI_RESET_GM).tick, 0);
    assert_int_equal(event_midi(0, 0, 0xff, 0, 0).midi.status, 0xe0);
    assert_int_equal(event_midi(0, 0, 0x93, 0, 0).midi.status, 0x90);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_hold_what_was_asked),
        cmocka_unit_test(numbers_stay_in_their_ranges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
