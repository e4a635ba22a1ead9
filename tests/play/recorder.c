// SPDX-License-Identifier: GPL-3.0-or-later
#include "play/recorder.h"

#include "recording.h"

#include "core/clock.h"

#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { RATE = 44100 };

static struct recorder *new_recorder(double rate, uint32_t channels)
{
    struct recorder *recorder = NULL;
    assert_int_equal(recorder_new(rate, channels, &recorder), STATUS_OK);
    assert_non_null(recorder);
    return recorder;
}

static void refuses_what_no_recorder_can_be(void **state)
{
    (void)state;
    static const struct {
        double rate;
        uint32_t channels;
    } cases[] = {{RATE, 0}, {RATE, 17}, {0, 2}, {-RATE, 2}, {NAN, 2}, {INFINITY, 2}, {1e9, 2}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct recorder *recorder = (struct recorder *)&recorder;
        assert_int_equal(recorder_new(cases[i].rate, cases[i].channels, &recorder), STATUS_RANGE);
        assert_null(recorder);
    }
    recorder_free(NULL);
}

static void refuses_files_that_it_cannot_write_and_says_why(void **state)
{
    struct recording *recording = *state;
    static const struct {
        const char *name;
        double rate;
        uint32_t channels;
        enum recorder_bits bits;
        enum status status;
        const char *says;
    } cases[] = {
        {"sound.mp3", RATE, 2, RECORDER_16, STATUS_UNSUPPORTED, ".wav or .flac"},
        {"wav", RATE, 2, RECORDER_16, STATUS_UNSUPPORTED, ".wav or .flac"},
        {"sound.wav", RATE, 2, (enum recorder_bits)3, STATUS_UNSUPPORTED, "16, 24 or 32"},
        {"sound.flac", RATE, 2, RECORDER_FLOAT, STATUS_UNSUPPORTED, "floats to a .wav"},
        {"sound.flac", RATE, 9, RECORDER_24, STATUS_UNSUPPORTED, "8 channels"},
        {"sound.flac", 700000, 2, RECORDER_24, STATUS_UNSUPPORTED, "655350"},
        {"no/such/folder.wav", RATE, 2, RECORDER_24, STATUS_IO, "No such file"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct recorder *recorder = new_recorder(cases[i].rate, cases[i].channels);
        struct complaint complaint = {""};
        const char *path = recording_name(recording, cases[i].name);
        assert_int_equal(recorder_start(recorder, path, cases[i].bits, &complaint), cases[i].status);
        assert_non_null(strstr(complaint.text, cases[i].says));
        assert_false(recorder_facts(recorder).recording);
        assert_int_equal(recorder_stop(recorder, &complaint), STATUS_CLOSED);
        recorder_free(recorder);
    }
    struct recorder *recorder = new_recorder(RATE, 2);
    char path[300];
    memset(path, 'a', sizeof path);
    memcpy(path + sizeof path - sizeof ".wav", ".wav", sizeof ".wav");
    assert_int_equal(recorder_start(recorder, path, RECORDER_16, NULL), STATUS_RANGE);
    recorder_free(recorder);
}

/// What \p x is as a number of \p bits bits, by another way than the recorder's.
static int expected(float x, int bits)
{
    const double full = ldexp(1, bits - 1);
    const double rounded = isnan(x) ? 0 : nearbyint((double)x * full);
    return (int)(fmax(-full, fmin(full - 1, rounded)) * ldexp(1, 32 - bits));
}

static void check_whole(const char *path, int bits, uint64_t frames, uint32_t channels)
{
    SF_INFO info;
    int *samples = recording_read_whole(path, &info);
    assert_int_equal(info.frames, frames);
    for (uint64_t frame = 0; frame < frames; frame++) {
        for (uint32_t channel = 0; channel < channels; channel++) {
            assert_int_equal(samples[frame * channels + channel], expected(recording_sample(frame, channel), bits));
        }
    }
    free(samples);
}

static void check_floats(const char *path, uint64_t frames, uint32_t channels)
{
    SF_INFO info;
    float *samples = recording_read(path, &info);
    assert_int_equal(info.frames, frames);
    for (uint64_t frame = 0; frame < frames; frame++) {
        for (uint32_t channel = 0; channel < channels; channel++) {
            const float given = recording_sample(frame, channel);
            assert_memory_equal(samples + frame * channels + channel, &given, sizeof given);
        }
    }
    free(samples);
}

static void check_head(const char *path, int format, uint32_t channels, uint64_t frames)
{
    SF_INFO info = {0};
    SNDFILE *file = sf_open(path, SFM_READ, &info);
    assert_non_null(file);
    assert_int_equal(info.samplerate, RATE);
    assert_int_equal(info.channels, channels);
    assert_int_equal(info.frames, frames);
    assert_int_equal(info.format & SF_FORMAT_SUBMASK, format);
    assert_int_equal(sf_close(file), 0);
}

static void writes_what_it_was_given(void **state)
{
    struct recording *recording = *state;
    static const struct {
        const char *name;
        enum recorder_bits bits;
        int width; ///< 0: floats
        int format;
        uint32_t channels;
    } cases[] = {
        {"a.wav", RECORDER_16, 16, SF_FORMAT_PCM_16, 1},   {"b.wav", RECORDER_16, 16, SF_FORMAT_PCM_16, 2},
        {"c.wav", RECORDER_16, 16, SF_FORMAT_PCM_16, 5},   {"d.wav", RECORDER_24, 24, SF_FORMAT_PCM_24, 1},
        {"e.WAV", RECORDER_24, 24, SF_FORMAT_PCM_24, 2},   {"f.wav", RECORDER_24, 24, SF_FORMAT_PCM_24, 16},
        {"g.wav", RECORDER_FLOAT, 0, SF_FORMAT_FLOAT, 1},  {"h.wav", RECORDER_FLOAT, 0, SF_FORMAT_FLOAT, 2},
        {"i.wav", RECORDER_FLOAT, 0, SF_FORMAT_FLOAT, 16}, {"j.flac", RECORDER_16, 16, SF_FORMAT_PCM_16, 1},
        {"k.flac", RECORDER_16, 16, SF_FORMAT_PCM_16, 2},  {"l.flac", RECORDER_24, 24, SF_FORMAT_PCM_24, 2},
        {"m.flac", RECORDER_24, 24, SF_FORMAT_PCM_24, 8},
    };
    const uint64_t frames = 30001;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const uint32_t channels = cases[i].channels;
        struct recorder *recorder = new_recorder(RATE, channels);
        const char *path = recording_name(recording, cases[i].name);
        struct complaint complaint = {""};
        assert_int_equal(recorder_start(recorder, path, cases[i].bits, &complaint), STATUS_OK);
        assert_int_equal(recorder_start(recorder, path, cases[i].bits, &complaint), STATUS_IN_USE);
        assert_true(recorder_facts(recorder).recording);
        recording_give_all(recorder, channels, 0, frames);
        assert_int_equal(recorder_stop(recorder, &complaint), STATUS_OK);
        const struct recorder_facts facts = recorder_facts(recorder);
        struct stat stat_of;
        assert_int_equal(stat(path, &stat_of), 0);
        assert_false(facts.recording);
        assert_int_equal(facts.frames, frames);
        assert_int_equal(facts.lost, 0);
        assert_int_equal(facts.bytes, stat_of.st_size);
        assert_int_equal(facts.status, STATUS_OK);
        assert_string_equal(facts.path, path);
        assert_int_equal(stat_of.st_size % 2 && !strstr(path, "flac"), 0);
        check_head(path, cases[i].format, channels, frames);
        if (cases[i].width) {
            check_whole(path, cases[i].width, frames, channels);
        } else {
            check_floats(path, frames, channels);
        }
        recorder_free(recorder);
    }
}

