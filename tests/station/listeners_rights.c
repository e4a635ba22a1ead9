// SPDX-License-Identifier: GPL-3.0-or-later
// Who may steer, who may come in, where one goes on who comes back, and who is too slow.
#include "station/listeners.h"

#include "core/clock.h"
#include "hall.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_who_has_no_right_to_steer_is_told_so(void **state)
{
    static const char change[] = "{\"type\":\"control\",\"bpm\":77}";
    struct hall *hall = hall_open(*state, 1, 0);
    const double before = station_state(hall->station).controls.bpm;
    struct ear *ear = hall_join_as(hall, &(struct listeners_join){.format = FORMAT_OPUS});
    json_t *json = ear_wait_json(ear, "hello");
    assert_true(json_is_false(json_object_get(json, "control")));
    json_decref(json);
    assert_true(ear_say(ear, TEXT, change, strlen(change)));
    json = ear_wait_json(ear, "error");
    assert_string_equal(json_string_value(json_object_get(json, "code")), "forbidden");
    assert_non_null(strstr(json_string_value(json_object_get(json, "message")), "token"));
    json_decref(json);
    hall_wait_chunks(&ear, 1, 3);
    assert_true(station_state(hall->station).controls.bpm == before);
    ear_free(ear);
    hall_close(hall);
}

static void test_one_for_whom_there_is_no_room_is_told_and_closed(void **state)
{
    struct hall *hall = hall_open(*state, 1, 0);
    struct ear *ear = hall_join_as(hall, &(struct listeners_join){.refusal = "no power for one more"});
    json_t *json = ear_wait_json(ear, "error");
    assert_string_equal(json_string_value(json_object_get(json, "code")), "full");
    assert_string_equal(json_string_value(json_object_get(json, "message")), "no power for one more");
    assert_string_equal(json_string_value(json_array_get(json_object_get(json, "stations"), 0)), "main");
    json_decref(json);
    (void)ear_wait(ear, EAR_CLOSE);
    ear->at = 0;
    assert_int_equal(ear_close_code(ear), 1013);
    // It does not answer, and is cut off.
    ears_wait_end(&ear, 1);
    hall_wait_room(hall, NULL, 0, HALL_MOST);
    ear_free(ear);
    hall_close(hall);
}

static void test_one_who_comes_back_goes_on_where_it_left(void **state)
{
    struct hall *hall = hall_open(*state, 1, 0); // the ring is two seconds, for a machine that is busy
    struct ear *ear = hall_join(hall, FORMAT_PCM);
    hall_wait_chunks(&ear, 1, STATION_RING + 5);
    const uint32_t last = hall_heard(ear).last;
    ear_free(ear);
    struct ear *back =
        hall_join_as(hall, &(struct listeners_join){.format = FORMAT_PCM, .resumes = true, .resume = last + 1});
    hall_wait_chunks(&back, 1, 1);
    assert_int_equal(hall_heard(back).first, last + 1);
    assert_int_equal(hall_heard(back).skips, 0);
    // What is not there any more, or not yet, is a burst.
    struct ear *late = hall_join_as(hall, &(struct listeners_join){.format = FORMAT_PCM, .resumes = true, .resume = 1});
    struct ear *early =
        hall_join_as(hall, &(struct listeners_join){.format = FORMAT_PCM, .resumes = true, .resume = UINT32_MAX});
    hall_wait_chunks((struct ear *[]){late, early}, 2, 1);
    assert_true(hall_heard(late).first + STATION_BURST > last);
    assert_true(hall_heard(early).first + STATION_BURST > last);
    ear_free(back);
    ear_free(late);
    ear_free(early);
    hall_close(hall);
}

