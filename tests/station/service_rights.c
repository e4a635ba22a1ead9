// SPDX-License-Identifier: GPL-3.0-or-later
// Private stations, the control token and the limits of an address, over real sockets.
#include "station/service.h"

#include "ear.h"
#include "fixture.h"
#include "service_parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { TEXT = 0x81 };

static enum status make_private(void *user, const char *preset, struct station_options *out,
                                struct complaint *complaint)
{
    const struct fixture *fixture = user;
    if (preset && !presets_find(fixture->presets, preset, complaint)) {
        return STATUS_UNKNOWN;
    }
    *out = fixture_station(fixture, 1);
    out->name = "private";
    out->preset = preset ? presets_find(fixture->presets, preset, NULL) : out->preset;
    return STATUS_OK;
}

static struct service *service_run_with(void **state, struct service_options options)
{
    struct fixture *fixture = *state;
    options.address = "127.0.0.1";
    options.presets = fixture->presets;
    options.files = service_files;
    options.soundfont = "none";
    options.make_private = make_private;
    options.make_user = fixture;
    struct service *service = NULL;
    assert_int_equal(service_new(&options, &service), STATUS_OK);
    assert_int_equal(add(service, *state, "main", 48000), STATUS_OK);
    assert_int_equal(service_start(service, NULL), STATUS_OK);
    return service;
}

static struct ear *connect_to(const struct service *service, const char *path)
{
    struct ear *ear = NULL;
    assert_int_equal(ear_open(&ear, service_port(service), path, true, ""), 101);
    return ear;
}

static void test_a_private_station_obeys_its_listener_and_is_found_again(void **state)
{
    static const char change[] = "{\"type\":\"control\",\"bpm\":77}";
    struct service *service =
        service_run_with(state, (struct service_options){.private_max = -1, .control_token = "secret"});
    struct ear *ear = connect_to(service, "/ws/stream?station=private&preset=sleep");
    json_t *json = ear_wait_json(ear, "hello");
    assert_string_equal(json_string_value(json_object_get(json, "station")), "private");
    assert_true(json_is_true(json_object_get(json, "control")));
    char path[100];
    (void)snprintf(path, sizeof path, "/ws/stream?station=private&resume=%s",
                   json_string_value(json_object_get(json, "resume")));
    json_decref(json);
    assert_true(ear_say(ear, TEXT, change, strlen(change)));
    double bpm = 0;
    while (bpm != 77.0) {
        json = ear_wait_json(ear, "state");
        assert_string_equal(json_string_value(json_object_get(json, "preset")), "sleep");
        bpm = json_number_value(json_object_get(json, "bpm"));
        json_decref(json);
    }
    ear_free(ear);
    ear = connect_to(service, path);
    json = ear_wait_json(ear, "state");
    assert_true(json_number_value(json_object_get(json, "bpm")) == 77.0);
    json_decref(json);
    // Its name opens it to nobody, and the list of stations does not have it.
    assert_int_equal(get(service, "GET", "/stream/private.ogg"), 404);
    assert_int_equal(get(service, "GET", "/api/status"), 200);
    json = body_json();
    assert_int_equal(json_array_size(json_object_get(json, "stations")), 1);
    json_decref(json);
    assert_int_equal(get(service, "GET", "/api/metrics"), 200);
    json = body_json();
    assert_int_equal(json_integer_value(json_object_get(json_object_get(json, "private"), "stations")), 1);
    json_decref(json);
    struct ear *unknown = NULL;
    assert_int_equal(ear_open(&unknown, service_port(service), "/ws/stream?station=private&preset=none", true, ""),
                     400);
    ear_free(unknown);
    ear_free(ear);
    service_free(service);
}

static size_t private_count(const struct service *service)
{
    assert_int_equal(get(service, "GET", "/api/metrics"), 200);
    json_t *json = body_json();
    const json_int_t count = json_integer_value(json_object_get(json_object_get(json, "private"), "stations"));
    json_decref(json);
    return (size_t)count;
}

static void test_what_is_no_handshake_makes_no_private_station(void **state)
{
    struct service *service = service_run_with(state, (struct service_options){.private_max = -1});
    assert_int_equal(get(service, "GET", "/ws/stream?station=private"), 426);
    assert_int_equal(get(service, "HEAD", "/ws/stream?station=private"), 426);
    struct ear *ear = NULL;
    assert_int_equal(
        ear_open(&ear, service_port(service), "/ws/stream?station=private", true, "Origin: https://evil.example\r\n"),
        403);
    ear_free(ear);
    assert_int_equal(private_count(service), 0);
    service_free(service);
}

static void test_a_private_station_that_was_left_makes_way(void **state)
{
    struct service *service = service_run_with(state, (struct service_options){.private_max = 1});
    for (int i = 0; i < 3; i++) {
        struct ear *ear = connect_to(service, "/ws/stream?station=private");
        json_decref(ear_wait_json(ear, "hello"));
        ear_free(ear);
        // Until the server has seen that it has gone.
        for (int waited = 0; waited < 2000; waited++) {
            size_t stations = 0;
            size_t listeners = 0;
            service_count(service, &stations, &listeners);
            if (listeners == 0) {
                break;
            }
            (void)usleep(5000);
        }
        assert_int_equal(private_count(service), 1);
    }
    service_free(service);
}