static void an_empty_recording_is_a_file(void **state)
{
    struct recording *recording = *state;
    struct recorder *recorder = new_recorder(RATE, 2);
    static const char *const names[] = {"sound.wav", "sound.flac"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *path = recording_name(recording, names[i]);
        recording_give(recorder, 2, 0, RECORDING_BLOCK); // before
        assert_int_equal(recorder_start(recorder, path, RECORDER_16, NULL), STATUS_OK);
        assert_int_equal(recorder_stop(recorder, NULL), STATUS_OK);
        recording_give(recorder, 2, 0, RECORDING_BLOCK); // after
        assert_int_equal(recorder_facts(recorder).frames, 0);
        SF_INFO info;
        free(recording_read(path, &info));
        assert_int_equal(info.frames, 0);
    }
    recorder_free(recorder);
}

static void freeing_makes_the_file_whole_and_leaves_those_that_are_there(void **state)
{
    struct recording *recording = *state;
    static const struct {
        const char *name; ///< that it gets
        uint64_t frames;
    } takes[] = {{"sound.wav", 20000}, {"sound-2.wav", 3000}, {"sound-3.wav", 4000}};
    char path[sizeof recording->path];
    (void)snprintf(path, sizeof path, "%s", recording->path);
    for (size_t i = 0; i < sizeof takes / sizeof takes[0]; i++) {
        struct recorder *recorder = new_recorder(RATE, 2);
        assert_int_equal(recorder_start(recorder, path, RECORDER_FLOAT, NULL), STATUS_OK);
        recording_give_all(recorder, 2, 0, takes[i].frames);
        const struct recorder_facts facts = recorder_facts(recorder);
        recorder_free(recorder);
        assert_string_equal(facts.path, recording_name(recording, takes[i].name));
        for (size_t j = 0; j <= i; j++) {
            check_floats(recording_name(recording, takes[j].name), takes[j].frames, 2);
        }
    }
}

