// SPDX-License-Identifier: GPL-3.0-or-later
// A station that sleeps while nobody listens.
#include "station/station.h"

#include "core/clock.h"
#include "fixture.h"
#include "tape.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static const int64_t NS_PER_MS = 1000000;

enum { SPEED = 50, PATIENCE_S = 20, LINGER = STATION_LINGER_MS / CHUNK_MS };

static struct tape *sleeper(const struct fixture *fixture)
{
    struct station_options options = fixture_station(fixture, SPEED);
    options.sleeps = true;
    return tape_new(options);
}

static void wait_until_asleep(const struct tape *tape)
{
    for (int i = 0; i < PATIENCE_S * 1000 && !station_asleep(tape->station); i++) {
        clock_sleep_until(clock_now_ns() + NS_PER_MS);
    }
    assert_true(station_asleep(tape->station));
}

static void set_listeners(struct tape *tape, uint32_t count)
{
    atomic_store(&station_metrics(tape->station)->listeners[FORMAT_PCM], count);
}

static uint64_t sleeps_of(const struct tape *tape)
{
    return atomic_load(&station_metrics(tape->station)->sleeps);
}

static void expect_no_hole(const struct tape *tape)
{
    for (uint32_t i = 0; i < tape->count; i++) {
        size_t size = 0;
        uint64_t frame = 0;
        (void)tape_pcm(tape, i, &size, &frame);
        assert_int_equal(frame, (uint64_t)i * 4800);
        assert_true(i == 0 || tape->due_ns[i] > tape->due_ns[i - 1]);
    }
}

static void test_sleeps_from_the_start_until_it_is_woken(void **state)
{
    struct tape *tape = sleeper(*state);
    assert_false(station_asleep(tape->station));
    assert_int_equal(station_start(tape->station), STATUS_OK);
    wait_until_asleep(tape);
    clock_sleep_until(clock_now_ns() + 20 * NS_PER_MS);
    assert_int_equal(tape->count, 0);
    assert_int_equal(sleeps_of(tape), 1);
    station_wake(tape->station);
    tape_wait(tape, STATION_BURST);
    tape_free(tape);
}

static void test_plays_for_a_while_for_nobody_and_sleeps_again(void **state)
{
    struct tape *tape = sleeper(*state);
    station_wake(tape->station); // before it starts
    assert_int_equal(station_start(tape->station), STATUS_OK);
    tape_wait(tape, LINGER);
    wait_until_asleep(tape);
    const uint32_t count = tape->count;
    assert_int_equal(count, LINGER);
    const int64_t busy_ns = atomic_load(&station_metrics(tape->station)->busy_ns);
    assert_true(busy_ns > 0);
    clock_sleep_until(clock_now_ns() + 20 * NS_PER_MS);
    assert_int_equal(tape->count, count);
    assert_true(atomic_load(&station_metrics(tape->station)->busy_ns) == busy_ns);
    // It keeps nothing that a newcomer would take for live.
    assert_int_equal(station_oldest(tape->station), count);
    struct buffer *buffer = NULL;
    int64_t due_ns = 0;
    assert_int_equal(station_take(tape->station, count - 1, FORMAT_PCM, &buffer, NULL, &due_ns), STATUS_CLOSED);
    assert_int_equal(station_take(tape->station, count, FORMAT_PCM, &buffer, NULL, &due_ns), STATUS_AGAIN);
    station_wake(tape->station);
    tape_wait(tape, count + LINGER);
    wait_until_asleep(tape);
    assert_int_equal(sleeps_of(tape), 2);
    expect_no_hole(tape);
    tape_free(tape);
}

static void test_the_music_goes_on_where_it_stopped(void **state)
{
    struct tape *tape = sleeper(*state);
    struct tape *awake = tape_new(fixture_station(*state, SPEED));
    station_wake(tape->station);
    assert_int_equal(station_start(tape->station), STATUS_OK);
    assert_int_equal(station_start(awake->station), STATUS_OK);
    tape_wait(tape, LINGER);
    wait_until_asleep(tape);
    station_wake(tape->station);
    tape_wait(tape, LINGER + 50);
    tape_wait(awake, LINGER + 50);
    tape_expect_same(awake, tape, 0, LINGER + 50, 0);
    tape_free(tape);
    tape_free(awake);
}

