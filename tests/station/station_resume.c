// SPDX-License-Identifier: GPL-3.0-or-later
// A station that goes on where its journal says, beside one that was never interrupted.
#include "station/station.h"

#include "core/clock.h"
#include "fixture.h"
#include "folder.h"
#include "station/life.h"
#include "tape.h"
#include "tone.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { SPEED = 100, PATIENCE_S = 20, PLAN = 8 };

static struct station_options options_in(const struct fixture *fixture, const struct folder *folder, const char *preset)
{
    struct station_options options = fixture_station(fixture, SPEED);
    options.preset = fixture_preset(fixture, preset);
    options.controls = options.preset->defaults;
    options.state_dir = folder ? folder->path : NULL;
    return options;
}

// Changes of all kinds; the last ones shortly before chunk \p end, two of them at once.
static void make_plan(const struct fixture *fixture, uint32_t end, struct tape_change plan[PLAN])
{
    const struct tape_change steps[PLAN] = {
        {40, {.set_tonic = true, .tonic = 8, .set_bpm = true, .bpm = 97.3}},
        {120, {.preset = fixture_preset(fixture, "bright")}},
        {122, {.set_intensity = true, .intensity = 0.95}},
        {end - 60, {.preset = fixture_preset(fixture, "sleep"), .set_mode = true, .mode = MODE_LYDIAN}},
        {end - 2, {.set_intensity = true, .intensity = 0.3}},
        {end - 1, {.set_tonic = true, .tonic = 1}},
        {end - 1, {.set_bpm = true, .bpm = 66.6}},
    };
    memcpy(plan, steps, sizeof steps);
}

// A station that goes on while its journal of chunk \p at is another's, which must play the same.
static void expect_goes_on(const struct fixture *fixture, const char *preset, uint32_t rate, uint32_t at)
{
    enum { AFTER = 120 };
    struct folder folders[2];
    struct tape_change plan[PLAN];
    folder_make(&folders[0]);
    folder_make(&folders[1]);
    make_plan(fixture, at, plan);
    struct station_options options = options_in(fixture, &folders[0], preset);
    instrument_free(options.instrument);
    options.rate = rate;
    options.instrument = tone_new(rate);
    struct tape *whole = tape_new(options);
    whole->plan = plan;
    whole->copy_at = at;
    whole->from = &folders[0];
    whole->to = &folders[1];
    assert_int_equal(station_start(whole->station), STATUS_OK);
    tape_wait(whole, at + AFTER);
    station_stop(whole->station);

    options.state_dir = folders[1].path;
    options.instrument = tone_new(rate);
    options.seed = 99; // that of the life counts
    struct tape *resumed = tape_new(options);
    assert_true(station_resumed(resumed->station));
    // Where it was at most a second before, and knows what was changed since.
    assert_in_range(resumed->first, at - 10, at + 1);
    const struct station_state state = station_state(resumed->station);
    assert_ptr_equal(state.preset, fixture_preset(fixture, "sleep"));
    assert_true(state.controls.bpm == 66.6 && state.controls.key.tonic == 1 && state.controls.intensity == 0.3);
    assert_int_equal(station_start(resumed->station), STATUS_OK);
    tape_wait(resumed, AFTER);
    station_stop(resumed->station);
    tape_expect_same(whole, resumed, resumed->first, at + 100, resumed->first + 30);
    tape_free(whole);
    tape_free(resumed);
    folder_remove(&folders[0]);
    folder_remove(&folders[1]);
}

static void test_the_music_is_what_it_would_have_been(void **state)
{
    expect_goes_on(*state, "focus", 48000, 200);
    expect_goes_on(*state, "meditation", 48000, 433);
    expect_goes_on(*state, "sleep", 48000, 209);
    expect_goes_on(*state, "bright", 44100, 351);
}

static void test_a_stopped_station_goes_on_at_its_next_chunk(void **state)
{
    struct folder folder;
    folder_make(&folder);
    struct tape *whole = tape_new(options_in(*state, NULL, "focus"));
    assert_int_equal(station_start(whole->station), STATUS_OK);
    uint32_t next = 0;
    for (int life = 0; life < 4; life++) {
        struct tape *part = tape_new(options_in(*state, &folder, "focus"));
        assert_int_equal(station_resumed(part->station), life > 0);
        assert_int_equal(part->first, next);
        assert_int_equal(station_position(part->station).sequence, next);
        assert_int_equal(station_position(part->station).frame, (uint64_t)next * 4800);
        assert_int_equal(station_start(part->station), STATUS_OK);
        tape_wait(part, 60);
        station_stop(part->station);
        next = station_head(part->station);
        assert_true(part->count < TAPE_MAX && next == part->first + part->count);
        tape_wait(whole, next);
        tape_expect_same(whole, part, part->first, next, part->first + 30);
        tape_free(part);
    }
    tape_free(whole);
    folder_remove(&folder);
}