struct player {
    struct recorder *recorder;
    uint64_t pause_ns;
    uint64_t end; ///< frames
    atomic_bool stopping;
};

/// Gives numbers, the frame's in the left channel, until it is told to stop; slower where a pause is set.
static void give_numbers(struct recorder *recorder, uint64_t frame) REALTIME
{
    float left[RECORDING_BLOCK];
    float right[RECORDING_BLOCK];
    for (uint32_t i = 0; i < RECORDING_BLOCK; i++) {
        left[i] = (float)(1 + (frame + i) % 10000000);
        right[i] = -left[i];
    }
    recorder_write(recorder, (const float *const[]){left, right}, RECORDING_BLOCK);
}

static void *play(void *argument)
{
    struct player *player = argument;
    for (uint64_t frame = 0; frame < player->end && !atomic_load(&player->stopping); frame += RECORDING_BLOCK) {
        give_numbers(player->recorder, frame);
        if (player->pause_ns) {
            clock_sleep_until(clock_now_ns() + (int64_t)player->pause_ns);
        }
    }
    return NULL;
}

/// Whether all frames come in their turn, with silence in the place of the lost ones; returns these.
static uint64_t check_numbers(const char *path, float *first, uint64_t *frames)
{
    SF_INFO info;
    float *samples = recording_read(path, &info);
    uint64_t silent = 0;
    float next = 0;
    for (sf_count_t i = 0; i < info.frames; i++) {
        const float left = samples[2 * i];
        assert_true(samples[2 * i + 1] == -left);
        silent += left == 0;
        if (next == 0 && left != 0) {
            next = left - (float)i;
            *first = next;
        }
        assert_true(left == 0 || left == next + (float)i);
    }
    free(samples);
    *frames = (uint64_t)info.frames;
    return silent;
}

