// SPDX-License-Identifier: GPL-3.0-or-later
#include "music/midi_file.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct midi_file_options plain = {.bpm = 120, .beats = 4, .unit = 4};

static void add(struct score *score, struct event event)
{
    assert_int_equal(score_add(score, event), STATUS_OK);
}

/// Writes \p score, and gives its memory back.
static uint8_t *write_score(struct score *score, const struct midi_file_options *options, size_t *size)
{
    uint8_t *bytes = NULL;
    assert_int_equal(midi_file_write(score, options, &bytes, size), STATUS_OK);
    score_done(score);
    return bytes;
}

/// Writes \p score and reads the file into it again.
static void there_and_back(struct score *score)
{
    size_t size = 0;
    uint8_t *bytes = write_score(score, &plain, &size);
    assert_int_equal(midi_file_read(bytes, size, score, NULL), STATUS_OK);
    free(bytes);
}

static void the_bytes_are_these(void **state)
{
    (void)state;
    static const char *const names[16] = {[0] = "Piano"};
    const struct midi_file_options options = {
        .title = "Tutti", .channel_names = names, .bpm = 60, .beats = 6, .unit = 8};
    static const char expected[] = "MThd\0\0\0\6\0\1\0\3\1\xe0"
                                   "MTrk\0\0\0\x31"
                                   "\0\xff\3\5Tutti"
                                   "\0\xff\x58\4\6\3\x0c\x08"
                                   "\0\xff\x51\3\x0f\x42\x40"
                                   "\0\xff\x59\2\0\0"
                                   "\0\xff\6\3Dm7"
                                   "\x87\x40\xff\x51\3\x0a\x2c\x2b"
                                   "\0\xff\x2f\0"
                                   "MTrk\0\0\0\x21"
                                   "\0\xff\3\5Piano"
                                   "\0\xc0\x04"
                                   "\0\x90\x3e\x50"
                                   "\x83\x60\x80\x3e\x40"
                                   "\0\x90\x41\x51"
                                   "\x78\x80\x41\x40"
                                   "\0\xff\x2f\0"
                                   "MTrk\0\0\0\x0d"
                                   "\0\x9f\x24\x40"
                                   "\x83\x61\x8f\x24\x40"
                                   "\0\xff\x2f\0";
    struct score score = {0};
    add(&score, event_program(0, 0, 4));
    add(&score, event_chord(0, chord_of(2, CHORD_MINOR_7), (struct key){2, MODE_DORIAN}));
    add(&score, event_note(0, 0, 62, 80, 480));
    add(&score, event_note(0, 15, 36, 64, 481));
    add(&score, event_note(480, 0, 65, 81, 120));
    add(&score, event_tempo(960, 90));
    size_t size = 0;
    uint8_t *bytes = write_score(&score, &options, &size);
    assert_int_equal(size, sizeof expected - 1);
    assert_memory_equal(bytes, expected, size);
    free(bytes);
}

static void an_empty_score_is_a_file(void **state)
{
    (void)state;
    struct score score = {0};
    there_and_back(&score);
    assert_int_equal(score.count, 1);
    assert_true(score.events[0].bpm == 120.0);
    score_done(&score);
}

static void assert_midi(const struct event *event, int64_t tick, int status, int data1)
{
    assert_int_equal(event->kind, EVENT_MIDI);
    assert_int_equal(event->tick, tick);
    assert_int_equal(event->midi.status | event->channel, status);
    assert_int_equal(event->midi.data[0], data1);
}

static void a_repeated_key_ends_the_earlier_note(void **state)
{
    (void)state;
    struct score score = {0};
    add(&score, event_note(0, 0, 60, 64, 1000));
    add(&score, event_note(0, 0, 64, 64, 500));
    add(&score, event_note(480, 0, 60, 64, 100));
    there_and_back(&score);
    assert_int_equal(score.count, 7);
    assert_midi(&score.events[1], 0, 0x90, 60);
    assert_midi(&score.events[2], 0, 0x90, 64);
    assert_midi(&score.events[3], 480, 0x80, 60);
    assert_midi(&score.events[4], 480, 0x90, 60);
    assert_midi(&score.events[5], 500, 0x80, 64);
    assert_midi(&score.events[6], 580, 0x80, 60);
    score_done(&score);
}

static void a_cut_ends_what_sounds_on_its_channel(void **state)
{
    (void)state;
    struct score score = {0};
    add(&score, event_note(0, 0, 60, 64, 1000));
    add(&score, event_note(0, 1, 61, 64, 1000));
    add(&score, event_midi(0, 0, 0x90, 62, 64));
    add(&score, event_note(0, 0, 63, 64, 300));
    add(&score, event_cut(300, 0));
    add(&score, event_cut(400, 0));
    there_and_back(&score);
    assert_int_equal(score.count, 9);
    assert_midi(&score.events[5], 300, 0x80, 63);
    assert_midi(&score.events[6], 300, 0x80, 60);
    assert_midi(&score.events[7], 300, 0x80, 62);
    assert_midi(&score.events[8], 1000, 0x81, 61);
    score_done(&score);
}

