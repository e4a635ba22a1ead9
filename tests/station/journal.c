// SPDX-License-Identifier: GPL-3.0-or-later
#include "station/journal.h"

#include "fixture.h"
#include "folder.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static const char FILE_NAME[] = "main.station";

static struct journal_options options_of(const struct fixture *fixture, const char *dir, uint64_t seed)
{
    const struct preset *preset = fixture_preset(fixture, "focus");
    return (struct journal_options){.dir = dir,
                                    .birth = {.station = "main",
                                              .renderer = "tone",
                                              .seed = seed,
                                              .rate = 48000,
                                              .preset = preset,
                                              .controls = preset->defaults},
                                    .presets = fixture->presets};
}

static struct journal *open_with(const struct journal_options *options)
{
    struct journal *journal = NULL;
    struct complaint complaint = {""};
    if (journal_open(options, &journal, &complaint) != STATUS_OK) {
        fail_msg("%s", complaint.text);
    }
    return journal;
}

static void expect_refused(const struct journal_options *options, enum status status)
{
    struct journal *journal = NULL;
    struct complaint complaint = {""};
    assert_int_equal(journal_open(options, &journal, &complaint), status);
    assert_null(journal);
    assert_true(complaint.text[0]);
}

static struct life_change change_at(uint64_t frame)
{
    return (struct life_change){.frame = frame, .controls = {{(uint8_t)(frame % 12), MODE_DORIAN}, 60, 0.5}};
}

static void write_some(struct journal *journal, int changes)
{
    for (int i = 1; i <= changes; i++) {
        const struct life_change change = change_at((uint64_t)i * 960);
        journal_change(journal, &change);
    }
    const struct life_position position = {.frame = 480000, .sequence = 100, .wall_us = 1};
    journal_position(journal, &position);
}

static void expect_some(const struct journal *journal, size_t changes)
{
    const struct life *life = journal_life(journal);
    assert_int_equal(life->position.frame, 480000);
    assert_int_equal(life->position.sequence, 100);
    assert_int_equal(life->count, changes);
    for (size_t i = 0; i < changes; i++) {
        assert_int_equal(life->changes[i].frame, (i + 1) * 960);
    }
}

static void test_a_life_goes_on(void **state)
{
    struct folder folder;
    folder_make(&folder);
    struct journal_options options = options_of(*state, folder.path, 7);
    struct journal *journal = open_with(&options);
    assert_false(journal_resumed(journal));
    write_some(journal, 3);
    journal_free(journal);
    // Another seed is only that of a new life where somebody asks for it; another renderer plays the same notes.
    options.birth.seed = 8;
    (void)snprintf(options.birth.renderer, sizeof options.birth.renderer, "other");
    for (int i = 0; i < 2; i++) {
        journal = open_with(&options);
        assert_true(journal_resumed(journal));
        assert_int_equal(journal_life(journal)->birth.seed, 7);
        assert_string_equal(journal_life(journal)->birth.renderer, "other");
        expect_some(journal, 3);
        journal_free(journal);
    }
    options.birth.seed = 7;
    options.seed_given = true;
    journal = open_with(&options);
    assert_true(journal_resumed(journal));
    journal_free(journal);
    assert_false(folder_has(&folder, "main.station.old"));
    assert_false(folder_has(&folder, "main.station.bad"));
    assert_false(folder_has(&folder, "main.station.new"));
    folder_remove(&folder);
    journal_free(NULL);
}

static void test_another_seed_or_rate_is_another_life(void **state)
{
    struct folder folder;
    folder_make(&folder);
    struct journal_options options = options_of(*state, folder.path, 7);
    struct journal *journal = open_with(&options);
    write_some(journal, 1);
    journal_free(journal);
    options.seed_given = true;
    options.birth.seed = 8;
    journal = open_with(&options);
    assert_false(journal_resumed(journal));
    assert_int_equal(journal_life(journal)->birth.seed, 8);
    assert_int_equal(journal_life(journal)->count, 0);
    journal_free(journal);
    size_t size = 0;
    char *old = folder_read(&folder, "main.station.old", &size);
    assert_non_null(strstr(old, "\"seed\":\"7\""));
    free(old);
    options.birth.rate = 44100;
    journal = open_with(&options);
    assert_false(journal_resumed(journal));
    journal_free(journal);
    old = folder_read(&folder, "main.station.old", &size);
    assert_non_null(strstr(old, "\"seed\":\"8\""));
    free(old);
    folder_remove(&folder);
}