static void test_beyond_the_limit_a_private_station_is_refused_in_words(void **state)
{
    struct service *service = service_run_with(state, (struct service_options){.private_max = 1});
    struct ear *one = connect_to(service, "/ws/stream?station=private");
    json_decref(ear_wait_json(one, "hello"));
    struct ear *two = connect_to(service, "/ws/stream?station=private");
    json_t *json = ear_wait_json(two, "error");
    assert_string_equal(json_string_value(json_object_get(json, "code")), "full");
    assert_string_equal(json_string_value(json_array_get(json_object_get(json, "stations"), 0)), "main");
    json_decref(json);
    (void)ear_wait(two, EAR_CLOSE);
    two->at = 0;
    assert_int_equal(ear_close_code(two), 1013);
    ear_free(one);
    ear_free(two);
    service_free(service);
    service = service_run_with(state, (struct service_options){.private_max = 0});
    two = connect_to(service, "/ws/stream?station=private");
    json = ear_wait_json(two, "error");
    assert_non_null(strstr(json_string_value(json_object_get(json, "message")), "no private stations"));
    json_decref(json);
    ear_free(two);
    service_free(service);
}

static bool may_control(const struct service *service, const char *path)
{
    struct ear *ear = connect_to(service, path);
    json_t *json = ear_wait_json(ear, "hello");
    const bool may = json_is_true(json_object_get(json, "control"));
    json_decref(json);
    ear_free(ear);
    return may;
}

static void test_shared_stations_are_steered_with_the_token(void **state)
{
    struct service *service = service_run_with(state, (struct service_options){.control_token = "secret"});
    assert_false(may_control(service, "/ws/stream"));
    assert_false(may_control(service, "/ws/stream?token="));
    assert_false(may_control(service, "/ws/stream?token=secre"));
    assert_false(may_control(service, "/ws/stream?token=secrets"));
    assert_true(may_control(service, "/ws/stream?token=secret"));
    service_free(service);
    service = service_run_with(state, (struct service_options){0});
    assert_true(may_control(service, "/ws/stream"));
    service_free(service);
}

static void test_an_address_has_as_many_listeners_as_it_may(void **state)
{
    struct service *service = service_run_with(state, (struct service_options){.per_address = 2});
    struct ear *one = connect_to(service, "/ws/stream");
    struct ear *two = NULL;
    assert_int_equal(ear_open(&two, service_port(service), "/stream/main.ogg", false, ""), 200);
    struct ear *three = NULL;
    assert_int_equal(ear_open(&three, service_port(service), "/ws/stream", true, ""), 429);
    ear_free(three);
    assert_int_equal(ear_open(&three, service_port(service), "/stream/main.ogg", false, ""), 429);
    ear_free(three);
    ear_free(two);
    int status = 429;
    for (int i = 0; i < 2000 && status == 429; i++) {
        status = ear_open(&three, service_port(service), "/ws/stream", true, "");
        if (status == 429) {
            ear_free(three);
            (void)usleep(10000);
        }
    }
    assert_int_equal(status, 101);
    // What is refused for other reasons takes no place.
    ear_free(three);
    for (int i = 0; i < 5; i++) {
        (void)ear_open(&three, service_port(service), "/ws/stream?station=none", true, "");
        ear_free(three);
    }
    status = 429;
    for (int i = 0; i < 2000 && status == 429; i++) {
        status = ear_open(&three, service_port(service), "/ws/stream", true, "");
        ear_free(three);
        (void)usleep(status == 429 ? 10000 : 0);
    }
    assert_int_equal(status, 101);
    ear_free(one);
    service_free(service);
}

static int ask_for_ogg(const struct service *service, struct ear **out)
{
    int status = 503;
    for (int i = 0; i < 2000 && status == 503; i++) {
        status = ear_open(out, service_port(service), "/stream/main.ogg", false, "");
        if (status == 503) {
            ear_free(*out);
            (void)usleep(10000);
        }
    }
    return status;
}

// Each place is given back, however a player goes; and a server that is full says so, to whoever asks without a
// handshake too.
static void test_places_come_back_and_a_full_server_says_so(void **state)
{
    struct service *service = service_run_with(state, (struct service_options){.listeners_max = 2, .streams_max = 2});
    struct ear *players[2];
    for (int i = 0; i < 10; i++) {
        assert_int_equal(ask_for_ogg(service, &players[i % 2]), 200);
        if (i > 0) {
            ear_free(players[(i + 1) % 2]);
        }
    }
    assert_int_equal(ask_for_ogg(service, &players[0]), 200);
    struct ear *late = NULL;
    static const char *const paths[] = {"/ws/stream", "/stream/main.ogg"};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(ear_open(&late, service_port(service), paths[i / 2], i == 0, ""), 503);
        ear_free(late);
    }
    ear_free(players[0]);
    ear_free(players[1]);
    assert_int_equal(get(service, "GET", "/api/metrics"), 200);
    json_t *json = body_json();
    assert_true(json_integer_value(json_object_get(json_object_get(json, "refused"), "full")) >= 3);
    json_decref(json);
    service_free(service);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_a_private_station_obeys_its_listener_and_is_found_again, fixture_end),
        cmocka_unit_test_teardown(test_what_is_no_handshake_makes_no_private_station, fixture_end),
        cmocka_unit_test_teardown(test_a_private_station_that_was_left_makes_way, fixture_end),
        cmocka_unit_test_teardown(test_beyond_the_limit_a_private_station_is_refused_in_words, fixture_end),
        cmocka_unit_test_teardown(test_shared_stations_are_steered_with_the_token, fixture_end),
        cmocka_unit_test_teardown(test_an_address_has_as_many_listeners_as_it_may, fixture_end),
        cmocka_unit_test_teardown(test_places_come_back_and_a_full_server_says_so, fixture_end),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
