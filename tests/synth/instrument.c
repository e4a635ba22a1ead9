// SPDX-License-Identifier: GPL-3.0-or-later
#include "recorder.h"

#include <limits.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct recorder recorder;
static struct instrument *const instrument = &recorder.base;

static int start(void **state)
{
    (void)state;
    recorder_init(&recorder);
    return 0;
}

static void assert_call(size_t index, int status, int channel, int data1, int data2)
{
    assert_true(index < recorder.count);
    const struct recorder_call *call = &recorder.calls[index];
    assert_int_equal(call->status, status);
    assert_int_equal(call->channel, channel);
    assert_int_equal(call->data1, data1);
    assert_int_equal(call->data2, data2);
}

static void test_calls_arrive(void **state)
{
    (void)state;
    instrument_note_on(instrument, 0, 60, 1);
    instrument_note_on(instrument, 15, 127, 127);
    instrument_note_off(instrument, 3, 0);
    instrument_controller(instrument, 1, 64, 127);
    instrument_program(instrument, 9, 88);
    instrument_message(instrument, 0xa0, 2, 60, 5);
    instrument_message(instrument, 0xd0, 2, 99, 0);
    instrument_message(instrument, 0xe0, 2, 0, 64);
    assert_int_equal(recorder.count, 8);
    assert_call(0, RECORDER_ON, 0, 60, 1);
    assert_call(1, RECORDER_ON, 15, 127, 127);
    assert_call(2, RECORDER_OFF, 3, 0, 0);
    assert_call(3, 0xb0, 1, 64, 127);
    assert_call(4, 0xc0, 9, 88, 0);
    assert_call(5, 0xa0, 2, 60, 5);
    assert_call(6, 0xd0, 2, 99, 0);
    assert_call(7, 0xe0, 2, 0, 64);
}

static void test_note_messages_become_notes(void **state)
{
    (void)state;
    instrument_message(instrument, 0x90, 4, 61, 80);
    instrument_message(instrument, 0x80, 4, 61, 64);
    instrument_message(instrument, 0x90, 4, 62, 0); // as running status ends a note
    assert_int_equal(recorder.count, 3);
    assert_call(0, RECORDER_ON, 4, 61, 80);
    assert_call(1, RECORDER_OFF, 4, 61, 0);
    assert_call(2, RECORDER_OFF, 4, 62, 0);
}

static void test_second_byte_of_short_messages_is_ignored(void **state)
{
    (void)state;
    instrument_message(instrument, 0xc0, 0, 5, 1000);
    instrument_message(instrument, 0xd0, 0, 6, -1);
    assert_int_equal(recorder.count, 2);
    assert_call(0, 0xc0, 0, 5, 0);
    assert_call(1, 0xd0, 0, 6, 0);
}

static void test_out_of_range_does_nothing(void **state)
{
    (void)state;
    static const int wrong[] = {-1, 128, 255, INT_MIN, INT_MAX};
    static const int statuses[] = {0, 0x70, 0x7f, 0x91, 0xb1, 0xf0, 0xff, 0x190, -0x80, INT_MIN, INT_MAX};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        instrument_note_on(instrument, wrong[i], 60, 60);
        instrument_note_on(instrument, 0, wrong[i], 60);
        instrument_note_on(instrument, 0, 60, wrong[i]);
        instrument_note_off(instrument, wrong[i], 60);
        instrument_note_off(instrument, 0, wrong[i]);
        instrument_controller(instrument, wrong[i], 1, 1);
        instrument_controller(instrument, 0, wrong[i], 1);
        instrument_controller(instrument, 0, 1, wrong[i]);
        instrument_program(instrument, 0, wrong[i]);
        instrument_message(instrument, 0xe0, 0, 0, wrong[i]);
    }
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        instrument_message(instrument, statuses[i], 0, 60, 60);
    }
    instrument_note_on(instrument, 16, 60, 60);
    instrument_note_on(instrument, 0, 60, 0);
    assert_int_equal(recorder.count, 0);
}

