// SPDX-License-Identifier: GPL-3.0-or-later
#include "music/midi_file.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/// A literal's bytes and how many they are.
#define BYTES(text) (text), sizeof(text) - 1

#define HEADER "MThd\0\0\0\6\0\1\0\1\1\xe0"

struct file {
    char bytes[512];
    size_t size;
};

static void file_add(struct file *file, const char *bytes, size_t size)
{
    assert_true(file->size + size <= sizeof file->bytes);
    memcpy(file->bytes + file->size, bytes, size);
    file->size += size;
}

/// Adds a track with a right length.
static void file_add_track(struct file *file, const char *events, size_t size)
{
    const char length[4] = {0, 0, (char)(size >> 8), (char)size};
    file_add(file, "MTrk", 4);
    file_add(file, length, sizeof length);
    file_add(file, events, size);
}

/// Reads a file with a header of 480 ticks a beat and one track of \p events.
static struct score read_track(const char *events, size_t size)
{
    struct file file = {0};
    struct score score = {0};
    file_add(&file, BYTES(HEADER));
    file_add_track(&file, events, size);
    assert_int_equal(midi_file_read(file.bytes, file.size, &score, NULL), STATUS_OK);
    return score;
}

static void assert_refused(const char *bytes, size_t size, enum status expected)
{
    struct score score = {0};
    struct complaint complaint = {""};
    char *copy = malloc(size ? size : 1);
    assert_non_null(copy);
    memcpy(copy, bytes, size);
    assert_int_equal(midi_file_read(copy, size, &score, &complaint), expected);
    assert_true(strlen(complaint.text) > 10);
    assert_int_equal(score.count, 0);
    assert_null(score.events);
    free(copy);
}

static void assert_midi(const struct event *event, int64_t tick, int status, int data1, int data2)
{
    assert_int_equal(event->kind, EVENT_MIDI);
    assert_int_equal(event->tick, tick);
    assert_int_equal(event->midi.status | event->channel, status);
    assert_int_equal(event->midi.data[0], data1);
    assert_int_equal(event->midi.data[1], data2);
}

static void channel_messages_and_running_status(void **state)
{
    (void)state;
    struct score score = read_track(BYTES("\x00\xc2\x05"
                                          "\x00\x92\x3c\x40"
                                          "\x83\x60\x3c\x00"
                                          "\x00\xb2\x07\x7f"
                                          "\x01\x0a\x40"
                                          "\x00\xd2\x33"
                                          "\x00\xe2\x00\x40"
                                          "\x00\xa2\x3c\x11"
                                          "\x00\x82\x3c\x22"
                                          "\x00\xff\x2f\x00"));
    assert_int_equal(score.count, 9);
    assert_midi(&score.events[0], 0, 0xc2, 5, 0);
    assert_midi(&score.events[1], 0, 0x92, 60, 64);
    assert_midi(&score.events[2], 480, 0x82, 60, 64);
    assert_midi(&score.events[3], 480, 0xb2, 7, 127);
    assert_midi(&score.events[4], 481, 0xb2, 10, 64);
    assert_midi(&score.events[5], 481, 0xd2, 0x33, 0);
    assert_midi(&score.events[6], 481, 0xe2, 0, 64);
    assert_midi(&score.events[7], 481, 0xa2, 60, 0x11);
    assert_midi(&score.events[8], 481, 0x82, 60, 0x22);
    score_done(&score);
}

static void running_status_survives_meta_and_sysex(void **state)
{
    (void)state;
    struct score score = read_track(BYTES("\x00\x90\x3c\x40"
                                          "\x00\xff\x01\x02hi"
                                          "\x00\x3e\x40"
                                          "\x00\xf0\x03\x7e\x7f\xf7"
                                          "\x00\x40\x40"
                                          "\x00\xf7\x02\xf3\x01"
                                          "\x00\xf8"
                                          "\x00\xf2\x01\x02"
                                          "\x00\x41\x40"
                                          "\x00\xff\x2f\x00"));
    assert_int_equal(score.count, 4);
    assert_midi(&score.events[1], 0, 0x90, 62, 64);
    assert_midi(&score.events[2], 0, 0x90, 64, 64);
    assert_midi(&score.events[3], 0, 0x90, 65, 64);
    score_done(&score);
}

