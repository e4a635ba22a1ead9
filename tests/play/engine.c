// SPDX-License-Identifier: GPL-3.0-or-later
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
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATIENCE_MS = 2000 };

static const struct engine_options plain = {
    .device = {.kind = "null", .rate = SHOW_RATE, .block = SHOW_BLOCK, .outs = SHOW_OUTS}};

static void refuses_what_cannot_be_started(void **state)
{
    (void)state;
    struct engine *engine = NULL;
    struct complaint complaint = {""};
    struct engine_options options = plain;
    options.slot = "/nowhere/tutti";
    assert_int_equal(engine_new(&options, &engine, &complaint), STATUS_IO);
    assert_non_null(strstr(complaint.text, "/nowhere/tutti"));
    options = plain;
    options.device.kind = "gramophone";
    assert_int_equal(engine_new(&options, &engine, &complaint), STATUS_UNKNOWN);
    assert_null(engine);
    engine_free(NULL);
}

static void a_slot_program_that_ends_at_once_is_tried_again_with_pauses(void **state)
{
    (void)state;
    struct engine *engine = NULL;
    struct complaint complaint = {""};
    struct engine_options options = plain;
    options.slot = "/bin/false";
    assert_int_equal(engine_new(&options, &engine, &complaint), STATUS_OK);
    clock_sleep_until(clock_now_ns() + 1000000000);
    struct engine_stats stats;
    engine_stats(engine, &stats);
    // At 0, 0, 100 and 1100 ms, and a slow machine may come less far.
    assert_in_range(stats.deaths[0], 1, 4);
    assert_false(stats.redundant);
    assert_int_equal(stats.late, 0);
    engine_free(engine);
}

static void says_what_the_device_is(void **state)
{
    (void)state;
    struct show *show = show_new(PATIENCE_MS);
    assert_true(engine_rate(show->engine) == SHOW_RATE);
    assert_int_equal(engine_block(show->engine), SHOW_BLOCK);
    assert_int_equal(engine_ins(show->engine), 0);
    assert_int_equal(engine_outs(show->engine), SHOW_OUTS);
    assert_false(engine_is_gone(show->engine));
    const struct engine_stats stats = show_stats(show);
    assert_true(stats.pid[0] > 0 && stats.pid[1] > 0 && stats.pid[0] != stats.pid[1]);
    assert_int_equal(stats.state[0], ENGINE_SLOT_PLAYING);
    assert_int_equal(stats.state[1], ENGINE_SLOT_PLAYING);
    assert_true(stats.joins[0] >= 1 && stats.joins[1] >= 1);
    show_wait_for_frame(show, show_stats(show).frame + SHOW_RATE / 10);
    assert_true(show_stats(show).callbacks > stats.callbacks && show_stats(show).load > 0);
    assert_true(histogram_summarize(engine_callback_ns(show->engine)).count > 0);
    show_free(show);
}

static void ends_its_slots(void **state)
{
    (void)state;
    struct show *show = show_new(PATIENCE_MS);
    const struct engine_stats stats = show_stats(show);
    show_free(show);
    for (int slot = 0; slot < ENGINE_SLOTS; slot++) {
        assert_int_equal(kill(stats.pid[slot], 0), -1);
    }
}

static void plays_with_one_slot_alone(void **state)
{
    (void)state;
    struct engine *engine = NULL;
    struct complaint complaint = {""};
    struct engine_options options = plain;
    options.alone = true;
    assert_int_equal(engine_new(&options, &engine, &complaint), STATUS_OK);
    struct engine_stats stats;
    engine_stats(engine, &stats);
    assert_true(stats.pid[0] > 0);
    assert_int_equal(stats.pid[1], 0);
    assert_false(stats.redundant);
    engine_free(engine);
}

static void sends_all_commands_or_none(void **state)
{
    (void)state;
    struct show *show = show_new(PATIENCE_MS);
    struct command *commands = calloc(ENGINE_TIMED_MAX + 1, sizeof *commands);
    assert_non_null(commands);
    const uint64_t later = engine_now(show->engine) + 3600ULL * SHOW_RATE;
    for (uint32_t i = 0; i <= ENGINE_TIMED_MAX; i++) {
        commands[i] = (struct command){.frame = later, .kind = COMMAND_SET, .uid = 1};
    }
    uint64_t frame = 0;
    assert_int_equal(engine_send(show->engine, commands, ENGINE_TIMED_MAX + 1, NULL), STATUS_FULL);
    assert_int_equal(engine_send(show->engine, commands, ENGINE_TIMED_MAX - 1, &frame), STATUS_OK);
    assert_int_equal(frame, later);
    assert_int_equal(engine_send(show->engine, commands, 2, NULL), STATUS_FULL);
    assert_int_equal(engine_send(show->engine, commands, 1, NULL), STATUS_OK);
    assert_int_equal(engine_send(show->engine, commands, 0, &frame), STATUS_OK);
    assert_int_equal(show_stats(show).commands, ENGINE_TIMED_MAX);
    assert_int_equal(show_stats(show).refused, ENGINE_TIMED_MAX + 3);
    // A change of the patch has its own room.
    show_add_sine(show, "one", "left", 440);
    show_post(show, 0);
    free(commands);
    show_free(show);
}

