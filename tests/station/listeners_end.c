// SPDX-License-Identifier: GPL-3.0-or-later
// How listeners come and go: what ends a connection, and what they are told then.
#include "station/listeners.h"

#include "core/clock.h"
#include "hall.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

// Longer than a test that is held up lets the others wait for.
enum { STALL_MS = 2000 };

// One ear that will read nothing, and \p count - 1 that do, all of them let in.
static void gather(struct hall *hall, struct ear **ears, const enum format *formats, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        ears[i] = hall_join(hall, formats[i]);
        json_decref(ear_wait_json(ears[i], "hello"));
    }
    ears[0]->deaf = true;
}

static void test_one_who_reads_nothing_is_dropped_and_the_others_hear_all(void **state)
{
    struct hall *hall = hall_open(*state, 1, STALL_MS);
    struct ear *ears[3];
    gather(hall, ears, (const enum format[]){FORMAT_PCM, FORMAT_PCM, FORMAT_OPUS}, 3);
    hall_wait_room(hall, ears, 3, HALL_MOST - 2);
    assert_int_equal(hall_count(&station_metrics(hall->station)->dropped), 1);
    assert_int_equal(station_metrics(hall->station)->listeners[FORMAT_PCM], 1);
    hall_wait_chunks(ears + 1, 2, 11);
    for (int i = 1; i < 3; i++) {
        assert_int_equal(hall_heard(ears[i]).skips, 0);
        assert_false(ears[i]->ended);
    }
    for (int i = 0; i < 3; i++) {
        ear_free(ears[i]);
    }
    hall_close(hall);
}

// What is said in turns, every SAY_MS. Its answers wait for a socket that takes nothing: they are no sign of life.
static void expect_dropped_though_it_says(const struct fixture *fixture, int first, const char *const texts[2])
{
    // Far from as many as the queue of answers holds, which would end their growing.
    enum { SAY_MS = 250, SAID_MAX = 24 };
    struct hall *hall = hall_open(fixture, 1, STALL_MS);
    struct ear *ears[2];
    gather(hall, ears, (const enum format[]){FORMAT_PCM, FORMAT_OPUS}, 2);
    int said = 0;
    while (hall_count(&station_metrics(hall->station)->dropped) == 0 && said < SAID_MAX) {
        const char *text = texts[said++ % 2];
        (void)ear_say(ears[0], first, text, strlen(text)); // to one who may just have been dropped
        ears_listen(ears, 2, SAY_MS);
    }
    assert_true(said < SAID_MAX);
    hall_expect_first_dropped(hall, ears);
}

static void test_one_who_only_pings_is_dropped(void **state)
{
    static const char *const texts[] = {"short", "a ping that is a good deal longer"};
    expect_dropped_though_it_says(*state, PING, texts);
}

static void test_one_who_only_talks_nonsense_is_dropped(void **state)
{
    static const char *const texts[] = {"nonsense", "{\"type\":\"preset\",\"name\":\"loud\"}"};
    expect_dropped_though_it_says(*state, TEXT, texts);
}

static void expect_closed(struct hall *hall, struct ear *ear, unsigned code)
{
    const struct ear_message message = ear_wait(ear, EAR_CLOSE);
    assert_true(message.size >= 2);
    assert_int_equal(message.bytes[0] << 8 | message.bytes[1], code);
    // It goes when the listener does, or when its patience ends.
    ear_free(ear);
    hall_wait_room(hall, NULL, 0, HALL_MOST);
}

static void test_says_why_it_hangs_up(void **state)
{
    struct hall *hall = hall_open(*state, 1, 0);
    struct ear *ear = hall_join(hall, FORMAT_OPUS);
    assert_true(ear_say(ear, TEXT, "\xff", 1));
    expect_closed(hall, ear, 1007);
    ear = hall_join(hall, FORMAT_OPUS);
    char *large = calloc(1, 20000);
    assert_non_null(large);
    memset(large, ' ', 20000);
    assert_true(ear_say(ear, TEXT, large, 20000));
    expect_closed(hall, ear, 1009);
    ear = hall_join(hall, FORMAT_OPUS);
    // A message in fragments without an end.
    (void)ear_say(ear, 0x01, large, 1000);
    for (int i = 0; i < 40; i++) {
        (void)ear_say(ear, 0x00, large, 1000);
    }
    expect_closed(hall, ear, 1009);
    free(large);
    ear = hall_join(hall, FORMAT_OPUS);
    assert_int_equal(send(ear->socket, "\x81\x05hello", 7, MSG_NOSIGNAL), 7); // not masked
    expect_closed(hall, ear, 1002);
    assert_int_equal(hall_count(&station_metrics(hall->station)->skips), 0);
    hall_close(hall);
}