static void test_what_it_played_before_is_not_there(void **state)
{
    struct folder folder;
    folder_make(&folder);
    const struct station_options first = options_in(*state, &folder, "focus");
    struct station *station = fixture_make(&first);
    assert_int_equal(station_start(station), STATUS_OK);
    fixture_wait(station, 40);
    station_stop(station);
    const uint32_t head = station_head(station);
    station_free(station);
    const struct station_options again = options_in(*state, &folder, "focus");
    station = fixture_make(&again);
    assert_int_equal(station_head(station), head);
    assert_int_equal(station_oldest(station), head);
    struct buffer *buffer = NULL;
    int64_t due_ns = 0;
    assert_int_equal(station_take(station, head - 1, FORMAT_PCM, &buffer, NULL, &due_ns), STATUS_CLOSED);
    assert_int_equal(station_take(station, head, FORMAT_PCM, &buffer, NULL, &due_ns), STATUS_AGAIN);
    assert_int_equal(station_start(station), STATUS_OK);
    fixture_wait(station, head);
    assert_int_equal(station_take(station, head - 1, FORMAT_PCM, &buffer, NULL, &due_ns), STATUS_CLOSED);
    station_free(station);
    folder_remove(&folder);
}

static void test_the_first_second_comes_at_once_and_counts_as_no_lateness(void **state)
{
    struct folder folder;
    folder_make(&folder);
    struct station_options options = options_in(*state, &folder, "focus");
    struct station *station = fixture_make(&options);
    assert_int_equal(station_start(station), STATUS_OK);
    fixture_wait(station, 40);
    station_free(station);
    options = options_in(*state, &folder, "focus");
    options.speed = 1;
    options.phase_ms = 37;
    struct tape *tape = tape_new(options);
    assert_int_equal(station_start(tape->station), STATUS_OK);
    tape_wait(tape, 11);
    const uint32_t count = tape->count;
    for (uint32_t i = 0; i < count; i++) {
        assert_true(tape->due_ns[i] / 1000000 % 100 == 37);
        assert_true(i == 0 || tape->due_ns[i] > tape->due_ns[i - 1]);
    }
    assert_true(histogram_summarize(&station_metrics(tape->station)->publish).count <= count - 10);
    tape_free(tape);
    folder_remove(&folder);
}

static void test_another_seed_that_was_asked_for_is_another_life(void **state)
{
    struct folder folder;
    folder_make(&folder);
    struct station_options options = options_in(*state, &folder, "focus");
    struct station *station = fixture_make(&options);
    assert_int_equal(station_start(station), STATUS_OK);
    fixture_wait(station, 20);
    station_free(station);
    options = options_in(*state, &folder, "focus");
    options.seed = 8;
    station = fixture_make(&options);
    assert_int_equal(station_seed(station), 7);
    station_free(station);
    options = options_in(*state, &folder, "focus");
    options.seed = 8;
    options.seed_given = true;
    station = fixture_make(&options);
    assert_false(station_resumed(station));
    assert_int_equal(station_seed(station), 8);
    assert_int_equal(station_head(station), 0);
    station_free(station);
    assert_true(folder_has(&folder, "main.station.old"));
    folder_remove(&folder);
}

static void test_a_journal_that_cannot_be_is_a_failure_that_leaves_nothing_behind(void **state)
{
    const int tones = tone_count();
    struct station_options options = options_in(*state, NULL, "focus");
    options.state_dir = "/proc/self/no-such/place";
    struct station *station = NULL;
    struct complaint complaint = {""};
    assert_int_equal(station_new(&options, &station, &complaint), STATUS_IO);
    assert_null(station);
    assert_true(complaint.text[0]);
    assert_int_equal(tone_count(), tones);
}

