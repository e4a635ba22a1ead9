// SPDX-License-Identifier: GPL-3.0-or-later
// What listeners are told while they stay.
#include "station/listeners.h"

#include "core/clock.h"
#include "hall.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static uint64_t lateness_count(const struct hall *hall)
{
    return histogram_summarize(&station_metrics(hall->station)->lateness).count;
}

static void test_greets_with_hello_state_and_a_burst(void **state)
{
    struct hall *hall = hall_open(*state, 1, 0);
    hall_wait(&station_metrics(hall->station)->chunks, STATION_BURST + 1);
    const uint32_t before = station_head(hall->station);
    struct ear *ear = hall_join(hall, FORMAT_PCM);
    struct ear_message message = ear_wait(ear, EAR_TEXT);
    const uint32_t after = station_head(hall->station);
    assert_ptr_equal(message.bytes - 4, ear->bytes); // nothing comes before it
    assert_non_null(memmem(message.bytes, message.size, "\"hello\"", 7));
    message = ear_wait(ear, EAR_TEXT);
    assert_non_null(memmem(message.bytes, message.size, "\"state\"", 7));
    hall_wait_chunks(&ear, 1, STATION_BURST + 1);
    // From here on nothing new comes, so that what is heard and what is counted can be compared.
    station_stop(hall->station);
    hall_wait_last(hall, &ear, 1);
    const struct hall_heard heard = hall_heard(ear);
    assert_in_range(heard.first, before - STATION_BURST, after - STATION_BURST);
    assert_int_equal(heard.skips, 0);
    // The burst was not late: it was asked for. Only what came live is measured.
    for (int i = 0; i < 2000 && lateness_count(hall) < heard.chunks - STATION_BURST; i++) {
        ears_listen(&ear, 1, 10);
    }
    assert_int_equal(lateness_count(hall), heard.chunks - STATION_BURST);
    ear_free(ear);
    hall_close(hall);
}

static void test_measures_the_lateness_of_live_chunks(void **state)
{
    struct hall *hall = hall_open(*state, 10, 0);
    struct ear *ear = hall_join(hall, FORMAT_OPUS);
    // Live is what is behind the burst: each chunk once.
    uint64_t late = 0;
    for (int i = 0; i < 2000 && late < 5; i++) {
        ears_listen(&ear, 1, 10);
        late = lateness_count(hall);
    }
    assert_true(late >= 5);
    hall_close(hall);
    ears_wait_end(&ear, 1);
    assert_true(late <= hall_heard(ear).chunks);
    ear_free(ear);
}

static void test_reads_what_came_with_the_handshake(void **state)
{
    static const uint8_t early[] = {0x81, 0x82, 0, 0, 0, 0, '{', '}'};
    struct hall *hall = hall_open(*state, 1, 0);
    struct ear *ear = hall_join_with(hall, FORMAT_OPUS, early, sizeof early);
    json_t *json = ear_wait_json(ear, "error");
    assert_non_null(strstr(json_string_value(json_object_get(json, "message")), "type"));
    json_decref(json);
    ear_free(ear);
    hall_close(hall);
}

static void test_a_change_is_told_to_all(void **state)
{
    static const char change[] = "{\"type\":\"control\",\"key\":\"F#\",\"bpm\":77}";
    struct hall *hall = hall_open(*state, 1, 0);
    struct ear *one = hall_join(hall, FORMAT_OPUS);
    struct ear *two = hall_join(hall, FORMAT_JSON);
    json_decref(ear_wait_json(two, "hello"));
    assert_true(ear_say(one, TEXT, change, strlen(change)));
    for (double bpm = 0; bpm != 77.0;) {
        json_t *json = ear_wait_json(two, "state");
        bpm = json_number_value(json_object_get(json, "bpm"));
        json_decref(json);
    }
    ear_free(one);
    ear_free(two);
    hall_close(hall);
}

static void test_one_who_falls_behind_is_put_back_to_live(void **state)
{
    struct hall *hall = hall_open(*state, 50, 0);
    struct ear *slow = hall_join(hall, FORMAT_PCM);
    struct ear *other = hall_join(hall, FORMAT_OPUS);
    json_decref(ear_wait_json(slow, "hello"));
    // The slow one sleeps for more than the ring and the socket hold.
    const _Atomic uint64_t *chunks = &station_metrics(hall->station)->chunks;
    const uint64_t enough = hall_count(chunks) + 4ULL * STATION_RING;
    slow->deaf = true;
    for (int i = 0; i < 2000 && hall_count(chunks) < enough; i++) {
        ears_listen((struct ear *[]){slow, other}, 2, 10);
    }
    assert_true(hall_count(chunks) >= enough);
    slow->deaf = false;
    json_int_t missed = 0;
    while (missed == 0) {
        json_t *json = ear_wait_json(slow, "state");
        missed = json_integer_value(json_object_get(json, "skip"));
        json_decref(json);
    }
    hall_wait_chunks(&slow, 1, hall_heard(slow).chunks + 1);
    assert_true(hall_heard(slow).skips > 0);
    assert_true(hall_count(&station_metrics(hall->station)->skips) > 0);
    ear_free(slow);
    ear_free(other);
    hall_close(hall);
}

