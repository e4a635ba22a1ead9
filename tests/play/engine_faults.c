// SPDX-License-Identifier: GPL-3.0-or-later
// Whatever happens to the slot that is heard: the recording is, bit for bit, what one rack renders that nothing happens
// to. In each take the slot that is heard is harmed, and when another has joined, the one that took over is killed, so
// that the newcomer is heard as well. A take in which the machine did not give the slots their time, which the engine
// counts, is taken anew.
#include "play/engine.h"

#include "recording.h"
#include "show.h"
#include "wait.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <stdlib.h>

enum { PATIENCE_MS = 300, TAKES = 6, STEP = 1200, COMMANDS = 3000, AFTER = SHOW_RATE / 5 };

typedef void harm(struct show *show, uint32_t slot);

static void kill_it(struct show *show, uint32_t slot)
{
    assert_int_equal(kill(show_stats(show).pid[slot], SIGKILL), 0);
}

static void stop_it(struct show *show, uint32_t slot)
{
    assert_int_equal(kill(show_stats(show).pid[slot], SIGSTOP), 0);
}

static void crash_it(struct show *show, uint32_t slot)
{
    show_fault(show, slot, COMMAND_FAULT_CRASH);
}

static void fill_it_with_garbage(struct show *show, uint32_t slot)
{
    show_fault(show, slot, COMMAND_FAULT_GARBAGE);
}

static void let_the_other_diverge(struct show *show, uint32_t slot)
{
    show_fault(show, 1 - slot, COMMAND_FAULT_DIVERGE);
}

// The first frame of channel 0 that is not silent.
static uint32_t find_start(const float *samples, size_t stride, uint32_t frames)
{
    uint32_t at = 0;
    while (at < frames && samples[at * stride] == 0) {
        at++;
    }
    return at;
}

static void compare(const struct show *show, const char *path, uint64_t frames_at_least)
{
    SF_INFO info;
    float *played = recording_read(path, &info);
    const uint32_t recorded = (uint32_t)info.frames;
    const uint32_t start = find_start(played, SHOW_OUTS, recorded);
    assert_true(recorded - start > frames_at_least);
    float *right = show_render(show, recorded);
    const uint32_t begin = find_start(right, 1, recorded);
    // The end is left out, where the engine fades out.
    for (uint32_t i = 0; i < recorded - start - begin; i++) {
        for (uint32_t channel = 0; channel < SHOW_OUTS; channel++) {
            const float is = played[(size_t)(start + i) * SHOW_OUTS + channel];
            const float should = right[(size_t)channel * recorded + begin + i];
            if (is != should) {
                fail_msg("frame %u of %u, channel %u: %g, not %g", i, recorded, channel, (double)is, (double)should);
            }
        }
    }
    free(right);
    free(played);
}

static void start_music(struct show *show)
{
    show_add_loop(show, "one", "left", 220);
    show_add_sine(show, "two", "right", 333);
    show_post(show, engine_now(show->engine) + SHOW_RATE / 10);
    show_schedule(show, "two", show->begins[0] + STEP, STEP, COMMANDS);
    // The patch is changed twice while slots come and go.
    show_add_sine(show, "three", "left", 551);
    show_post(show, show->begins[0] + SHOW_RATE / 2);
    show_add_loop(show, "four", "right", 77);
    show_post(show, show->begins[0] + 2 * SHOW_RATE);
}