static void every_note_that_begins_ends(void **state)
{
    (void)state;
    struct score score = {0};
    int sounding[16][128] = {{0}};
    for (int i = 0; i < 20000; i++) {
        add(&score, event_note(i / 3, i % 16, i * 7 % 128, 1 + i % 127, 1 + i * 31 % 2000));
    }
    there_and_back(&score);
    assert_int_equal(score.count, 1 + 2 * 20000);
    for (size_t i = 1; i < score.count; i++) {
        const struct event *event = &score.events[i];
        int *count = &sounding[event->channel][event->midi.data[0]];
        *count += event->midi.status == 0x90 ? 1 : -1;
        assert_in_range(*count, 0, 1);
    }
    for (int i = 0; i < 16 * 128; i++) {
        assert_int_equal(sounding[i / 128][i % 128], 0);
    }
    score_done(&score);
}

static void long_silences_are_bridged(void **state)
{
    (void)state;
    static const int64_t ticks[] = {0, 127, 128, 16383, 16384, 2097151, 2097152, 0x0fffffff, 0x10000000, 1LL << 36};
    enum { COUNT = sizeof ticks / sizeof ticks[0] };
    struct score score = {0};
    int64_t tick = 0;
    for (int i = 0; i < COUNT; i++) {
        tick += ticks[i];
        add(&score, event_program(tick, 0, i));
    }
    there_and_back(&score);
    assert_int_equal(score.count, COUNT + 1);
    tick = 0;
    for (int i = 0; i < COUNT; i++) {
        tick += ticks[i];
        assert_midi(&score.events[i + 1], tick, 0xc0, i);
    }
    score_done(&score);
}

static void ticks_stop_at_the_limit(void **state)
{
    (void)state;
    struct score score = {0};
    add(&score, event_program(MIDI_FILE_TICKS * 4, 0, 1));
    add(&score, event_program(MIDI_FILE_TICKS * 8, 0, 2));
    there_and_back(&score);
    assert_int_equal(score.count, 3);
    assert_midi(&score.events[1], MIDI_FILE_TICKS, 0xc0, 1);
    assert_midi(&score.events[2], MIDI_FILE_TICKS, 0xc0, 2);
    score_done(&score);
}

static void tempos_that_no_file_can_hold(void **state)
{
    (void)state;
    static const double tempos[] = {NAN, 0, -5, -INFINITY};
    for (size_t i = 0; i < sizeof tempos / sizeof tempos[0]; i++) {
        struct score score = {0};
        add(&score, event_tempo(480, tempos[i]));
        there_and_back(&score);
        assert_int_equal(score.count, 1);
        assert_int_equal(score.events[0].tick, 0);
        score_done(&score);
    }
    struct score score = {0};
    add(&score, event_tempo(0, INFINITY));
    add(&score, event_tempo(1, 1e-9));
    add(&score, event_tempo(2, 61.5));
    there_and_back(&score);
    assert_int_equal(score.count, 3);
    assert_true(score.events[0].bpm == 60e6);
    assert_true(fabs(score.events[1].bpm - 3.576) < 0.001);
    assert_true(fabs(score.events[2].bpm - 61.5) < 0.001);
    score_done(&score);
}

static void resets_come_back(void **state)
{
    (void)state;
    struct score score = {0};
    for (int i = 0; i < MIDI_RESETS; i++) {
        add(&score, event_reset(100 * i, (enum midi_reset)i));
        add(&score, event_program(100 * i, 3, i));
    }
    there_and_back(&score);
    assert_int_equal(score.count, 1 + 2 * MIDI_RESETS); // a tempo goes first
    for (int i = 0; i < MIDI_RESETS; i++) {
        const struct event *reset = &score.events[1 + 2 * i];
        assert_int_equal(reset->kind, EVENT_RESET);
        assert_int_equal(reset->tick, 100 * i);
        assert_int_equal(reset->reset, i);
        assert_midi(&reset[1], 100 * i, 0xc3, i);
    }
    score_done(&score);
}

static void options_that_no_file_can_hold(void **state)
{
    (void)state;
    static const uint8_t units[] = {0, 3, 255};
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        const struct midi_file_options options = {.bpm = NAN, .beats = 4, .unit = units[i]};
        struct score score = {0};
        size_t size = 0;
        uint8_t *bytes = write_score(&score, &options, &size);
        assert_int_equal(size, 14 + 8 + 4);
        assert_int_equal(midi_file_read(bytes, size, &score, NULL), STATUS_OK);
        assert_int_equal(score.count, 0);
        free(bytes);
        score_done(&score);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_bytes_are_these),
        cmocka_unit_test(an_empty_score_is_a_file),
        cmocka_unit_test(a_repeated_key_ends_the_earlier_note),
        cmocka_unit_test(a_cut_ends_what_sounds_on_its_channel),
        cmocka_unit_test(every_note_that_begins_ends),
        cmocka_unit_test(long_silences_are_bridged),
        cmocka_unit_test(ticks_stop_at_the_limit),
        cmocka_unit_test(tempos_that_no_file_can_hold),
        cmocka_unit_test(resets_come_back),
        cmocka_unit_test(options_that_no_file_can_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