static void test_a_flood_is_refused_once_a_second_and_disturbs_nobody(void **state)
{
    static const char change[] = "{\"type\":\"control\",\"intensity\":0.5}";
    struct hall *hall = hall_open(*state, 1, 0);
    struct ear *ears[] = {hall_join(hall, FORMAT_OPUS), hall_join(hall, FORMAT_PCM)};
    json_decref(ear_wait_json(ears[0], "hello"));
    const int64_t start = clock_now_ns();
    for (int i = 0; i < 500; i++) {
        assert_true(ear_say(ears[0], TEXT, change, strlen(change)));
        ears_listen(ears, 2, i % 50 == 0);
    }
    // The last of them has been heard when this is answered. A flood that takes long reaches into further seconds.
    assert_true(ear_say(ears[0], PING, "", 0));
    (void)ear_wait(ears[0], EAR_PONG);
    const uint64_t refused = hall_count(&station_metrics(hall->station)->rejected_messages);
    assert_in_range(refused, 1, 1 + (clock_now_ns() - start) / 1000000000);
    ears[0]->at = 0;
    for (uint64_t i = 0; i < refused; i++) {
        json_t *json = ear_wait_json(ears[0], "error");
        assert_non_null(strstr(json_string_value(json_object_get(json, "message")), "messages in a second"));
        json_decref(json);
    }
    hall_wait_chunks(&ears[1], 1, 3);
    assert_int_equal(hall_heard(ears[1]).skips, 0);
    // A second later it is listened to again, and nothing more was said meanwhile.
    ears_listen(ears, 2, 1100);
    assert_int_equal(hall_count(&station_metrics(hall->station)->rejected_messages), refused);
    assert_true(ear_say(ears[0], TEXT, "{}", 2));
    json_t *json = ear_wait_json(ears[0], "error");
    assert_non_null(strstr(json_string_value(json_object_get(json, "message")), "type"));
    json_decref(json);
    ear_free(ears[0]);
    ear_free(ears[1]);
    hall_close(hall);
}

struct nonsense {
    int first;
    const char *text;
    const char *says;
};

static void test_says_what_was_wrong_with_a_message(void **state)
{
    static const struct nonsense all[] = {
        {TEXT, "nonsense", "not JSON"},
        {TEXT, "[]", "type"},
        {TEXT, "{\"type\":\"control\",\"bpm\":9999}", "30 to 200"},
        {TEXT, "{\"type\":\"control\",\"key\":\"H\"}", "key"},
        {TEXT, "{\"type\":\"preset\",\"name\":\"loud\"}", "focus"},
        {TEXT, "{\"type\":\"preset\",\"name\":\"\xc3\xa9\"}", "focus"},
        {TEXT,
         "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
         "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
         "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9",
         "not JSON"},
        {BINARY, "{\"type\":\"control\",\"bpm\":60}", "binary"},
    };
    struct hall *hall = hall_open(*state, 1, 0);
    struct ear *ear = hall_join(hall, FORMAT_OPUS);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        assert_true(ear_say(ear, all[i].first, all[i].text, strlen(all[i].text)));
        json_t *json = ear_wait_json(ear, "error");
        const char *message = json_string_value(json_object_get(json, "message"));
        if (!strstr(message, all[i].says)) {
            fail_msg("%s: %s", all[i].text, message);
        }
        json_decref(json);
    }
    assert_int_equal(hall_count(&station_metrics(hall->station)->rejected_messages), sizeof all / sizeof *all);
    ear_free(ear);
    hall_close(hall);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_greets_with_hello_state_and_a_burst, fixture_end),
        cmocka_unit_test_teardown(test_measures_the_lateness_of_live_chunks, fixture_end),
        cmocka_unit_test_teardown(test_reads_what_came_with_the_handshake, fixture_end),
        cmocka_unit_test_teardown(test_a_change_is_told_to_all, fixture_end),
        cmocka_unit_test_teardown(test_one_who_falls_behind_is_put_back_to_live, fixture_end),
        cmocka_unit_test_teardown(test_a_flood_is_refused_once_a_second_and_disturbs_nobody, fixture_end),
        cmocka_unit_test_teardown(test_says_what_was_wrong_with_a_message, fixture_end),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
