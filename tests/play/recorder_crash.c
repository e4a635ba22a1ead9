// SPDX-License-Identifier: GPL-3.0-or-later
// A process that is killed while it records leaves a file that is valid almost to its end.
#include "recording.h"

#include "core/clock.h"
#include "wait.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { RATE = 48000, CHANNELS = 2, GIVEN = 50000, FLAC_BLOCK = 4096 };

/// In a child: records GIVEN frames, and goes on recording without any more.
static pid_t record(const char *path, enum recorder_bits bits)
{
    const pid_t pid = fork();
    if (pid == 0) {
        struct recorder *recorder = NULL;
        if (recorder_new(RATE, CHANNELS, &recorder) || recorder_start(recorder, path, bits, NULL)) {
            _exit(1);
        }
        recording_give_all(recorder, CHANNELS, 0, GIVEN);
        for (;;) {
            (void)pause();
        }
    }
    assert_true(pid > 0);
    return pid;
}

static void kill_it(pid_t pid)
{
    int status = 0;
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
}

/// How many frames libsndfile finds, while the file is written.
static uint64_t frames_in(const char *path)
{
    SF_INFO info = {0};
    SNDFILE *file = sf_open(path, SFM_READ, &info);
    uint64_t frames = 0;
    if (file) {
        static float samples[FLAC_BLOCK * CHANNELS];
        for (sf_count_t count; (count = sf_readf_float(file, samples, FLAC_BLOCK)) > 0;) {
            frames += (uint64_t)count;
        }
        (void)sf_close(file);
    }
    return frames;
}

static bool has_all(void *what)
{
    return frames_in(what) == GIVEN;
}

static bool has_all_blocks(void *what)
{
    // The encoder keeps the last block until it has more, and looks one frame ahead.
    return frames_in(what) >= (GIVEN - 1) / FLAC_BLOCK * FLAC_BLOCK;
}

static void a_wav_file_has_all_that_was_given_a_while_ago(void **state)
{
    struct recording *recording = *state;
    static const enum recorder_bits bits[] = {RECORDER_16, RECORDER_24, RECORDER_FLOAT};
    for (size_t i = 0; i < sizeof bits / sizeof bits[0]; i++) {
        (void)unlink(recording->path);
        const pid_t pid = record(recording->path, bits[i]);
        const bool came = wait_until(has_all, recording->path);
        kill_it(pid);
        assert_true(came);
        SF_INFO info;
        float *samples = recording_read(recording->path, &info);
        assert_int_equal(info.frames, GIVEN);
        assert_int_equal(recording_count_silent(samples, &info), 0);
        free(samples);
    }
}

static void a_flac_file_has_all_whole_blocks_even_with_a_torn_end(void **state)
{
    struct recording *recording = *state;
    char *path = recording->path;
    (void)recording_name(recording, "sound.flac");
    const pid_t pid = record(path, RECORDER_24);
    const bool came = wait_until(has_all_blocks, path);
    kill_it(pid);
    assert_true(came);
    SF_INFO info;
    float *samples = recording_read(path, &info);
    const uint64_t frames = (uint64_t)info.frames;
    assert_int_equal(recording_count_silent(samples, &info), 0);
    free(samples);
    // A crash of the system may have written a part of the last block only.
    struct stat stat_of;
    assert_int_equal(stat(path, &stat_of), 0);
    assert_int_equal(truncate(path, stat_of.st_size - 1000), 0);
    samples = recording_read(path, &info);
    assert_in_range(info.frames, frames - FLAC_BLOCK, frames);
    const SF_INFO whole = {.frames = (sf_count_t)frames - FLAC_BLOCK, .channels = CHANNELS, .format = info.format};
    assert_int_equal(recording_count_silent(samples, &whole), 0);
    free(samples);
}

/// In a child: records without end, ten times as fast as the clock would have it.
static pid_t record_on(const char *path)
{
    const pid_t pid = fork();
    if (pid == 0) {
        struct recorder *recorder = NULL;
        if (recorder_new(RATE, CHANNELS, &recorder) || recorder_start(recorder, path, RECORDER_FLOAT, NULL)) {
            _exit(1);
        }
        recording_give_all(recorder, CHANNELS, 0, UINT64_MAX);
    }
    assert_true(pid > 0);
    return pid;
}

static bool has_grown(void *what)
{
    return frames_in(what) > GIVEN;
}

static void a_file_is_valid_when_it_is_killed_while_it_grows(void **state)
{
    struct recording *recording = *state;
    const pid_t pid = record_on(recording->path);
    const bool came = wait_until(has_grown, recording->path);
    kill_it(pid);
    assert_true(came);
    SF_INFO info;
    float *samples = recording_read(recording->path, &info);
    assert_true(info.frames > GIVEN);
    assert_int_equal(recording_count_silent(samples, &info), 0);
    free(samples);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_wav_file_has_all_that_was_given_a_while_ago, recording_set_up,
                                        recording_tear_down),
        cmocka_unit_test_setup_teardown(a_flac_file_has_all_whole_blocks_even_with_a_torn_end, recording_set_up,
                                        recording_tear_down),
        cmocka_unit_test_setup_teardown(a_file_is_valid_when_it_is_killed_while_it_grows, recording_set_up,
                                        recording_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