static void begins_and_ends_while_sound_goes_on(void **state)
{
    struct recording *recording = *state;
    struct player player = {.recorder = new_recorder(RATE, 2), .pause_ns = 1000000, .end = UINT64_MAX};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, play, &player), 0);
    float before = 0;
    for (int i = 0; i < 6; i++) {
        assert_int_equal(recorder_start(player.recorder, recording->path, RECORDER_FLOAT, NULL), STATUS_OK);
        while (recorder_facts(player.recorder).frames < 3 * RECORDING_BLOCK) {
            clock_sleep_until(clock_now_ns() + 1000000);
        }
        const enum status status = recorder_stop(player.recorder, NULL);
        const struct recorder_facts facts = recorder_facts(player.recorder);
        assert_int_equal(status, facts.lost ? STATUS_IO : STATUS_OK);
        float first = 0;
        uint64_t frames = 0;
        assert_int_equal(check_numbers(recording->path, &first, &frames), facts.lost);
        assert_int_equal(frames, facts.frames);
        assert_true(first > before); // nothing of the recording before
        before = first;
        assert_int_equal(unlink(recording->path), 0);
    }
    atomic_store(&player.stopping, true);
    assert_int_equal(pthread_join(thread, NULL), 0);
    recorder_free(player.recorder);
}

static void what_comes_too_fast_is_silence_in_its_place(void **state)
{
    struct recording *recording = *state;
    struct player player = {.recorder = new_recorder(8000, 2), .end = 1200000};
    pthread_t thread;
    assert_int_equal(recorder_start(player.recorder, recording->path, RECORDER_FLOAT, NULL), STATUS_OK);
    assert_int_equal(pthread_create(&thread, NULL, play, &player), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    struct complaint complaint = {""};
    const enum status status = recorder_stop(player.recorder, &complaint);
    const struct recorder_facts facts = recorder_facts(player.recorder);
    assert_int_equal(status, facts.lost ? STATUS_IO : STATUS_OK);
    assert_int_equal(facts.frames, player.end);
    float first = 0;
    uint64_t frames = 0;
    assert_int_equal(check_numbers(recording->path, &first, &frames), facts.lost);
    assert_int_equal(frames, player.end);
    assert_true(first == 1);
    print_message("of %llu frames %llu lost: %s\n", (unsigned long long)frames, (unsigned long long)facts.lost,
                  complaint.text);
    recorder_free(player.recorder);
}

static void the_same_sound_gives_the_same_file(void **state)
{
    struct recording *recording = *state;
    static const char *const names[] = {"one.flac", "two.flac", "one.wav", "two.wav"};
    SF_INFO info[4];
    int *samples[4];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct recorder *recorder = new_recorder(RATE, 2);
        const char *path = recording_name(recording, names[i]);
        assert_int_equal(recorder_start(recorder, path, RECORDER_16, NULL), STATUS_OK);
        recording_give_all(recorder, 2, 0, 12345);
        recorder_free(recorder);
        samples[i] = recording_read_whole(path, &info[i]);
        assert_int_equal(info[i].frames, 12345);
        assert_memory_equal(samples[i], samples[0], 12345 * 2 * sizeof(int));
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        free(samples[i]);
    }
}

/// All of it fits into the reel, so that nobody needs to wait for the writer, which may want none of it.
static void give(struct recorder *recorder, uint32_t channels, uint64_t frame, uint64_t end)
{
    for (; frame < end; frame += RECORDING_BLOCK) {
        recording_give(recorder, channels, frame,
                       end - frame < RECORDING_BLOCK ? (uint32_t)(end - frame) : RECORDING_BLOCK);
    }
}

static void records_the_frames_that_were_asked_for(void **state)
{
    struct recording *recording = *state;
    struct recorder *recorder = new_recorder(RATE, 2);
    // Frames count from the recorder's first, whether it records or not; neither end is at a call's edge.
    give(recorder, 2, 0, 5000);
    assert_int_equal(recorder_start_at(recorder, recording->path, RECORDER_FLOAT, 7001, 12345, NULL), STATUS_OK);
    give(recorder, 2, 5000, 40000);
    assert_int_equal(recorder_stop(recorder, NULL), STATUS_OK);
    recorder_free(recorder);
    SF_INFO info;
    float *samples = recording_read(recording->path, &info);
    assert_int_equal(info.frames, 12345);
    for (uint64_t i = 100; i < 12345; i++) {
        assert_true(samples[2 * i] == recording_sample(7001 + i, 0));
        assert_true(samples[2 * i + 1] == recording_sample(7001 + i, 1));
    }
    free(samples);
}