static void test_answers_a_ping_and_a_close(void **state)
{
    struct hall *hall = hall_open(*state, 1, 0);
    struct ear *ear = hall_join(hall, FORMAT_OPUS);
    // One after the other: a pong may be dropped behind a close.
    assert_true(ear_say(ear, PING, "abc", 3));
    struct ear_message message = ear_wait(ear, EAR_PONG);
    assert_int_equal(message.size, 3);
    assert_memory_equal(message.bytes, "abc", 3);
    assert_true(ear_say(ear, CLOSE, "\x03\xe8", 2));
    ears_wait_end(&ear, 1);
    while (ear_next(ear, &message)) {
    }
    assert_int_equal(message.opcode, EAR_CLOSE); // the last
    ear->at = 0;
    assert_int_equal(ear_close_code(ear), 1000);
    ear_free(ear);
    hall_close(hall);
}

static void test_the_end_is_going_away(void **state)
{
    struct hall *hall = hall_open(*state, 10, 0);
    struct ear *ears[] = {hall_join(hall, FORMAT_OPUS), hall_join(hall, FORMAT_JSON), hall_join(hall, FORMAT_PCM)};
    // More than the socket of the one who reads nothing holds; those of the others are empty when it ends.
    ears[2]->deaf = true;
    for (int i = 0; i < 2000 && hall_count(&station_metrics(hall->station)->chunks) < 2ULL * STATION_RING; i++) {
        ears_listen(ears, 3, 10);
    }
    assert_true(hall_count(&station_metrics(hall->station)->chunks) >= 2ULL * STATION_RING);
    station_stop(hall->station);
    hall_wait_last(hall, ears, 2);
    const int64_t before = clock_now_ns();
    hall_close(hall);
    // Nobody answers here, so that it takes all its patience, and not more.
    assert_true(clock_now_ns() - before < 20 * 1000000000LL);
    ears[2]->deaf = false;
    ears_wait_end(ears, 3);
    for (int i = 0; i < 3; i++) {
        ears[i]->at = 0;
        assert_true(i == 2 || ear_close_code(ears[i]) == 1001);
        ear_free(ears[i]);
    }
}

static void test_one_who_comes_at_the_last_moment_is_told_so_too(void **state)
{
    enum { LATE = 12 };
    struct hall *hall = hall_open(*state, 1, 0);
    struct ear *ears[LATE];
    station_stop(hall->station); // it would wake the listeners that are gone
    for (int i = 0; i < LATE; i++) {
        ears[i] = hall_join(hall, (enum format)(i % FORMAT_OGG));
    }
    listeners_free(hall->listeners);
    hall->listeners = NULL;
    ears_wait_end(ears, LATE);
    for (int i = 0; i < LATE; i++) {
        struct ear_message message;
        assert_true(ear_next(ears[i], &message));
        assert_non_null(memmem(message.bytes, message.size, "\"hello\"", 7));
        assert_int_equal(ear_close_code(ears[i]), 1001);
        ear_free(ears[i]);
    }
    hall_close(hall);
}

static void test_many_come_and_go(void **state)
{
    enum { MANY = 60 };
    struct hall *hall = hall_open(*state, 10, 0);
    struct ear *ears[MANY];
    for (int i = 0; i < MANY; i++) {
        ears[i] = hall_join(hall, (enum format)(i % FORMAT_OGG));
        if (i % 3 == 1) {
            ear_free(ears[i - 1]); // perhaps before it was let in
            ears[i - 1] = hall_join(hall, FORMAT_OPUS);
        }
    }
    hall_wait_chunks(ears, MANY, 1);
    hall_wait_room(hall, ears, MANY, HALL_MOST - MANY);
    for (int i = 0; i < MANY; i++) {
        ear_free(ears[i]);
    }
    hall_close(hall);
}

static void test_closes_the_sockets_of_those_that_never_came_in(void **state)
{
    const struct fixture *fixture = *state;
    const struct station_options options = fixture_station(fixture, 1);
    struct stations *stations = stations_new(&(struct stations_options){0});
    assert_non_null(stations);
    assert_int_equal(stations_add(stations, &options, NULL), STATUS_OK);
    struct hall hall = {.stations = stations, .options = {.presets = fixture->presets, .stations = stations}};
    assert_int_equal(listeners_new(&hall.options, &hall.listeners), STATUS_OK);
    struct ear *ear = hall_join(&hall, FORMAT_OPUS);
    assert_true(ear_say(ear, CLOSE, "\x03\xe8", 2));
    listeners_free(hall.listeners);
    ears_wait_end(&ear, 1);
    ear_free(ear);
    stations_free(stations);
    listeners_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_one_who_reads_nothing_is_dropped_and_the_others_hear_all, fixture_end),
        cmocka_unit_test_teardown(test_one_who_only_pings_is_dropped, fixture_end),
        cmocka_unit_test_teardown(test_one_who_only_talks_nonsense_is_dropped, fixture_end),
        cmocka_unit_test_teardown(test_says_why_it_hangs_up, fixture_end),
        cmocka_unit_test_teardown(test_answers_a_ping_and_a_close, fixture_end),
        cmocka_unit_test_teardown(test_the_end_is_going_away, fixture_end),
        cmocka_unit_test_teardown(test_one_who_comes_at_the_last_moment_is_told_so_too, fixture_end),
        cmocka_unit_test_teardown(test_many_come_and_go, fixture_end),
        cmocka_unit_test_teardown(test_closes_the_sockets_of_those_that_never_came_in, fixture_end),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