static void test_a_listener_keeps_it_awake(void **state)
{
    struct tape *tape = sleeper(*state);
    station_wake(tape->station);
    assert_int_equal(station_start(tape->station), STATUS_OK);
    tape_wait(tape, 10);
    set_listeners(tape, 1);
    tape_wait(tape, 3 * LINGER);
    assert_false(station_asleep(tape->station));
    assert_int_equal(sleeps_of(tape), 0);
    set_listeners(tape, 0);
    wait_until_asleep(tape);
    assert_true(tape->count >= 4 * LINGER - 1);
    tape_free(tape);
}

static void test_whoever_wakes_it_has_sound_at_once(void **state)
{
    struct station_options options = fixture_station(*state, 1);
    options.sleeps = true;
    options.phase_ms = 61;
    struct tape *tape = tape_new(options);
    assert_int_equal(station_start(tape->station), STATUS_OK);
    wait_until_asleep(tape);
    const int64_t woken_ns = clock_now_ns();
    station_wake(tape->station);
    tape_wait(tape, STATION_BURST + 1);
    // What is due already is not waited for, and the next is due within a chunk's length of the moment of waking,
    // however late the machine came to it.
    for (int i = 0; i <= STATION_BURST; i++) {
        assert_true(tape->due_ns[i] / NS_PER_MS % CHUNK_MS == 61);
    }
    const int64_t before_ns = tape->due_ns[STATION_BURST] - CHUNK_MS * NS_PER_MS;
    assert_true(tape->due_ns[STATION_BURST - 1] == before_ns);
    assert_true(before_ns > woken_ns - CHUNK_MS * NS_PER_MS);
    // The burst is no lateness.
    const struct metrics *metrics = station_metrics(tape->station);
    assert_true(histogram_summarize(&metrics->publish).count <= tape->count - STATION_BURST);
    tape_free(tape);
}

static void test_a_change_waits_for_it_to_wake(void **state)
{
    struct tape *tape = sleeper(*state);
    assert_int_equal(station_start(tape->station), STATUS_OK);
    wait_until_asleep(tape);
    const struct station_change change = {.set_tonic = true, .tonic = 8};
    assert_int_equal(station_command(tape->station, &change, NULL), STATUS_OK);
    const struct station_state before = station_state(tape->station);
    clock_sleep_until(clock_now_ns() + 20 * NS_PER_MS);
    assert_true(station_asleep(tape->station));
    assert_int_equal(station_state(tape->station).version, before.version);
    const int64_t woken_ns = clock_now_ns();
    station_wake(tape->station);
    tape_wait(tape, STATION_BURST);
    assert_int_equal(station_state(tape->station).controls.key.tonic, 8);
    // It is not held against the station that it slept.
    station_stop(tape->station);
    const uint64_t waited_us = (uint64_t)(clock_now_ns() - woken_ns) / 1000;
    const double most_us = (double)waited_us * 1.125 + 1000;
    assert_true(histogram_summarize(&station_metrics(tape->station)->control).max <= most_us);
    tape_free(tape);
}

static void test_stops_and_starts_asleep_and_awake(void **state)
{
    struct tape *tape = sleeper(*state);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(station_start(tape->station), STATUS_OK);
        wait_until_asleep(tape);
        station_stop(tape->station);
        assert_false(station_asleep(tape->station));
    }
    assert_int_equal(station_start(tape->station), STATUS_OK);
    station_wake(tape->station);
    tape_wait(tape, 5);
    station_stop(tape->station);
    assert_int_equal(station_start(tape->station), STATUS_OK);
    wait_until_asleep(tape);
    expect_no_hole(tape);
    station_ask_to_stop(tape->station);
    tape_free(tape);
}

