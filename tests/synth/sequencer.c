// SPDX-License-Identifier: GPL-3.0-or-later
#include "synth/sequencer.h"

#include "core/random.h"
#include "recorder.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { RATE = 48000, WATCHED = 64 };

struct watched {
    size_t notes;
    size_t cuts;
    size_t chords;
    uint64_t frames[WATCHED];
    uint64_t ends[WATCHED];
    int channel;
};

static struct recorder recorder;
static struct sequencer *sequencer;

static void start_at(double bpm, const struct sequencer_watch *watch)
{
    sequencer_free(sequencer);
    recorder_init(&recorder);
    sequencer = sequencer_new(&recorder.base, RATE, bpm, watch);
    assert_non_null(sequencer);
}

static int stop(void **state)
{
    (void)state;
    sequencer_free(sequencer);
    sequencer = NULL;
    return 0;
}

static struct event note(int64_t tick, int channel, int key, int32_t duration)
{
    return (struct event){.tick = tick,
                          .kind = EVENT_NOTE,
                          .channel = (uint8_t)channel,
                          .note = {.key = (uint8_t)key, .velocity = 80, .duration = duration}};
}

static struct event tempo(int64_t tick, double bpm)
{
    return (struct event){.tick = tick, .kind = EVENT_TEMPO, .bpm = bpm};
}

static struct event cut(int64_t tick, int channel)
{
    return (struct event){.tick = tick, .kind = EVENT_CUT, .channel = (uint8_t)channel};
}

static struct event midi(int64_t tick, int status, int data1, int data2)
{
    return (struct event){.tick = tick,
                          .kind = EVENT_MIDI,
                          .midi = {.status = (uint8_t)status, .data = {(uint8_t)data1, (uint8_t)data2}}};
}

static void add(struct event event)
{
    assert_int_equal(sequencer_add(sequencer, &event), STATUS_OK);
}

/// Renders in blocks of \p block.
static void render(uint64_t frames, size_t block)
{
    static float left[65536];
    static float right[65536];
    while (frames > 0) {
        const size_t part = frames < block ? (size_t)frames : block;
        sequencer_render(sequencer, left, right, part);
        frames -= part;
    }
}

static void assert_call(size_t index, uint64_t frame, int status, int channel, int data1)
{
    assert_true(index < recorder.count);
    const struct recorder_call *call = &recorder.calls[index];
    assert_int_equal(call->frame, frame);
    assert_int_equal(call->status, status);
    assert_int_equal(call->channel, channel);
    assert_int_equal(call->data1, data1);
}

static void test_notes_fall_on_their_frames_at_60(void **state)
{
    (void)state;
    start_at(60, NULL);
    add(note(480, 1, 64, 240));
    add(note(0, 0, 60, 480));
    add(note(1, 2, 67, 1));
    render(3 * (uint64_t)RATE, 511);
    assert_int_equal(recorder.count, 6);
    assert_call(0, 0, RECORDER_ON, 0, 60);
    assert_call(1, 100, RECORDER_ON, 2, 67);
    assert_call(2, 200, RECORDER_OFF, 2, 67);
    assert_call(3, 48000, RECORDER_OFF, 0, 60); // what ends goes before what starts
    assert_call(4, 48000, RECORDER_ON, 1, 64);
    assert_call(5, 72000, RECORDER_OFF, 1, 64);
    assert_true(sequencer_idle(sequencer));
}

static void test_notes_fall_on_their_frames_at_61_7(void **state)
{
    (void)state;
    start_at(61.7, NULL);
    for (int i = 0; i < 1000; i++) {
        add(note((int64_t)i * 37, 0, i % 128, 30));
    }
    render(3626000, 333);
    assert_int_equal(recorder.count, 2000);
    for (int i = 0; i < 1000; i++) {
        const long double frame = i * 37 * 60.0L * (long double)RATE / (61.7L * 480);
        assert_call(2 * (size_t)i, (uint64_t)ceill(frame), RECORDER_ON, 0, i % 128);
    }
}

static void test_the_block_is_put_together_in_order(void **state)
{
    (void)state;
    start_at(61.7, NULL);
    for (int i = 0; i < 100; i++) {
        add(note(i, 0, i, 5));
    }
    static float left[20000];
    static float right[20000];
    sequencer_render(sequencer, left, right, 20000);
    for (size_t i = 0; i < 20000; i++) {
        assert_true(left[i] == (float)i && right[i] == -(float)i);
    }
    assert_int_equal(sequencer_frame(sequencer), 20000);
    sequencer_render(sequencer, NULL, NULL, 0);
    assert_int_equal(sequencer_frame(sequencer), 20000);
}