static void *give_later(void *argument)
{
    struct recorder *recorder = argument;
    clock_sleep_until(clock_now_ns() + 20000000);
    give(recorder, 2, 5000, 20000);
    return NULL;
}

static void ends_on_the_frame_that_was_asked_for(void **state)
{
    struct recording *recording = *state;
    struct recorder *recorder = new_recorder(RATE, 2);
    assert_int_equal(recorder_start_at(recorder, recording->path, RECORDER_FLOAT, 1001, 0, NULL), STATUS_OK);
    give(recorder, 2, 0, 5000);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, give_later, recorder), 0);
    assert_int_equal(recorder_stop_at(recorder, 7777, NULL), STATUS_OK);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(recorder_facts(recorder).frames, 7777 - 1001);
    // Where no sound comes any more it ends all the same, and so it does where that frame is past.
    assert_int_equal(recorder_start_at(recorder, recording->path, RECORDER_FLOAT, 0, 0, NULL), STATUS_OK);
    give(recorder, 2, 20000, 21000);
    assert_int_equal(recorder_stop_at(recorder, 1000000, NULL), STATUS_OK);
    assert_int_equal(recorder_facts(recorder).frames, 1000);
    assert_int_equal(recorder_start(recorder, recording->path, RECORDER_FLOAT, NULL), STATUS_OK);
    give(recorder, 2, 21000, 22000);
    assert_int_equal(recorder_stop_at(recorder, 5, NULL), STATUS_OK);
    assert_int_equal(recorder_facts(recorder).frames, 1000);
    assert_int_equal(recorder_stop_at(recorder, 5, NULL), STATUS_CLOSED);
    recorder_free(recorder);
}

static void what_is_past_is_left_out(void **state)
{
    struct recording *recording = *state;
    struct recorder *recorder = new_recorder(RATE, 1);
    give(recorder, 1, 0, 5000);
    assert_int_equal(recorder_start_at(recorder, recording->path, RECORDER_FLOAT, 4000, 3000, NULL), STATUS_OK);
    give(recorder, 1, 5000, 9000);
    assert_int_equal(recorder_stop(recorder, NULL), STATUS_OK);
    assert_int_equal(recorder_facts(recorder).frames, 2000);
    recorder_free(recorder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_no_recorder_can_be),
        cmocka_unit_test_setup_teardown(refuses_files_that_it_cannot_write_and_says_why, recording_set_up,
                                        recording_tear_down),
        cmocka_unit_test_setup_teardown(writes_what_it_was_given, recording_set_up, recording_tear_down),
        cmocka_unit_test_setup_teardown(an_empty_recording_is_a_file, recording_set_up, recording_tear_down),
        cmocka_unit_test_setup_teardown(freeing_makes_the_file_whole_and_leaves_those_that_are_there, recording_set_up,
                                        recording_tear_down),
        cmocka_unit_test_setup_teardown(begins_and_ends_while_sound_goes_on, recording_set_up, recording_tear_down),
        cmocka_unit_test_setup_teardown(records_the_frames_that_were_asked_for, recording_set_up, recording_tear_down),
        cmocka_unit_test_setup_teardown(ends_on_the_frame_that_was_asked_for, recording_set_up, recording_tear_down),
        cmocka_unit_test_setup_teardown(what_is_past_is_left_out, recording_set_up, recording_tear_down),
        cmocka_unit_test_setup_teardown(what_comes_too_fast_is_silence_in_its_place, recording_set_up,
                                        recording_tear_down),
        cmocka_unit_test_setup_teardown(the_same_sound_gives_the_same_file, recording_set_up, recording_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