static void resets_are_events(void **state)
{
    (void)state;
    struct score score = read_track(BYTES("\x00\xf0\x05\x7e\x00\x09\x01\xf7"
                                          "\x01\xf0\x05\x7e\x7f\x09\x03\xf7"
                                          "\x01\xf0\x0a\x41\x10\x42\x12\x40\x00\x7f\x00\x41\xf7"
                                          "\x01\xf0\x08\x43\x1f\x4c\x00\x00\x7e\x00\xf7"
                                          "\x00\xff\x2f\x00"));
    assert_int_equal(score.count, MIDI_RESETS);
    for (int i = 0; i < MIDI_RESETS; i++) {
        assert_int_equal(score.events[i].kind, EVENT_RESET);
        assert_int_equal(score.events[i].tick, i);
        assert_int_equal(score.events[i].reset, i);
    }
    score_done(&score);
}

static void what_looks_like_a_reset_is_none(void **state)
{
    (void)state;
    struct score score = read_track(BYTES("\x00\xf0\x04\x7e\x00\x09\x01"                         // unfinished
                                          "\x00\xf0\x05\x7e\x00\x09\x02\xf7"                     // GM off
                                          "\x00\xf7\x05\x7e\x00\x09\x01\xf7"                     // no beginning
                                          "\x00\xf0\x08\x43\x2f\x4c\x00\x00\x7e\x00\xf7"         // a bulk dump
                                          "\x00\xf0\x0a\x41\x10\x42\x11\x40\x00\x7f\x00\x41\xf7" // a question
                                          "\x00\xf0\x00"
                                          "\x00\x90\x3c\x40"
                                          "\x00\xff\x2f\x00"));
    assert_int_equal(score.count, 1);
    assert_midi(&score.events[0], 0, 0x90, 60, 64);
    score_done(&score);
}

static void a_file_that_ends_early_is_told(void **state)
{
    (void)state;
    static const char whole[] = "MThd\0\0\0\6\0\1\0\2\1\xe0"
                                "MTrk\0\0\0\4\0\xff\x2f\0"
                                "XFIH\0\0\0\1?"
                                "MTrk\0\0\0\x8\0\x91\x3c\x40\0\xff\x2f\0";
    assert_false(midi_file_cut_short(BYTES(whole)));
    assert_false(midi_file_cut_short(BYTES("no MIDI file at all")));
    assert_false(midi_file_cut_short(NULL, 0));
    for (size_t size = 14; size < sizeof whole - 1; size++) {
        assert_true(midi_file_cut_short(whole, size));
    }
}

static void tempo_map_of_any_track(void **state)
{
    (void)state;
    struct file file = {0};
    struct score score = {0};
    file_add(&file, BYTES("MThd\0\0\0\6\0\1\0\2\0\x60"));
    file_add_track(&file, BYTES("\x60\x90\x3c\x40\x00\xff\x2f\x00"));
    file_add(&file, BYTES("XFIH\0\0\0\3abc"));
    file_add_track(&file, BYTES("\x00\xff\x51\x03\x07\xa1\x20"
                                "\x30\xff\x51\x03\x0f\x42\x40"
                                "\x00\xff\x51\x03\x00\x00\x00"
                                "\x00\xff\x51\x01\x00"
                                "\x00\xff\x2f\x00"));
    assert_int_equal(midi_file_read(file.bytes, file.size, &score, NULL), STATUS_OK);
    assert_int_equal(score.count, 3);
    assert_int_equal(score.events[0].kind, EVENT_TEMPO);
    assert_true(score.events[0].bpm == 120.0);
    assert_int_equal(score.events[1].kind, EVENT_TEMPO);
    assert_int_equal(score.events[1].tick, 240);
    assert_true(score.events[1].bpm == 60.0);
    assert_midi(&score.events[2], 480, 0x90, 60, 64);
    score_done(&score);
}

static void format_0_and_long_headers(void **state)
{
    (void)state;
    struct file file = {0};
    struct score score = {0};
    file_add(&file, BYTES("MThd\0\0\0\x8\0\0\0\1\3\xc0??"));
    file_add_track(&file, BYTES("\x81\x40\x99\x24\x40\x00\xff\x2f\x00"));
    assert_int_equal(midi_file_read(file.bytes, file.size, &score, NULL), STATUS_OK);
    assert_int_equal(score.count, 1);
    assert_midi(&score.events[0], 96, 0x99, 36, 64);
    score_done(&score);
}

static void a_finer_division_is_rounded(void **state)
{
    (void)state;
    struct file file = {0};
    struct score score = {0};
    file_add(&file, BYTES("MThd\0\0\0\6\0\0\0\1\x05\xa0"));
    file_add_track(&file, BYTES("\x01\xc0\x01\x01\xc0\x02\x02\xc0\x03\x01\xc0\x04\x00\xff\x2f\x00"));
    assert_int_equal(midi_file_read(file.bytes, file.size, &score, NULL), STATUS_OK);
    assert_int_equal(score.count, 4);
    assert_midi(&score.events[0], 0, 0xc0, 1, 0);
    assert_midi(&score.events[1], 1, 0xc0, 2, 0);
    assert_midi(&score.events[2], 1, 0xc0, 3, 0);
    assert_midi(&score.events[3], 2, 0xc0, 4, 0);
    score_done(&score);
}