// False where the machine was too slow.
static bool take(struct recording *recording, harm *harm_slot, bool harms_the_other, uint32_t lead)
{
    struct complaint complaint;
    struct show *show = show_new_ahead(PATIENCE_MS, lead);
    const char *path = recording_name(recording, "take.wav");
    (void)unlink(path); // of a try before
    assert_int_equal(recorder_start(engine_recorder(show->engine), path, RECORDER_FLOAT, &complaint), STATUS_OK);
    start_music(show);
    show_wait_for_frame(show, show->begins[0] + AFTER);
    const uint32_t heard = show_stats(show).active;
    const uint32_t harmed = harms_the_other ? 1 - heard : heard;
    const uint64_t deaths = show_stats(show).deaths[harmed];
    harm_slot(show, heard);
    show_wait_for_death(show, harmed, deaths + 1);
    show_wait_until_redundant(show);
    const uint32_t second = show_stats(show).active;
    const uint64_t second_deaths = show_stats(show).deaths[second];
    kill_it(show, second);
    show_wait_for_death(show, second, second_deaths + 1);
    show_wait_until_redundant(show);
    show_wait_for_frame(show, show->begins[2] + AFTER);
    show_wait_for_frame(show, show_stats(show).frame + AFTER);
    assert_int_equal(recorder_stop(engine_recorder(show->engine), &complaint), STATUS_OK);
    const struct engine_stats stats = show_stats(show);
    const bool was_in_time = stats.late == 0 && stats.behind == 0;
    if (was_in_time) {
        compare(show, path, show->begins[2] - show->begins[0] + AFTER);
        assert_in_range(stats.switches, harms_the_other ? 1 : 2, 1000);
        assert_true(stats.joins[harmed] >= 2 && stats.join_ms[harmed] > 0);
    } else {
        print_message("late=%llu behind=%llu: once more\n", (unsigned long long)stats.late,
                      (unsigned long long)stats.behind);
    }
    show_free(show);
    return was_in_time;
}

static void expect_no_loss(void **state, harm *harm_slot, bool harms_the_other, uint32_t lead)
{
    for (int i = 0; i < TAKES; i++) {
        if (take(*state, harm_slot, harms_the_other, lead)) {
            return;
        }
    }
    fail_msg("in %d takes the machine never had time for the slots", TAKES);
}

static void not_a_frame_is_lost_when_a_slot_is_killed(void **state)
{
    expect_no_loss(state, kill_it, false, 1);
}

static void not_a_frame_is_lost_when_a_slot_is_stopped(void **state)
{
    expect_no_loss(state, stop_it, false, 1);
}

static void not_a_frame_is_lost_when_a_slot_crashes(void **state)
{
    expect_no_loss(state, crash_it, false, 1);
}

static void not_a_frame_is_lost_when_a_slot_writes_garbage(void **state)
{
    expect_no_loss(state, fill_it_with_garbage, false, 1);
}

static void one_that_plays_something_else_is_replaced(void **state)
{
    expect_no_loss(state, let_the_other_diverge, true, 1);
}

// What the dead slot had rendered ahead is played, and the newcomer counts only from when it has what is played.
static void not_a_frame_is_lost_when_blocks_are_rendered_ahead(void **state)
{
    expect_no_loss(state, kill_it, false, 8);
}

int main(int argc, char **argv)
{
    int exit;
    if (show_is_slot(argc, argv, &exit)) {
        return exit;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(not_a_frame_is_lost_when_a_slot_is_killed, recording_set_up,
                                        recording_tear_down),
        cmocka_unit_test_setup_teardown(not_a_frame_is_lost_when_a_slot_is_stopped, recording_set_up,
                                        recording_tear_down),
        cmocka_unit_test_setup_teardown(not_a_frame_is_lost_when_a_slot_crashes, recording_set_up, recording_tear_down),
        cmocka_unit_test_setup_teardown(not_a_frame_is_lost_when_a_slot_writes_garbage, recording_set_up,
                                        recording_tear_down),
        cmocka_unit_test_setup_teardown(not_a_frame_is_lost_when_blocks_are_rendered_ahead, recording_set_up,
                                        recording_tear_down),
        cmocka_unit_test_setup_teardown(one_that_plays_something_else_is_replaced, recording_set_up,
                                        recording_tear_down),
    };
    return cmocka_run_group_tests_name("engine_faults", tests, NULL, NULL);
}