static void expect_set_aside(const struct fixture *fixture, const char *bytes, size_t size)
{
    struct folder folder;
    folder_make(&folder);
    folder_write(&folder, FILE_NAME, bytes, size);
    const struct journal_options options = options_of(fixture, folder.path, 7);
    struct journal *journal = open_with(&options);
    assert_false(journal_resumed(journal));
    write_some(journal, 1);
    journal_free(journal);
    size_t kept = 0;
    char *bad = folder_read(&folder, "main.station.bad", &kept);
    assert_int_equal(kept, size);
    assert_memory_equal(bad, bytes, size);
    free(bad);
    journal = open_with(&options);
    assert_true(journal_resumed(journal));
    expect_some(journal, 1);
    journal_free(journal);
    folder_remove(&folder);
}

static void test_sets_aside_what_it_cannot_read(void **state)
{
    static const char foreign[] = "# a file of somebody else's\n";
    static const char version[] = "{\"tutti_station\":99}\n";
    expect_set_aside(*state, "", 0);
    expect_set_aside(*state, foreign, sizeof foreign - 1);
    expect_set_aside(*state, version, sizeof version - 1);
    char *huge = calloc(1, (size_t)LIFE_BYTES_MAX + 100);
    assert_non_null(huge);
    expect_set_aside(*state, huge, (size_t)LIFE_BYTES_MAX + 100);
    free(huge);
}

static void overwrite(char *at, const char *text)
{
    for (; *text; text++) {
        *at++ = *text;
    }
}

static void test_sets_aside_another_stations_and_damaged_ones(void **state)
{
    struct folder folder;
    folder_make(&folder);
    struct journal_options options = options_of(*state, folder.path, 7);
    struct journal *journal = open_with(&options);
    write_some(journal, 3);
    journal_free(journal);
    size_t size = 0;
    char *bytes = folder_read(&folder, FILE_NAME, &size);
    folder_remove(&folder);
    char *name = strstr(bytes, "\"main\"");
    assert_non_null(name);
    overwrite(name, "\"main2"); // the quote is missing now
    expect_set_aside(*state, bytes, size);
    overwrite(name, "\"mine\"");
    expect_set_aside(*state, bytes, size);
    overwrite(name, "\"main\"");
    char *change = strstr(bytes, "\"change\"");
    assert_non_null(change);
    change[3] = '\0';
    expect_set_aside(*state, bytes, size);
    free(bytes);
}

static void test_what_was_cut_off_or_edited_is_put_right(void **state)
{
    struct folder folder;
    folder_make(&folder);
    const struct journal_options options = options_of(*state, folder.path, 7);
    struct journal *journal = open_with(&options);
    write_some(journal, 3);
    journal_free(journal);
    size_t size = 0;
    char *bytes = folder_read(&folder, FILE_NAME, &size);
    // Half a change at the end, and no two lines of one width.
    char *edited = calloc(1, size + 100);
    assert_non_null(edited);
    size_t used = 0;
    for (char *at = bytes; at < bytes + size; at++) {
        if (*at != ' ') {
            edited[used++] = *at;
        }
    }
    used += (size_t)snprintf(edited + used, 100, "{\"change\":96000,\"ke");
    folder_write(&folder, FILE_NAME, edited, used);
    for (int i = 0; i < 2; i++) {
        journal = open_with(&options);
        assert_true(journal_resumed(journal));
        expect_some(journal, 3 + (size_t)i);
        const struct life_change change = change_at(4 * 960);
        journal_change(journal, &change);
        journal_free(journal);
    }
    free(edited);
    free(bytes);
    folder_remove(&folder);
}

static void test_one_process_at_a_time(void **state)
{
    struct folder folder;
    folder_make(&folder);
    const struct journal_options options = options_of(*state, folder.path, 7);
    struct journal *journal = open_with(&options);
    expect_refused(&options, STATUS_IN_USE);
    write_some(journal, 2);
    journal_free(journal);
    journal = open_with(&options);
    expect_refused(&options, STATUS_IN_USE);
    expect_some(journal, 2);
    journal_free(journal);
    folder_remove(&folder);
}