static void timecode_is_read_at_120_bpm(void **state)
{
    (void)state;
    static const struct {
        const char *division;
        int64_t second; ///< in ticks of the score, after 1000 ticks of the file
    } cases[] = {{"\xe7\x28", 960}, {"\xe8\x28", 1000}, {"\xe2\x64", 320}, {"\xe3\x64", 320}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct file file = {0};
        struct score score = {0};
        file_add(&file, BYTES("MThd\0\0\0\6\0\0\0\1"));
        file_add(&file, cases[i].division, 2);
        file_add_track(&file, BYTES("\x00\xff\x51\x03\x0f\x42\x40\x87\x68\x90\x3c\x40\x00\xff\x2f\x00"));
        assert_int_equal(midi_file_read(file.bytes, file.size, &score, NULL), STATUS_OK);
        assert_int_equal(score.count, 2);
        assert_true(score.events[0].bpm == 120.0);
        assert_int_equal(score.events[1].tick, cases[i].second);
        score_done(&score);
    }
}

static void nonsense_is_refused(void **state)
{
    (void)state;
    static const char end[] = "MTrk\0\0\0\4\0\xff\x2f\0";
    static const char *const divisions[] = {"\0\0", "\xe7\0", "\x80\x28", "\xff\x28", "\xe4\x28"};
    assert_refused("", 0, STATUS_CORRUPT);
    assert_refused(BYTES("MThd"), STATUS_CORRUPT);
    assert_refused(BYTES("RIFFabcdefghijklmnop"), STATUS_CORRUPT);
    assert_refused(BYTES(HEADER), STATUS_CORRUPT);
    assert_refused(BYTES(HEADER "MTrk"), STATUS_CORRUPT);
    assert_refused(BYTES(HEADER "MTrk\0\0\0\0"), STATUS_CORRUPT);
    assert_refused(BYTES(HEADER "MTrk\xff\xff\xff\xff"), STATUS_CORRUPT);
    assert_refused(BYTES(HEADER "MTrk\0\0\0\3\0\x3c\x40"), STATUS_CORRUPT);
    assert_refused(BYTES(HEADER "XXXX\xff\xff\xff\xff\1\2\3"), STATUS_CORRUPT);
    assert_refused(BYTES("MThd\0\0\0\6\0\2\0\1\1\xe0MTrk\0\0\0\4\0\xff\x2f\0"), STATUS_UNSUPPORTED);
    for (size_t i = 0; i < sizeof divisions / sizeof divisions[0]; i++) {
        struct file file = {0};
        file_add(&file, BYTES("MThd\0\0\0\6\0\1\0\1"));
        file_add(&file, divisions[i], 2);
        file_add(&file, end, sizeof end - 1);
        assert_refused(file.bytes, file.size, STATUS_CORRUPT);
    }
}

static void an_empty_track_is_no_failure(void **state)
{
    (void)state;
    struct score score = read_track(BYTES("\x00\xff\x2f\x00"));
    assert_int_equal(score.count, 0);
    score_done(&score);
}

static void a_broken_track_gives_what_it_had(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
    } cases[] = {
        {BYTES("\x00\x90\x3c\x40\x00\x90\x3c")},
        {BYTES("\x00\x90\x3c\x40\x00")},
        {BYTES("\x00\x90\x3c\x40\x81\x82\x83\x84\x01\x3c\x40")},
        {BYTES("\x00\x90\x3c\x40\x00\xff")},
        {BYTES("\x00\x90\x3c\x40\x00\xff\x01\x7f??")},
        {BYTES("\x00\x90\x3c\x40\x00\xf0\xff\xff\xff\x7f??")},
        {BYTES("\x00\x90\x3c\x40\x00\xf2\x01")},
        {BYTES("\x00\x90\x3c\x40\x81")},
        {BYTES("\x00\x90\x3c\x40\x00\xff\x2f\x00\x00\x90\x3c\x40")},
        {BYTES("\x00\x90\x3c\x40\x00\x90\x3e\x90\x40\x41\x00\x90\x40\x41")},
        {BYTES("\x00\x90\x3c\x40\x00\xc0\x90\x00\x90\x40\x41")},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct score score = read_track(cases[i].bytes, cases[i].size);
        assert_int_equal(score.count, 1);
        assert_midi(&score.events[0], 0, 0x90, 60, 64);
        score_done(&score);
    }
}