static void refuses_commands_that_are_not_for_sending(void **state)
{
    (void)state;
    struct engine *engine = NULL;
    struct complaint complaint = {""};
    assert_int_equal(engine_new(&plain, &engine, &complaint), STATUS_OK);
    const struct command set = {.kind = COMMAND_SET};
    const struct command swap = {.kind = COMMAND_SWAP, .serial = 1};
    const struct command fault = {.kind = COMMAND_FAULT};
    assert_int_equal(engine_send(engine, (struct command[]){set, swap}, 2, NULL), STATUS_INVALID);
    assert_int_equal(engine_send(engine, &fault, 1, NULL), STATUS_UNSUPPORTED);
    struct engine_stats stats;
    engine_stats(engine, &stats);
    assert_int_equal(stats.commands, 0);
    engine_free(engine);
}

static void what_a_slot_cannot_prepare_is_refused_and_does_not_count(void **state)
{
    (void)state;
    struct show *show = show_new(PATIENCE_MS);
    struct complaint complaint = {""};
    uint64_t begins = 0;
    struct program *program = calloc(1, sizeof *program);
    assert_non_null(program);
    show_add_sine(show, "one", "left", 440);
    assert_int_equal(compiler_compile(show->compiler, show->patch, NULL, NULL, program, &complaint), STATUS_OK);
    program->rate = 44100;
    assert_int_equal(engine_post(show->engine, program, 0, &begins, &complaint), STATUS_INVALID);
    assert_non_null(strstr(complaint.text, "44100"));
    program->rate = SHOW_RATE;
    program->serial = 2;
    assert_int_equal(engine_post(show->engine, program, 0, &begins, &complaint), STATUS_INVALID);
    program->serial = 1;
    assert_int_equal(engine_post(show->engine, program, 0, &begins, &complaint), STATUS_OK);
    show_wait_for_frame(show, begins + SHOW_RATE / 5);
    float peaks[SHOW_OUTS];
    engine_peaks(show->engine, peaks);
    assert_true(peaks[0] > 0.29F && peaks[0] < 0.31F && peaks[1] == 0);
    assert_true(show_stats(show).redundant);
    free(program);
    show_free(show);
}