static void test_one_who_is_too_slow_time_and_again_is_closed(void **state)
{
    struct hall *hall = hall_open(*state, 50, 0);
    struct ear *slow = hall_join(hall, FORMAT_PCM);
    const struct metrics *metrics = station_metrics(hall->station);
    // It reads a little, and then nothing until the ring has gone by.
    for (int round = 0; round < 100 && hall_count(&metrics->too_slow) == 0; round++) {
        slow->deaf = true;
        const uint64_t enough = hall_count(&metrics->chunks) + 3ULL * STATION_RING;
        hall_wait(&metrics->chunks, enough);
        slow->deaf = false;
        ears_listen(&slow, 1, 50);
    }
    assert_int_equal(hall_count(&metrics->too_slow), 1);
    assert_true(hall_count(&metrics->skips) > 5);
    ears_wait_end(&slow, 1);
    slow->at = 0;
    assert_int_equal(ear_close_code(slow), 1013);
    ear_free(slow);
    hall_close(hall);
}

static void test_going_away_names_the_next_chunk(void **state)
{
    struct hall *hall = hall_open(*state, 10, 0);
    struct ear *ear = hall_join(hall, FORMAT_OPUS);
    hall_wait_chunks(&ear, 1, 5);
    station_stop(hall->station);
    hall_wait_last(hall, &ear, 1);
    const uint32_t next = hall_heard(ear).last + 1;
    hall_close(hall);
    ear->at = 0;
    json_t *json = ear_wait_json(ear, "going_away");
    assert_int_equal(strtoul(json_string_value(json_object_get(json, "resume")), NULL, 10), next);
    json_decref(json);
    ear_free(ear);
}

static void test_shards_share_the_listeners_of_a_station(void **state)
{
    enum { MANY = 40 };
    struct hall *hall = hall_open_with(*state, &(struct listeners_options){.shards = 4}, 1);
    struct ear *ears[MANY];
    for (int i = 0; i < MANY; i++) {
        ears[i] = hall_join(hall, (enum format)(i % FORMAT_OGG));
    }
    hall_wait_chunks(ears, MANY, STATION_RING);
    struct stations_entry *entry = stations_hold(hall->stations, NULL);
    assert_int_equal(atomic_load(&entry->shards), 15);
    station_stop(hall->station);
    hall_wait_last(hall, ears, MANY);
    for (int i = 0; i < MANY; i++) {
        assert_int_equal(hall_heard(ears[i]).skips, 0);
        ear_free(ears[i]);
    }
    hall_wait_room(hall, NULL, 0, HALL_MOST);
    // Nobody listens: no shard needs to hear of this station.
    for (int i = 0; i < 2000 && atomic_load(&entry->shards) != 0; i++) {
        clock_sleep_until(clock_now_ns() + 1000000);
    }
    assert_int_equal(atomic_load(&entry->shards), 0);
    stations_entry_unref(entry);
    hall_close(hall);
}

static void test_beyond_the_limit_nobody_comes_in(void **state)
{
    struct hall *hall = hall_open_with(*state, &(struct listeners_options){.most = 3}, 1);
    struct ear *ears[4];
    for (int i = 0; i < 4; i++) {
        ears[i] = hall_join(hall, FORMAT_OPUS);
    }
    ears_wait_end(&ears[3], 1);
    assert_int_equal(listeners_room(hall->listeners), 0);
    hall_wait_chunks(ears, 3, 1);
    for (int i = 0; i < 4; i++) {
        ear_free(ears[i]);
    }
    hall_wait_room(hall, NULL, 0, 3);
    hall_close(hall);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_who_has_no_right_to_steer_is_told_so, fixture_end),
        cmocka_unit_test_teardown(test_one_for_whom_there_is_no_room_is_told_and_closed, fixture_end),
        cmocka_unit_test_teardown(test_one_who_comes_back_goes_on_where_it_left, fixture_end),
        cmocka_unit_test_teardown(test_one_who_is_too_slow_time_and_again_is_closed, fixture_end),
        cmocka_unit_test_teardown(test_going_away_names_the_next_chunk, fixture_end),
        cmocka_unit_test_teardown(test_shards_share_the_listeners_of_a_station, fixture_end),
        cmocka_unit_test_teardown(test_beyond_the_limit_nobody_comes_in, fixture_end),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