/// Two tracks; the length that the first claims is wrong.
static void wrong_lengths_do_not_lose_the_next_track(void **state)
{
    (void)state;
    static const unsigned lengths[] = {0, 1, 3, 8, 9, 12, 15, 100, 255};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        struct file file = {0};
        struct score score = {0};
        file_add(&file, BYTES(HEADER));
        file_add_track(&file, BYTES("\x00\x90\x3c\x40\x00\xff\x2f\x00"));
        file.bytes[21] = (char)lengths[i];
        file_add_track(&file, BYTES("\x10\x91\x3d\x40\x00\xff\x2f\x00"));
        assert_int_equal(midi_file_read(file.bytes, file.size, &score, NULL), STATUS_OK);
        assert_int_equal(score.count, 2);
        assert_midi(&score.events[0], 0, 0x90, 60, 64);
        assert_midi(&score.events[1], 16, 0x91, 61, 64);
        score_done(&score);
    }
}

static void trailing_rubbish_is_ignored(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
    } cases[] = {
        {BYTES("\0\0\0")}, {BYTES("\0\0\0\0\0\0\0\0\0\0\0\0")}, {BYTES("TAG some words to end with")}, {BYTES("\x1a")}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct file file = {0};
        struct score score = {0};
        file_add(&file, BYTES(HEADER));
        file_add_track(&file, BYTES("\x00\x90\x3c\x40\x00\xff\x2f\x00"));
        file_add(&file, cases[i].bytes, cases[i].size);
        assert_int_equal(midi_file_read(file.bytes, file.size, &score, NULL), STATUS_OK);
        assert_int_equal(score.count, 1);
        score_done(&score);
    }
}

/// 10,000 deltas of the largest size would be 2^41 ticks of a file whose beat is one tick.
static void huge_times_stop_at_the_limit(void **state)
{
    (void)state;
    enum { COUNT = 10000, EVENT = 6 };
    static char bytes[22 + COUNT * EVENT] = "MThd\0\0\0\6\0\0\0\1\0\1MTrk";
    struct score score = {0};
    const unsigned length = COUNT * EVENT;
    for (int i = 0; i < 4; i++) {
        bytes[18 + i] = (char)(length >> (24 - 8 * i));
    }
    for (size_t i = 0; i < COUNT; i++) {
        memcpy(bytes + 22 + i * EVENT, "\xff\xff\xff\x7f\xc0\x01", EVENT);
    }
    assert_int_equal(midi_file_read(bytes, sizeof bytes, &score, NULL), STATUS_OK);
    assert_int_equal(score.count, COUNT);
    assert_true(score.events[0].tick == 0x0fffffffLL * 480);
    for (size_t i = 1; i < COUNT; i++) {
        assert_true(score.events[i].tick >= score.events[i - 1].tick);
    }
    assert_true(score.events[COUNT - 1].tick == MIDI_FILE_TICKS);
    score_done(&score);
}

static void no_prefix_is_read_over_its_end(void **state)
{
    (void)state;
    static const char bytes[] =
        HEADER "MTrk\0\0\0\x1b\0\xff\x51\3\7\xa1\x20\0\x90\x3c\x40\x83\x60\x3c\0\0\xf0\2\1\xf7\0"
               "\xff\x2f\0XXXX\0\0\0\1?MTrk\0\0\0\x8\0\x91\x3c\x40\0\xff\x2f\0";
    for (size_t size = 0; size < sizeof bytes; size++) {
        struct score score = {0};
        char *copy = malloc(size ? size : 1);
        assert_non_null(copy);
        memcpy(copy, bytes, size);
        const enum status status = midi_file_read(copy, size, &score, NULL);
        assert_true(status == STATUS_OK || (status == STATUS_CORRUPT && score.count == 0));
        free(copy);
        score_done(&score);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(channel_messages_and_running_status),
        cmocka_unit_test(running_status_survives_meta_and_sysex),
        cmocka_unit_test(resets_are_events),
        cmocka_unit_test(what_looks_like_a_reset_is_none),
        cmocka_unit_test(a_file_that_ends_early_is_told),
        cmocka_unit_test(tempo_map_of_any_track),
        cmocka_unit_test(format_0_and_long_headers),
        cmocka_unit_test(a_finer_division_is_rounded),
        cmocka_unit_test(timecode_is_read_at_120_bpm),
        cmocka_unit_test(nonsense_is_refused),
        cmocka_unit_test(an_empty_track_is_no_failure),
        cmocka_unit_test(a_broken_track_gives_what_it_had),
        cmocka_unit_test(wrong_lengths_do_not_lose_the_next_track),
        cmocka_unit_test(trailing_rubbish_is_ignored),
        cmocka_unit_test(huge_times_stop_at_the_limit),
        cmocka_unit_test(no_prefix_is_read_over_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
