// SPDX-License-Identifier: GPL-3.0-or-later
// A disk that is full, and then is not: the limit of a file's size, which can be raised again, and where the test may
// mount one, a file system in memory, which can be made larger.
#include "recording.h"

#include "core/clock.h"
#include "wait.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { RATE = 48000, CHANNELS = 2, FULL = 200000 };

static void limit_files(rlim_t size)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = size;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void limit_mount(const char *folder, unsigned long flags, unsigned size)
{
    char options[32];
    (void)snprintf(options, sizeof options, "size=%u", size);
    assert_int_equal(mount("none", folder, "tmpfs", flags, options), 0);
}

static bool is_stuck(void *what)
{
    const struct recorder_facts facts = recorder_facts(what);
    return facts.status == STATUS_IO && facts.lost > 0;
}

static bool is_going_on(void *what)
{
    return recorder_facts(what).status == STATUS_OK;
}

/// A file of each kind, small enough in the number of frames that fill it.
static const struct {
    const char *name;
    enum recorder_bits bits;
} kinds[] = {
    {"sound.wav", RECORDER_FLOAT},
    {"sound.wav", RECORDER_24},
    {"sound.flac", RECORDER_16},
    {"sound.flac", RECORDER_24},
};

static struct recorder *start(const char *path, enum recorder_bits bits)
{
    struct recorder *recorder = NULL;
    struct complaint complaint = {""};
    (void)unlink(path);
    assert_int_equal(recorder_new(RATE, CHANNELS, &recorder), STATUS_OK);
    assert_int_equal(recorder_start(recorder, path, bits, &complaint), STATUS_OK);
    return recorder;
}

static off_t size_of(const char *path)
{
    struct stat stat_of;
    assert_int_equal(stat(path, &stat_of), 0);
    return stat_of.st_size;
}

/// A disk in which a recording finds no room after FULL bytes, and later does.
struct disk {
    void (*fill)(const char *folder);
    void (*make_room)(const char *folder);
    const char *says;
};

static void fill_limit(const char *folder)
{
    (void)folder;
    limit_files(FULL);
}

static void raise_limit(const char *folder)
{
    (void)folder;
    limit_files(RLIM_INFINITY);
}

static void fill_mount(const char *folder)
{
    limit_mount(folder, MS_REMOUNT, FULL);
}

static void enlarge_mount(const char *folder)
{
    limit_mount(folder, MS_REMOUNT, 100 * FULL);
}

static void check_outage(struct recording *recording, const struct disk *disk, enum recorder_bits bits)
{
    const char *path = recording->path;
    struct recorder *recorder = start(path, bits);
    disk->fill(recording->folder);
    recording_give_all(recorder, CHANNELS, 0, 80000);
    assert_true(wait_until(is_stuck, recorder));
    assert_true(recorder_facts(recorder).recording);
    recording_give_all(recorder, CHANNELS, 80000, 100000);
    disk->make_room(recording->folder);
    assert_true(wait_until(is_going_on, recorder));
    recording_give_all(recorder, CHANNELS, 100000, 130000);
    struct complaint complaint = {""};
    assert_int_equal(recorder_stop(recorder, &complaint), STATUS_IO);
    assert_non_null(strstr(complaint.text, disk->says));
    const struct recorder_facts facts = recorder_facts(recorder);
    recorder_free(recorder);
    SF_INFO info;
    float *samples = recording_read(path, &info);
    assert_int_equal(info.frames, 130000);
    assert_int_equal(facts.frames, 130000);
    assert_int_equal(facts.bytes, size_of(path));
    assert_int_equal(recording_count_silent(samples, &info), facts.lost);
    // What was given after there was room is all there.
    const SF_INFO head = {.frames = 100000, .channels = CHANNELS, .format = info.format};
    assert_int_equal(recording_count_silent(samples, &head), facts.lost);
    free(samples);
}

static void goes_on_in_time_when_a_file_may_grow_again(void **state)
{
    static const struct disk disk = {fill_limit, raise_limit, "File too large"};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        (void)recording_name(*state, kinds[i].name);
        check_outage(*state, &disk, kinds[i].bits);
    }
}

static void goes_on_in_time_when_the_disk_has_room_again(void **state)
{
    static const struct disk disk = {fill_mount, enlarge_mount, "No space left"};
    struct recording *recording = *state;
    if (mount("none", recording->folder, "tmpfs", 0, "size=1000000")) {
        skip();
    }
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        const char *path = recording_name(recording, kinds[i].name);
        check_outage(recording, &disk, kinds[i].bits);
        assert_int_equal(unlink(path), 0);
    }
    assert_int_equal(umount(recording->folder), 0);
}

static void is_whole_as_far_as_it_goes_where_it_never_finds_room(void **state)
{
    struct recording *recording = *state;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        const char *path = recording_name(recording, kinds[i].name);
        struct recorder *recorder = start(path, kinds[i].bits);
        limit_files(FULL);
        recording_give_all(recorder, CHANNELS, 0, 80000);
        assert_true(wait_until(is_stuck, recorder));
        struct complaint complaint = {""};
        assert_int_equal(recorder_stop(recorder, &complaint), STATUS_IO);
        limit_files(RLIM_INFINITY);
        const struct recorder_facts facts = recorder_facts(recorder);
        assert_int_equal(facts.frames + facts.lost, 80000);
        assert_true(facts.frames > 10000);
        assert_int_equal(facts.bytes, size_of(path));
        recorder_free(recorder);
        SF_INFO info;
        float *samples = recording_read(path, &info);
        assert_int_equal(info.frames, facts.frames);
        assert_int_equal(recording_count_silent(samples, &info), 0);
        free(samples);
    }
}

static void says_so_where_there_is_no_room_to_begin_with(void **state)
{
    struct recording *recording = *state;
    static const char *const names[] = {"full.wav", "full.flac"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *path = recording_name(recording, names[i]);
        assert_int_equal(symlink("/dev/full", path), 0);
        struct recorder *recorder = NULL;
        struct complaint complaint = {""};
        assert_int_equal(recorder_new(RATE, CHANNELS, &recorder), STATUS_OK);
        assert_int_equal(recorder_start(recorder, path, RECORDER_16, &complaint), STATUS_IO);
        assert_non_null(strstr(complaint.text, "No space left"));
        assert_false(recorder_facts(recorder).recording);
        recording_give(recorder, CHANNELS, 0, RECORDING_BLOCK);
        // And it can be used for another.
        path = recording_name(recording, "empty.wav");
        assert_int_equal(recorder_start(recorder, path, RECORDER_16, &complaint), STATUS_OK);
        recorder_free(recorder);
    }
}

/// Also of a test that failed with its file system mounted.
static int tear_down(void **state)
{
    const struct recording *recording = *state;
    (void)umount2(recording->folder, MNT_DETACH);
    return recording_tear_down(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(goes_on_in_time_when_a_file_may_grow_again, recording_set_up,
                                        recording_tear_down),
        cmocka_unit_test_setup_teardown(goes_on_in_time_when_the_disk_has_room_again, recording_set_up, tear_down),
        cmocka_unit_test_setup_teardown(is_whole_as_far_as_it_goes_where_it_never_finds_room, recording_set_up,
                                        recording_tear_down),
        cmocka_unit_test_setup_teardown(says_so_where_there_is_no_room_to_begin_with, recording_set_up,
                                        recording_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