static void test_says_where_it_cannot_write(void **state)
{
    struct folder folder;
    folder_make(&folder);
    struct journal_options options = options_of(*state, "/proc/self/no-such/place", 7);
    expect_refused(&options, STATUS_IO);
    char path[8192];
    memset(path, 'a', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    options.dir = path;
    expect_refused(&options, STATUS_RANGE);
    // A folder where the file should be.
    (void)snprintf(path, sizeof path, "%s/%s", folder.path, FILE_NAME);
    assert_int_equal(mkdir(path, 0700), 0);
    options.dir = folder.path;
    expect_refused(&options, STATUS_IO);
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    expect_refused(&options, STATUS_IO);
    assert_int_equal(unlink(path), 0);
    // It makes the folder itself.
    (void)snprintf(path, sizeof path, "%s/state", folder.path);
    options.dir = path;
    struct journal *journal = open_with(&options);
    journal_free(journal);
    (void)snprintf(path, sizeof path, "%s/state/%s", folder.path, FILE_NAME);
    assert_int_equal(unlink(path), 0);
    folder_remove(&folder);
}

static void test_says_when_the_folder_is_read_only(void **state)
{
    enum { NOBODY = 65534 };
    struct folder folder;
    folder_make(&folder);
    const bool root = geteuid() == 0; // who may write everywhere
    assert_true(!root || (chown(folder.path, NOBODY, NOBODY) == 0 && seteuid(NOBODY) == 0));
    const struct journal_options options = options_of(*state, folder.path, 7);
    assert_int_equal(chmod(folder.path, 0500), 0);
    expect_refused(&options, STATUS_IO);
    assert_int_equal(chmod(folder.path, 0700), 0);
    folder_write(&folder, FILE_NAME, "damaged\n", 8);
    assert_int_equal(chmod(folder.path, 0500), 0);
    expect_refused(&options, STATUS_IO);
    assert_int_equal(chmod(folder.path, 0700), 0);
    assert_true(!root || seteuid(0) == 0);
    folder_remove(&folder);
}

// As a disk that is full: nothing can be written behind the first \p bytes of a file.
static void limit_files(rlim_t bytes)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void test_what_finds_no_room_is_written_later(void **state)
{
    struct folder folder;
    folder_make(&folder);
    const struct journal_options options = options_of(*state, folder.path, 7);
    struct journal *journal = open_with(&options);
    size_t size = 0;
    free(folder_read(&folder, FILE_NAME, &size));
    assert_true(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
    limit_files(size + 300);
    write_some(journal, 4);
    // Without its changes a position would be a place in other music.
    struct life life;
    char *bytes = folder_read(&folder, FILE_NAME, &size);
    assert_int_equal(life_parse(bytes, size, options.presets, &life, NULL), STATUS_OK);
    assert_int_equal(life.position.frame, 0);
    assert_true(life.count < 4);
    life_done(&life);
    free(bytes);
    limit_files(RLIM_INFINITY);
    const struct life_position position = {.frame = 480000, .sequence = 100, .wall_us = 2};
    journal_position(journal, &position);
    journal_free(journal);
    journal = open_with(&options);
    expect_some(journal, 4);
    journal_free(journal);
    folder_remove(&folder);
}

static void test_its_file_is_bounded(void **state)
{
    struct folder folder;
    folder_make(&folder);
    const struct journal_options options = options_of(*state, folder.path, 7);
    struct journal *journal = open_with(&options);
    for (int i = 1; i <= LIFE_CHANGES + 5; i++) {
        const struct life_change change = change_at((uint64_t)i * 960);
        journal_change(journal, &change);
    }
    const uint64_t last = (uint64_t)(LIFE_CHANGES + 5) * 960;
    for (int i = 0; i < 100; i++) {
        const struct life_position position = {.frame = last + (uint64_t)i * 4800, .sequence = (uint32_t)i};
        journal_position(journal, &position);
    }
    journal_free(journal);
    size_t size = 0;
    free(folder_read(&folder, FILE_NAME, &size));
    assert_true(size < 2700000);
    journal = open_with(&options);
    assert_true(journal_resumed(journal));
    assert_int_equal(journal_life(journal)->count, LIFE_CHANGES);
    assert_true(life_latest(journal_life(journal)).frame == last);
    assert_int_equal(journal_life(journal)->position.sequence, 99);
    journal_free(journal);
    folder_remove(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_life_goes_on),
        cmocka_unit_test(test_another_seed_or_rate_is_another_life),
        cmocka_unit_test(test_sets_aside_what_it_cannot_read),
        cmocka_unit_test(test_sets_aside_another_stations_and_damaged_ones),
        cmocka_unit_test(test_what_was_cut_off_or_edited_is_put_right),
        cmocka_unit_test(test_one_process_at_a_time),
        cmocka_unit_test(test_says_where_it_cannot_write),
        cmocka_unit_test(test_says_when_the_folder_is_read_only),
        cmocka_unit_test(test_what_finds_no_room_is_written_later),
        cmocka_unit_test(test_its_file_is_bounded),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