static void test_it_can_be_stopped_on_the_way_to_its_position(void **state)
{
    struct folder folder;
    folder_make(&folder);
    // A year is composed in more than a moment.
    static const char year[] = "{\"tutti_station\":1,\"station\":\"main\",\"seed\":\"7\",\"rate\":48000,\"renderer\":"
                               "\"tone\",\"preset\":\"bright\",\"key\":\"C\",\"mode\":\"ionian\",\"bpm\":60,"
                               "\"intensity\":1}\n{\"position\":1512000000000,\"sequence\":315000000,\"wall_us\":1}\n";
    folder_write(&folder, "main.station", year, sizeof year - 1);
    const struct station_options options = options_in(*state, &folder, "focus");
    struct station *station = fixture_make(&options);
    assert_true(station_resumed(station));
    for (int i = 0; i < 2; i++) {
        assert_int_equal(station_start(station), STATUS_OK);
        station_stop(station);
        assert_int_equal(station_head(station), 315000000);
    }
    station_free(station);
    size_t size = 0;
    char *bytes = folder_read(&folder, "main.station", &size);
    assert_non_null(strstr(bytes, "\"position\":1512000000000,"));
    free(bytes);
    folder_remove(&folder);
}

// The sequence that the journal tells; 0 where it tells none yet.
static uint32_t sequence_in(const struct fixture *fixture, const struct folder *folder)
{
    struct life life;
    size_t size = 0;
    if (!folder_has(folder, "main.station")) {
        return 0;
    }
    char *bytes = folder_read(folder, "main.station", &size);
    const enum status status = life_parse(bytes, size, fixture->presets, &life, NULL);
    const uint32_t sequence = status == STATUS_OK ? life.position.sequence : 0;
    if (status == STATUS_OK) {
        life_done(&life);
    }
    free(bytes);
    return sequence;
}

static void play_until_killed(const struct fixture *fixture, const struct folder *folder,
                              const struct tape_change *plan)
{
    struct tape *tape = tape_new(options_in(fixture, folder, "meditation"));
    tape->plan = plan;
    if (station_start(tape->station) != STATUS_OK) {
        _exit(1);
    }
    for (;;) {
        (void)pause();
    }
}

static void test_a_killed_process_is_followed_by_one_that_goes_on(void **state)
{
    enum { KILLED = 250 };
    const struct fixture *fixture = *state;
    struct folder folder;
    struct tape_change plan[PLAN];
    folder_make(&folder);
    make_plan(fixture, KILLED - 5, plan);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        play_until_killed(fixture, &folder, plan);
    }
    for (int i = 0; i < PATIENCE_S * 1000 && sequence_in(fixture, &folder) < KILLED; i++) {
        clock_sleep_until(clock_now_ns() + 1000000);
    }
    assert_int_equal(kill(child, SIGKILL), 0);
    int ended = 0;
    assert_int_equal(waitpid(child, &ended, 0), child);
    assert_true(WIFSIGNALED(ended) && WTERMSIG(ended) == SIGKILL);

    struct tape *resumed = tape_new(options_in(fixture, &folder, "meditation"));
    assert_true(station_resumed(resumed->station));
    assert_true(resumed->first >= KILLED);
    assert_int_equal(station_start(resumed->station), STATUS_OK);
    tape_wait(resumed, 60);
    station_stop(resumed->station);
    const uint32_t end = resumed->first + 60;
    struct tape *whole = tape_new(options_in(fixture, NULL, "meditation"));
    whole->plan = plan;
    assert_true(end <= TAPE_MAX);
    assert_int_equal(station_start(whole->station), STATUS_OK);
    tape_wait(whole, end);
    tape_expect_same(whole, resumed, resumed->first, end, resumed->first + 30);
    tape_free(whole);
    tape_free(resumed);
    folder_remove(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_the_music_is_what_it_would_have_been, fixture_end),
        cmocka_unit_test_teardown(test_a_stopped_station_goes_on_at_its_next_chunk, fixture_end),
        cmocka_unit_test_teardown(test_what_it_played_before_is_not_there, fixture_end),
        cmocka_unit_test_teardown(test_the_first_second_comes_at_once_and_counts_as_no_lateness, fixture_end),
        cmocka_unit_test_teardown(test_another_seed_that_was_asked_for_is_another_life, fixture_end),
        cmocka_unit_test_teardown(test_a_journal_that_cannot_be_is_a_failure_that_leaves_nothing_behind, fixture_end),
        cmocka_unit_test_teardown(test_it_can_be_stopped_on_the_way_to_its_position, fixture_end),
        cmocka_unit_test_teardown(test_a_killed_process_is_followed_by_one_that_goes_on, fixture_end),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