static void test_block_sizes_do_not_move_anything(void **state)
{
    (void)state;
    static struct recorder first;
    static const size_t blocks[] = {65536, 1, 63, 64, 65, 480, 4801};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
        start_at(87.3, NULL);
        for (int n = 0; n < 50; n++) {
            add(note((int64_t)n * 13, n % 16, 40 + n % 7, 10 + n));
        }
        add(tempo(100, 133.3));
        add(tempo(333, 51.1));
        add(cut(400, 3));
        render(2 * (uint64_t)RATE, blocks[i]);
        if (i == 0) {
            first = recorder;
        }
        assert_int_equal(recorder.count, first.count);
        assert_memory_equal(recorder.calls, first.calls, first.count * sizeof *first.calls);
    }
}

static void test_events_of_one_tick_keep_their_order(void **state)
{
    (void)state;
    start_at(60, NULL);
    for (int i = 0; i < 100; i++) {
        add(midi(10, 0xb0, i, i));
        add(midi(5, 0xc0, i, 0));
    }
    render(2000, 64);
    assert_int_equal(recorder.count, 200);
    for (int i = 0; i < 100; i++) {
        assert_call((size_t)i, 500, 0xc0, 0, i);
        assert_call(100 + (size_t)i, 1000, 0xb0, 0, i);
    }
}

static void test_a_tempo_change_moves_the_end_of_a_sounding_note(void **state)
{
    (void)state;
    start_at(60, NULL);
    add(note(0, 0, 60, 480));
    add(tempo(240, 120));
    render(RATE, 100);
    assert_call(1, 24000 + 12000, RECORDER_OFF, 0, 60);

    start_at(60, NULL);
    add(note(0, 0, 60, 480));
    render(12000, 100);
    sequencer_set_bpm(sequencer, 30);
    render(3 * (uint64_t)RATE, 100);
    assert_call(1, 12000 + 72000, RECORDER_OFF, 0, 60);
    sequencer_set_bpm(sequencer, NAN);
    sequencer_set_bpm(sequencer, 0);
    sequencer_set_bpm(sequencer, -5);
    assert_int_equal(sequencer_tick_after(sequencer, RATE) - sequencer_tick(sequencer), 240);
}

static void test_a_day_has_no_drift(void **state)
{
    (void)state;
    start_at(61.7, NULL);
    const uint64_t day = (uint64_t)RATE * 86400;
    // 24 hours are 61.7 * 1440 beats.
    const int64_t ticks = INT64_C(617) * 144 * 480;
    add(note(ticks, 0, 60, 1));
    add(note(ticks + 1, 0, 61, 1));
    recorder.silent = true;
    render(day + 1000, 65536);
    assert_call(0, day, RECORDER_ON, 0, 60);
    assert_call(1, day + 98, RECORDER_OFF, 0, 60);
    assert_call(2, day + 98, RECORDER_ON, 0, 61);
}

static void test_position(void **state)
{
    (void)state;
    start_at(60, NULL);
    assert_int_equal(sequencer_tick(sequencer), 0);
    assert_int_equal(sequencer_tick_after(sequencer, 100), 1);
    assert_int_equal(sequencer_tick_after(sequencer, 99), 0);
    render(250, 250);
    assert_int_equal(sequencer_tick(sequencer), 2);
    assert_int_equal(sequencer_frame(sequencer), 250);
    assert_int_equal(sequencer_tick_after(sequencer, 50), 3);
    assert_true(sequencer_tick_after(sequencer, SIZE_MAX) > 0);
}

static void test_a_past_event_plays_at_once_and_whole(void **state)
{
    (void)state;
    start_at(60, NULL);
    render(RATE, 1000);
    add(note(3, 0, 60, 10));
    add(note(480, 0, 61, 10)); // its frame is next: not late
    render(5000, 1000);
    assert_call(0, 48000, RECORDER_ON, 0, 60);
    assert_call(1, 48000, RECORDER_ON, 0, 61);
    assert_call(2, 49000, RECORDER_OFF, 0, 60);
    assert_call(3, 49000, RECORDER_OFF, 0, 61);
    add(tempo(0, 120));
    render(1, 1);
    assert_int_equal(sequencer_tick_after(sequencer, 24000) - sequencer_tick(sequencer), 480);
}