// Otherwise what was changed last would be undone when the frame of the change before it comes.
static void a_program_for_now_waits_for_one_that_was_posted_for_later(void **state)
{
    (void)state;
    struct show *show = show_new(PATIENCE_MS);
    show_add_sine(show, "one", "left", 440);
    show_post(show, engine_now(show->engine) + SHOW_RATE / 2);
    show_add_sine(show, "two", "right", 440);
    show_post(show, 0);
    assert_true(show->begins[1] >= show->begins[0]);
    float peaks[SHOW_OUTS];
    show_wait_for_frame(show, show->begins[0] + SHOW_RATE / 10);
    engine_peaks(show->engine, peaks);
    show_wait_for_frame(show, show_stats(show).frame + SHOW_RATE / 5);
    engine_peaks(show->engine, peaks);
    assert_true(peaks[0] > 0.2F && peaks[1] > 0.2F);
    assert_true(show_stats(show).redundant);
    show_free(show);
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void keeps_the_bytes_of_a_file(void **state)
{
    struct recording *recording = *state;
    struct engine *engine = NULL;
    struct complaint complaint = {""};
    assert_int_equal(engine_new(&plain, &engine, &complaint), STATUS_OK);
    const char *path = recording_name(recording, "kept.txt");
    char first[PROGRAM_FILE_SIZE];
    char again[PROGRAM_FILE_SIZE];
    char other[PROGRAM_FILE_SIZE];
    write_file(path, "as it was");
    assert_int_equal(engine_keep(engine, path, first, &complaint), STATUS_OK);
    assert_int_equal(engine_keep(engine, path, again, &complaint), STATUS_OK);
    assert_string_equal(first, again);
    write_file(path, "as it is now");
    assert_int_equal(engine_keep(engine, path, other, &complaint), STATUS_OK);
    assert_string_not_equal(first, other);
    assert_int_equal(remove(path), 0);
    FILE *kept = fopen(first, "r");
    assert_non_null(kept);
    char text[32] = "";
    assert_non_null(fgets(text, sizeof text, kept));
    assert_string_equal(text, "as it was");
    assert_int_equal(fclose(kept), 0);
    assert_int_equal(engine_keep(engine, path, other, &complaint), STATUS_IO);
    assert_int_equal(engine_keep(engine, "/", other, &complaint), STATUS_IO);
    engine_free(engine);
}

static double frequency_of(const float *samples, uint32_t frames, uint32_t channel)
{
    uint32_t crossings = 0;
    for (uint32_t i = 1; i < frames; i++) {
        crossings += samples[(i - 1) * SHOW_OUTS + channel] < 0 && samples[i * SHOW_OUTS + channel] >= 0;
    }
    return (double)crossings * SHOW_RATE / frames;
}

// With both slots gone at once there is nothing to copy: the engine knows the patch and the last values.
static void sound_comes_back_when_both_slots_were_lost(void **state)
{
    struct recording *recording = *state;
    struct complaint complaint = {""};
    struct show *show = show_new(PATIENCE_MS);
    show_add_sine(show, "one", "left", 440);
    show_add_sine(show, "two", "right", 440);
    show_post(show, 0);
    const struct command set = {.kind = COMMAND_SET, .uid = show_uid(show, "two"), .value = 1000};
    assert_int_equal(engine_send(show->engine, &set, 1, NULL), STATUS_OK);
    show_wait_for_frame(show, show->begins[0] + SHOW_RATE / 4);
    const struct engine_stats before = show_stats(show);
    assert_int_equal(kill(before.pid[0], SIGSTOP), 0);
    assert_int_equal(kill(before.pid[1], SIGSTOP), 0);
    assert_int_equal(kill(before.pid[0], SIGKILL), 0);
    assert_int_equal(kill(before.pid[1], SIGKILL), 0);
    show_wait_for_death(show, 0, before.deaths[0] + 1);
    show_wait_for_death(show, 1, before.deaths[1] + 1);
    show_wait_until_redundant(show);
    const char *path = recording_name(recording, "back.wav");
    assert_int_equal(recorder_start(engine_recorder(show->engine), path, RECORDER_FLOAT, &complaint), STATUS_OK);
    show_wait_for_frame(show, show_stats(show).frame + SHOW_RATE / 2);
    assert_int_equal(recorder_stop(engine_recorder(show->engine), &complaint), STATUS_OK);
    assert_true(show_stats(show).late > before.late && show_stats(show).starved > before.starved);
    SF_INFO info;
    float *samples = recording_read(path, &info);
    // Gaps, where the machine is too slow for a moment, are in both.
    const double one = frequency_of(samples, (uint32_t)info.frames, 0);
    const double two = frequency_of(samples, (uint32_t)info.frames, 1);
    assert_true(one > 100);
    assert_true(two > 2.1 * one && two < 2.45 * one);
    free(samples);
    show_free(show);
}

static void a_patch_can_be_changed_at_any_time_while_slots_come_and_go(void **state)
{
    (void)state;
    struct show *show = show_new(PATIENCE_MS);
    for (uint32_t i = 0; i < SHOW_PROGRAMS; i++) {
        char id[8];
        (void)snprintf(id, sizeof id, "s%u", i);
        show_add_sine(show, id, "left", 300 + i);
        const struct engine_stats stats = show_stats(show);
        assert_int_equal(kill(stats.pid[i % 2], SIGKILL), 0);
        show_post(show, 0);
        show_wait_for_death(show, i % 2, stats.deaths[i % 2] + 1);
        show_wait_until_redundant(show);
    }
    show_free(show);
}

int main(int argc, char **argv)
{
    int exit;
    if (show_is_slot(argc, argv, &exit)) {
        return exit;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_cannot_be_started),
        cmocka_unit_test(a_slot_program_that_ends_at_once_is_tried_again_with_pauses),
        cmocka_unit_test(says_what_the_device_is),
        cmocka_unit_test(ends_its_slots),
        cmocka_unit_test(plays_with_one_slot_alone),
        cmocka_unit_test(sends_all_commands_or_none),
        cmocka_unit_test(refuses_commands_that_are_not_for_sending),
        cmocka_unit_test(what_a_slot_cannot_prepare_is_refused_and_does_not_count),
        cmocka_unit_test(a_program_for_now_waits_for_one_that_was_posted_for_later),
        cmocka_unit_test_setup_teardown(keeps_the_bytes_of_a_file, recording_set_up, recording_tear_down),
        cmocka_unit_test_setup_teardown(sound_comes_back_when_both_slots_were_lost, recording_set_up,
                                        recording_tear_down),
        cmocka_unit_test(a_patch_can_be_changed_at_any_time_while_slots_come_and_go),
    };
    return cmocka_run_group_tests_name("engine", tests, NULL, NULL);
}
