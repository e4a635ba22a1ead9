// SPDX-License-Identifier: GPL-3.0-or-later
#include "synth/player.h"

#include "recorder.h"
#include "synth/sequencer.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { RATE = 48000, FRAMES = 65536 };

static struct recorder recorder;
static struct score score;

static int start(void **state)
{
    (void)state;
    recorder_init(&recorder);
    score_clear(&score);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    score_done(&score);
    return 0;
}

static void add(struct event event)
{
    assert_int_equal(score_add(&score, event), STATUS_OK);
}

static struct player *play(void)
{
    struct player *player = player_new(&score, &recorder.base, RATE);
    assert_non_null(player);
    return player;
}

/// Renders until the score is at its end, in blocks of \p block.
static void render_all(struct player *player, size_t block)
{
    static float left[FRAMES];
    static float right[FRAMES];
    recorder.silent = true;
    while (player_frame(player) < player_frames(player)) {
        player_render(player, left, right, block);
    }
}

static void assert_call(size_t index, uint64_t frame, int status, int data1)
{
    assert_true(index < recorder.count);
    assert_int_equal(recorder.calls[index].frame, frame);
    assert_int_equal(recorder.calls[index].status, status);
    assert_int_equal(recorder.calls[index].data1, data1);
}

static void test_a_score_plays_from_its_start_to_its_end(void **state)
{
    (void)state;
    add(event_reset(0, MIDI_RESET_GM));
    add(event_midi(0, 0, 0x90, 60, 100));
    add(event_midi(480, 0, 0x80, 60, 64)); // at the 120 beats a minute of a file that says nothing
    add(event_tempo(480, 60));
    add(event_note(960, 0, 62, 100, 240));
    struct player *player = play();
    assert_int_equal(player_frames(player), 24000 + 48000 + 24000 + 1);
    render_all(player, 960);
    assert_int_equal(recorder.count, 5);
    assert_call(0, 0, RECORDER_RESET, MIDI_RESET_GM);
    assert_call(1, 0, RECORDER_ON, 60);
    assert_call(2, 24000, RECORDER_OFF, 60);
    assert_call(3, 72000, RECORDER_ON, 62);
    assert_call(4, 96000, RECORDER_OFF, 62);
    const uint64_t frame = player_frame(player);
    float left[100];
    float right[100];
    player_render(player, left, right, 100);
    assert_int_equal(player_frame(player), frame + 100);
    assert_int_equal(recorder.count, 5);
    player_free(player);
}

static void test_more_than_the_queue_holds_plays_on_time(void **state)
{
    (void)state;
    static const size_t blocks[] = {960, FRAMES, 1, 333};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
        (void)start(NULL);
        for (int n = 0; n < 3 * SEQUENCER_EVENTS; n++) {
            add(event_controller(n / 8, 0, 7, n % 128)); // eight a tick, far more than the queue holds in a block
        }
        struct player *player = play();
        render_all(player, blocks[i]);
        assert_int_equal(recorder.count, 3 * SEQUENCER_EVENTS);
        for (size_t n = 0; n < recorder.count; n++) {
            assert_call(n, n / 8 * 50, 0xb0, 7);
            assert_int_equal(recorder.calls[n].data2, n % 128);
        }
        player_free(player);
    }
}

static void test_a_crowd_on_one_tick_keeps_its_order(void **state)
{
    (void)state;
    for (int n = 0; n < 3 * SEQUENCER_EVENTS; n++) {
        add(event_controller(10, 0, 7, n % 128));
    }
    struct player *player = play();
    render_all(player, 960);
    assert_int_equal(recorder.count, 3 * SEQUENCER_EVENTS);
    for (size_t n = 0; n < recorder.count; n++) {
        assert_int_equal(recorder.calls[n].data2, n % 128);
        assert_true(recorder.calls[n].frame <= 502);
    }
    player_free(player);
}

static void test_what_is_no_event_is_passed_over(void **state)
{
    (void)state;
    struct event wrong = event_note(0, 0, 60, 100, 10);
    wrong.note.key = 200;
    add(wrong);
    add(event_tempo(0, -1));
    add(event_note(10, 0, 61, 100, 10));
    struct player *player = play();
    render_all(player, 960);
    assert_int_equal(recorder.count, 2);
    assert_call(0, 500, RECORDER_ON, 61);
    player_free(player);
}

static void test_an_empty_score_is_over(void **state)
{
    (void)state;
    struct player *player = play();
    assert_int_equal(player_frames(player), 0);
    float left[10];
    float right[10];
    player_render(player, left, right, 10);
    assert_int_equal(player_frame(player), 10);
    player_render(player, NULL, NULL, 0);
    player_free(player);
    player_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_a_score_plays_from_its_start_to_its_end, start),
        cmocka_unit_test_setup(test_more_than_the_queue_holds_plays_on_time, start),
        cmocka_unit_test_setup(test_a_crowd_on_one_tick_keeps_its_order, start),
        cmocka_unit_test_setup(test_what_is_no_event_is_passed_over, start),
        cmocka_unit_test_setup(test_an_empty_score_is_over, start),
    };
    return cmocka_run_group_tests(tests, NULL, stop);
}