static void test_a_full_queue_says_so(void **state)
{
    (void)state;
    start_at(60, NULL);
    struct random random;
    random_init(&random, 6, 0);
    for (int i = 0; i < SEQUENCER_EVENTS; i++) {
        add(midi(random_below(&random, 1000), 0xb0, 1, 1));
    }
    struct event more = midi(0, 0xc0, 9, 0);
    assert_int_equal(sequencer_add(sequencer, &more), STATUS_FULL);
    render(10000, 64);
    assert_int_equal(sequencer_add(sequencer, &more), STATUS_OK);
    render(100000, 4096);
    assert_int_equal(recorder.count, SEQUENCER_EVENTS + 1);
    for (size_t i = 1; i < recorder.count; i++) {
        assert_true(recorder.calls[i].frame >= recorder.calls[i - 1].frame);
    }
    assert_true(sequencer_idle(sequencer));
}

static void test_a_chord_is_announced_before_it_starts(void **state)
{
    (void)state;
    start_at(60, NULL);
    for (int i = 0; i < 3; i++) {
        add(note(10, 0, 60 + i, 100));
    }
    add(midi(10, 0x90, 70, 5));
    add(midi(10, 0x90, 71, 0)); // ends a note
    add(midi(10, 0xb0, 1, 1));
    add(note(11, 0, 80, 100));
    add(midi(10, 0x90, 0x80, 1)); // makes no sense
    render(936, 64);
    render(64, 64); // up to frame 1000, which is the next
    assert_int_equal(recorder.announced, 0);
    render(24, 24);
    assert_int_equal(recorder.announced, 1);
    assert_int_equal(recorder.expected, 4);
    assert_int_equal(recorder.announcement, 1000);
    assert_int_equal(recorder.note.key, 70);
    for (int i = 0; i < 2 * INSTRUMENT_EXPECTED; i++) {
        add(note(20, 1, 60 + i, 100));
    }
    render(77, 77);
    assert_int_equal(recorder.expected, 5);
    assert_int_equal(recorder.note.key, 80);
    sequencer_skip(sequencer, 500);
    render(0, 1);
    assert_int_equal(recorder.expected, 5);
    render(400, 400);
    assert_int_equal(recorder.expected, 5 + INSTRUMENT_EXPECTED);
}

static void test_more_notes_than_fit_are_counted(void **state)
{
    (void)state;
    start_at(60, NULL);
    for (int i = 0; i < SEQUENCER_NOTES + 44; i++) {
        add(note(0, i / 100, i % 100, 100));
    }
    render(20000, 64);
    assert_int_equal(sequencer_dropped(sequencer), 44);
    assert_int_equal(recorder.count, 2 * SEQUENCER_NOTES);
    add(note(0, 0, 0, 1));
    render(1000, 64);
    assert_int_equal(recorder.count, 2 * SEQUENCER_NOTES + 2);
}

static void test_a_retriggered_note_is_ended_first_and_lives_its_own_life(void **state)
{
    (void)state;
    start_at(60, NULL);
    add(note(0, 0, 60, 100));
    add(note(50, 0, 60, 100)); // the end of the first, at 100, must not reach it
    add(note(50, 1, 60, 10));  // another channel is another note
    render(20000, 64);
    assert_int_equal(recorder.count, 6);
    assert_call(0, 0, RECORDER_ON, 0, 60);
    assert_call(1, 5000, RECORDER_OFF, 0, 60);
    assert_call(2, 5000, RECORDER_ON, 0, 60);
    assert_call(3, 5000, RECORDER_ON, 1, 60);
    assert_call(4, 6000, RECORDER_OFF, 1, 60);
    assert_call(5, 15000, RECORDER_OFF, 0, 60);
}

static void test_a_cut_ends_its_channel_only(void **state)
{
    (void)state;
    start_at(60, NULL);
    add(note(0, 0, 60, 1000));
    add(note(0, 1, 61, 1000));
    add(note(0, 1, 62, 20));
    add(note(0, 1, 63, 2000));
    add(cut(10, 1));
    add(note(10, 1, 64, 10)); // after the cut: untouched by it
    render(300000, 64);
    assert_call(4, 1000, RECORDER_OFF, 1, 62);
    assert_call(5, 1000, RECORDER_OFF, 1, 61);
    assert_call(6, 1000, RECORDER_OFF, 1, 63);
    assert_call(7, 1000, 0xb0, 1, 123);
    assert_call(8, 1000, RECORDER_ON, 1, 64);
    assert_call(9, 2000, RECORDER_OFF, 1, 64);
    assert_call(10, 100000, RECORDER_OFF, 0, 60);
    assert_int_equal(recorder.count, 11);
}

static void count_cut(void *user, int channel, uint64_t frame)
{
    struct watched *watched = user;
    assert_int_equal(channel, watched->cuts);
    assert_int_equal(frame, 1000);
    watched->cuts++;
}