static void test_wakes_and_stops_do_not_cross(void **state)
{
    // Wakes at every moment of falling asleep: none is lost.
    struct tape *tape = sleeper(*state);
    assert_int_equal(station_start(tape->station), STATUS_OK);
    for (uint32_t i = 0; i < 4; i++) {
        const uint32_t count = tape->count;
        station_wake(tape->station);
        tape_wait(tape, count + LINGER - 3 + i);
    }
    wait_until_asleep(tape);
    expect_no_hole(tape);
    tape_free(tape);
}

static void test_one_that_does_not_sleep_plays_for_nobody(void **state)
{
    struct tape *tape = tape_new(fixture_station(*state, SPEED));
    assert_int_equal(station_start(tape->station), STATUS_OK);
    station_wake(tape->station);
    tape_wait(tape, 2 * LINGER);
    assert_false(station_asleep(tape->station));
    assert_int_equal(sleeps_of(tape), 0);
    tape_free(tape);
}

static void test_sleeps_and_goes_on_after_a_restart(void **state)
{
    struct folder folder;
    folder_make(&folder);
    for (uint32_t life = 0; life < 3; life++) {
        struct station_options options = fixture_station(*state, SPEED);
        options.sleeps = true;
        options.state_dir = folder.path;
        struct tape *tape = tape_new(options);
        assert_int_equal(tape->first, life * LINGER);
        assert_int_equal(station_start(tape->station), STATUS_OK);
        wait_until_asleep(tape);
        assert_int_equal(tape->count, 0);
        station_wake(tape->station);
        tape_wait(tape, LINGER);
        wait_until_asleep(tape);
        assert_int_equal(tape->count, LINGER);
        // Gone without a word while it slept.
        tape_free(tape);
    }
    folder_remove(&folder);
}

static void test_refuses_a_phase_that_is_none(void **state)
{
    struct station_options options = fixture_station(*state, 1);
    options.phase_ms = CHUNK_MS;
    struct station *station = NULL;
    struct complaint complaint = {""};
    assert_int_equal(station_new(&options, &station, &complaint), STATUS_RANGE);
    assert_true(complaint.text[0]);
}

static void test_tells_what_work_it_has_done(void **state)
{
    struct tape *tape = tape_new(fixture_station(*state, SPEED));
    _Atomic int64_t *busy_ns = &station_metrics(tape->station)->busy_ns;
    assert_int_equal(atomic_load(busy_ns), 0);
    assert_int_equal(station_start(tape->station), STATUS_OK);
    tape_wait(tape, 20);
    const int64_t some = atomic_load(busy_ns);
    assert_true(some > 0);
    station_stop(tape->station);
    const int64_t more = atomic_load(busy_ns);
    assert_true(more >= some);
    // It goes on over a new thread.
    assert_int_equal(station_start(tape->station), STATUS_OK);
    tape_wait(tape, tape->count + 10);
    assert_true(atomic_load(busy_ns) > more);
    tape_free(tape);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_sleeps_from_the_start_until_it_is_woken, fixture_end),
        cmocka_unit_test_teardown(test_plays_for_a_while_for_nobody_and_sleeps_again, fixture_end),
        cmocka_unit_test_teardown(test_the_music_goes_on_where_it_stopped, fixture_end),
        cmocka_unit_test_teardown(test_a_listener_keeps_it_awake, fixture_end),
        cmocka_unit_test_teardown(test_whoever_wakes_it_has_sound_at_once, fixture_end),
        cmocka_unit_test_teardown(test_a_change_waits_for_it_to_wake, fixture_end),
        cmocka_unit_test_teardown(test_stops_and_starts_asleep_and_awake, fixture_end),
        cmocka_unit_test_teardown(test_wakes_and_stops_do_not_cross, fixture_end),
        cmocka_unit_test_teardown(test_one_that_does_not_sleep_plays_for_nobody, fixture_end),
        cmocka_unit_test_teardown(test_sleeps_and_goes_on_after_a_restart, fixture_end),
        cmocka_unit_test_teardown(test_refuses_a_phase_that_is_none, fixture_end),
        cmocka_unit_test_teardown(test_tells_what_work_it_has_done, fixture_end),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