static void test_only_notes_that_can_be_are_expected(void **state)
{
    (void)state;
    struct instrument_note notes[INSTRUMENT_EXPECTED + 1];
    for (int i = 0; i <= INSTRUMENT_EXPECTED; i++) {
        notes[i] = (struct instrument_note){.channel = 15, .key = 127, .velocity = 127};
    }
    instrument_expect(instrument, notes, INSTRUMENT_EXPECTED + 1);
    instrument_expect(instrument, notes, 0);
    instrument_expect(instrument, notes, -1);
    static const struct instrument_note wrong[] = {{16, 60, 60}, {0, 128, 60}, {0, 60, 128}, {0, 60, 0}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        notes[1] = wrong[i];
        instrument_expect(instrument, notes, 2);
    }
    assert_int_equal(recorder.announced, 0);
    notes[1] = (struct instrument_note){.channel = 3, .key = 60, .velocity = 1};
    instrument_expect(instrument, notes, 2);
    assert_int_equal(recorder.expected, 2);
    assert_int_equal(recorder.note.channel, 3);
    assert_int_equal(recorder.count, 0);
}

static void test_resets_arrive(void **state)
{
    (void)state;
    for (int i = -1; i <= MIDI_RESETS; i++) {
        instrument_reset(instrument, (enum midi_reset)i);
    }
    assert_int_equal(recorder.count, MIDI_RESETS);
    for (int i = 0; i < MIDI_RESETS; i++) {
        assert_call((size_t)i, RECORDER_RESET, 0, i, 0);
    }
}

static void expect(struct instrument_options options, const char *word)
{
    struct complaint complaint = {""};
    const enum status status = instrument_options_check(&options, &complaint);
    assert_int_equal(status, word ? STATUS_RANGE : STATUS_OK);
    assert_true(!word || strstr(complaint.text, word));
    assert_int_equal(instrument_options_check(&options, NULL), status);
}

static void test_options_are_within_their_ranges(void **state)
{
    (void)state;
    expect((struct instrument_options){0}, NULL);
    expect((struct instrument_options){.rate = 44100, .polyphony = 1, .gain = 4, .wet = 1}, NULL);
    expect((struct instrument_options){.rate = 192000, .polyphony = 4096, .interpolation = INSTRUMENT_SINC}, NULL);
    expect((struct instrument_options){.rate = 44099}, "44100 to 192000");
    expect((struct instrument_options){.rate = 192001}, "192000");
    expect((struct instrument_options){.rate = NAN}, "44100");
    expect((struct instrument_options){.polyphony = -1}, "4096");
    expect((struct instrument_options){.polyphony = 4097}, "4097");
    expect((struct instrument_options){.gain = -0.1}, "gain");
    expect((struct instrument_options){.gain = INFINITY}, "gain");
    expect((struct instrument_options){.wet = -0.1}, "wet");
    expect((struct instrument_options){.wet = 1.1}, "wet");
    expect((struct instrument_options){.wet = NAN}, "wet");
    expect((struct instrument_options){.interpolation = (enum instrument_interpolation)3}, "interpolation");
    expect((struct instrument_options){.interpolation = (enum instrument_interpolation) - 1}, "interpolation");
}

static void test_the_rest_is_passed_on(void **state)
{
    (void)state;
    float left[10];
    float right[10];
    instrument_render(instrument, left, right, 0);
    instrument_render(instrument, NULL, NULL, 0);
    assert_int_equal(recorder.frame, 0);
    instrument_render(instrument, left, right, 10);
    assert_int_equal(recorder.frame, 10);
    assert_int_equal(instrument_voices(instrument), 7);
    instrument_free(instrument);
    assert_int_equal(recorder.freed, 1);
    instrument_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_calls_arrive, start),
        cmocka_unit_test_setup(test_note_messages_become_notes, start),
        cmocka_unit_test_setup(test_second_byte_of_short_messages_is_ignored, start),
        cmocka_unit_test_setup(test_out_of_range_does_nothing, start),
        cmocka_unit_test_setup(test_only_notes_that_can_be_are_expected, start),
        cmocka_unit_test_setup(test_resets_arrive, start),
        cmocka_unit_test(test_options_are_within_their_ranges),
        cmocka_unit_test_setup(test_the_rest_is_passed_on, start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