static void test_a_reset_ends_all_and_reaches_the_instrument(void **state)
{
    (void)state;
    struct watched watched = {0};
    start_at(60, &(struct sequencer_watch){.cut = count_cut, .user = &watched});
    add(note(0, 0, 60, 1000));
    add(note(0, 5, 61, 20));
    add(event_reset(10, MIDI_RESET_GM2));
    add(note(10, 0, 60, 10)); // after the reset, with a life of its own
    render(300000, 64);
    assert_call(2, 1000, RECORDER_OFF, 5, 61);
    assert_call(3, 1000, RECORDER_OFF, 0, 60);
    assert_call(4, 1000, RECORDER_RESET, 0, MIDI_RESET_GM2);
    assert_call(5, 1000, RECORDER_ON, 0, 60);
    assert_call(6, 2000, RECORDER_OFF, 0, 60);
    assert_int_equal(recorder.count, 7);
    assert_int_equal(watched.cuts, INSTRUMENT_CHANNELS);
}

static void test_messages_pass_through(void **state)
{
    (void)state;
    start_at(60, NULL);
    add(midi(0, 0x90, 60, 80));
    add(midi(1, 0xe0, 0, 64));
    add(midi(2, 0x80, 60, 0));
    render(1000, 64);
    assert_call(0, 0, RECORDER_ON, 0, 60);
    assert_call(1, 100, 0xe0, 0, 0);
    assert_int_equal(recorder.calls[1].data2, 64);
    assert_call(2, 200, RECORDER_OFF, 0, 60);
}

static void test_what_is_no_event_is_refused(void **state)
{
    (void)state;
    start_at(60, NULL);
    struct event wrong[] = {
        note(-1, 0, 60, 10), note(INT64_MAX, 0, 60, 10),
        note(0, 16, 60, 10), note(0, 0, 128, 10),
        note(0, 0, 60, 0),   note(0, 0, 60, -100),
        tempo(0, NAN),       tempo(0, 0),
        tempo(0, -1),        tempo(0, INFINITY),
        note(0, 0, 60, 10),  note(0, 0, 60, 10),
        note(0, 0, 60, 10),  event_reset(0, MIDI_RESET_GM),
    };
    wrong[13].reset = (enum midi_reset)MIDI_RESETS;
    wrong[10].note.velocity = 0;
    wrong[11].note.velocity = 128;
    wrong[12].kind = (enum event_kind)99;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(sequencer_add(sequencer, &wrong[i]), STATUS_INVALID);
    }
    render(1000, 64);
    assert_int_equal(recorder.count, 0);
}

static void watch_note(void *user, const struct event *event, uint64_t frame, uint64_t end)
{
    struct watched *watched = user;
    assert_int_equal(event->kind, EVENT_NOTE);
    watched->frames[watched->notes] = frame;
    watched->ends[watched->notes] = end;
    watched->notes++;
}

static void watch_cut(void *user, int channel, uint64_t frame)
{
    struct watched *watched = user;
    watched->cuts++;
    watched->channel = channel;
    assert_int_equal(frame, 2000);
}

static void watch_chord(void *user, const struct event *event, uint64_t frame)
{
    struct watched *watched = user;
    assert_int_equal(event->harmony.chord.root, 7);
    assert_int_equal(frame, 1000);
    watched->chords++;
}

static void test_the_watch_sees_what_plays(void **state)
{
    (void)state;
    struct watched watched = {0};
    const struct sequencer_watch watch = {watch_note, watch_cut, watch_chord, &watched};
    start_at(60, &watch);
    struct event chord = {.tick = 10, .kind = EVENT_CHORD};
    chord.harmony.chord.root = 7;
    add(chord);
    add(note(5, 0, 60, 10));
    add(note(7, 0, 61, 1000));
    add(cut(20, 4));
    render(3000, 64);
    assert_int_equal(watched.notes, 2);
    assert_int_equal(watched.frames[0], 500);
    assert_int_equal(watched.ends[0], 1500);
    assert_int_equal(watched.frames[1], 700);
    assert_int_equal(watched.ends[1], 100700);
    assert_int_equal(watched.cuts, 1);
    assert_int_equal(watched.channel, 4);
    assert_int_equal(watched.chords, 1);
    assert_false(sequencer_idle(sequencer));
}

static void test_what_is_skipped_is_neither_heard_nor_missed(void **state)
{
    (void)state;
    struct watched watched = {0};
    start_at(60, &(struct sequencer_watch){.note = watch_note, .user = &watched});
    add(note(0, 0, 60, 480 * 60));
    add(note(480, 1, 61, 240)); // over before there is sound again
    add(event_controller(600, 2, 7, 99));
    add(midi(700, MIDI_NOTE_ON, 62, 99));
    add(note(960, 3, 63, 480 * 2));
    sequencer_skip(sequencer, 3 * (uint64_t)RATE);
    assert_int_equal(sequencer_frame(sequencer), 3 * RATE);
    assert_int_equal(recorder.count, 1);
    assert_call(0, 0, MIDI_CONTROLLER, 2, 7);
    assert_int_equal(watched.notes, 3);
    render(2 * (uint64_t)RATE, 500);
    // Those that are held were begun on their frames, and end on theirs.
    assert_int_equal(recorder.count, 4);
    assert_call(1, 0, RECORDER_ON, 0, 60);
    assert_call(2, 2 * RATE, RECORDER_ON, 3, 63);
    assert_call(3, 4 * RATE, RECORDER_OFF, 3, 63);
    assert_int_equal(recorder.frame, 5 * RATE);
    // What sounds is released; a note from long ago is begun later, but is begun.
    add(note(480 * 5, 4, 64, 480 * 400));
    render(RATE, 500);
    sequencer_skip(sequencer, 300 * (uint64_t)RATE);
    assert_int_equal(recorder.count, 7);
    assert_call(5, 6 * RATE, RECORDER_OFF, 4, 64);
    assert_call(6, 6 * RATE, RECORDER_OFF, 0, 60);
    render(RATE, 500);
    assert_int_equal(recorder.count, 8);
    assert_int_equal(recorder.calls[7].status, RECORDER_ON);
    assert_in_range(recorder.calls[7].frame, (306 - 120) * RATE - INSTRUMENT_GRID, (306 - 120) * RATE);
    assert_int_equal(recorder.frame, 307 * RATE);
}

/// A stranger's tempos and overlaps for a while: each note that starts ends once, and ends before it starts again.
static void test_every_note_ends_once(void **state)
{
    (void)state;
    start_at(100, NULL);
    struct random random;
    random_init(&random, 7, 0);
    bool sounds[16][128] = {{false}};
    for (int i = 0; i < 4000; i++) {
        const int64_t tick = random_below(&random, 20000);
        add(note(tick, (int)random_below(&random, 3), (int)random_below(&random, 20),
                 1 + (int32_t)random_below(&random, 500)));
    }
    for (int i = 0; i < 90; i++) {
        add(tempo(random_below(&random, 20000), 30 + 200 * random_unit(&random)));
    }
    while (!sequencer_idle(sequencer)) {
        render(1000, 1000);
    }
    for (size_t i = 0; i < recorder.count; i++) {
        const struct recorder_call *call = &recorder.calls[i];
        bool *sounding = &sounds[call->channel][call->data1];
        assert_true(*sounding == (call->status == RECORDER_OFF));
        *sounding = call->status == RECORDER_ON;
    }
    assert_int_equal(recorder.count, 8000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_notes_fall_on_their_frames_at_60),
        cmocka_unit_test(test_notes_fall_on_their_frames_at_61_7),
        cmocka_unit_test(test_the_block_is_put_together_in_order),
        cmocka_unit_test(test_block_sizes_do_not_move_anything),
        cmocka_unit_test(test_events_of_one_tick_keep_their_order),
        cmocka_unit_test(test_a_tempo_change_moves_the_end_of_a_sounding_note),
        cmocka_unit_test(test_a_day_has_no_drift),
        cmocka_unit_test(test_position),
        cmocka_unit_test(test_a_past_event_plays_at_once_and_whole),
        cmocka_unit_test(test_a_full_queue_says_so),
        cmocka_unit_test(test_a_chord_is_announced_before_it_starts),
        cmocka_unit_test(test_more_notes_than_fit_are_counted),
        cmocka_unit_test(test_a_retriggered_note_is_ended_first_and_lives_its_own_life),
        cmocka_unit_test(test_a_cut_ends_its_channel_only),
        cmocka_unit_test(test_a_reset_ends_all_and_reaches_the_instrument),
        cmocka_unit_test(test_messages_pass_through),
        cmocka_unit_test(test_what_is_no_event_is_refused),
        cmocka_unit_test(test_the_watch_sees_what_plays),
        cmocka_unit_test(test_what_is_skipped_is_neither_heard_nor_missed),
        cmocka_unit_test(test_every_note_ends_once),
    };
    return cmocka_run_group_tests(tests, NULL, stop);
}
