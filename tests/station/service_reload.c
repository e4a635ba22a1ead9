// SPDX-License-Identifier: GPL-3.0-or-later
// What may be changed of a service while it runs.
#include "station/service.h"

#include "../net/client.h"
#include "ear.h"
#include "fixture.h"
#include "tone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { LISTEN_MS = 500 };

static const char *const old_origins[] = {"https://old.example", NULL};
static const char *const new_origins[] = {"https://new.example", NULL};
static const struct embed no_files[] = {{NULL, NULL, NULL}};

static enum status add(struct service *service, const struct fixture *fixture, const char *name)
{
    struct station_options options = fixture_station(fixture, 1);
    options.name = name;
    struct complaint complaint = {""};
    return service_add(service, &options, &complaint);
}

static struct service_options options_with(const struct fixture *fixture, const char *const *origins)
{
    return (struct service_options){.address = "127.0.0.1",
                                    .origins = origins,
                                    .private_max = -1,
                                    .presets = fixture->presets,
                                    .files = no_files,
                                    .soundfont = "none"};
}

// Station "main", running.
static struct service *service_run(const struct fixture *fixture)
{
    const struct service_options options = options_with(fixture, old_origins);
    struct service *service = NULL;
    struct complaint complaint = {""};
    assert_int_equal(service_new(&options, &service), STATUS_OK);
    assert_int_equal(add(service, fixture, "main"), STATUS_OK);
    if (service_start(service, &complaint) != STATUS_OK) {
        fail_msg("%s", complaint.text);
    }
    return service;
}

static void expect_upgrade(const struct service *service, const char *headers, int status)
{
    struct ear *ear = NULL;
    assert_int_equal(ear_open(&ear, service_port(service), "/ws/stream", true, headers), status);
    ear_free(ear);
}

// Every chunk that has come so far, none missing; returns the next sequence.
static uint64_t expect_no_hole(struct ear *ear, uint64_t next)
{
    struct ear_message message;
    while (ear_next(ear, &message)) {
        assert_int_not_equal(message.opcode, EAR_CLOSE);
        if (message.opcode == EAR_BINARY) {
            const uint64_t sequence = number_at(message.bytes + 4, 4);
            assert_true(next == 0 || sequence == next);
            next = sequence + 1;
        }
    }
    assert_false(ear->ended);
    return next;
}

static void new_rules_hold_for_who_comes_and_leave_who_is_there(void **state)
{
    struct service *service = service_run(*state);
    struct ear *ear = NULL;
    assert_int_equal(ear_open(&ear, service_port(service), "/ws/stream", true, "Origin: https://old.example\r\n"), 101);
    ears_listen(&ear, 1, LISTEN_MS);
    uint64_t next = expect_no_hole(ear, 0);
    const struct service_options options = options_with(*state, new_origins);
    struct complaint complaint = {""};
    assert_int_equal(service_reload(service, &options, &complaint), STATUS_OK);
    expect_upgrade(service, "Origin: https://old.example\r\n", 403);
    expect_upgrade(service, "Origin: https://new.example\r\n", 101);
    ears_listen(&ear, 1, LISTEN_MS);
    assert_true(expect_no_hole(ear, next) > next);
    ear_free(ear);
    service_free(service);
}

static void a_station_can_join_while_others_play(void **state)
{
    struct service *service = service_run(*state);
    struct ear *ears[2] = {NULL};
    assert_int_equal(ear_open(&ears[0], service_port(service), "/ws/stream?station=main", true, ""), 101);
    ears_listen(ears, 1, LISTEN_MS);
    const uint64_t next = expect_no_hole(ears[0], 0);
    assert_int_equal(add(service, *state, "main"), STATUS_INVALID);
    assert_int_equal(add(service, *state, "late"), STATUS_OK);
    struct complaint complaint = {""};
    assert_int_equal(service_health(service, &complaint), STATUS_OK);
    assert_int_equal(ear_open(&ears[1], service_port(service), "/ws/stream?station=late", true, ""), 101);
    json_t *hello = ear_wait_json(ears[1], "hello");
    assert_string_equal(json_string_value(json_object_get(hello, "station")), "late");
    json_decref(hello);
    (void)ear_wait(ears[1], EAR_BINARY);
    ears_listen(ears, 1, LISTEN_MS);
    assert_true(expect_no_hole(ears[0], next) > next);
    size_t stations = 0;
    size_t listeners = 0;
    service_count(service, &stations, &listeners);
    assert_int_equal(stations, 2);
    assert_int_equal(listeners, 2);
    ear_free(ears[0]);
    ear_free(ears[1]);
    service_free(service);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(new_rules_hold_for_who_comes_and_leave_who_is_there, fixture_end),
        cmocka_unit_test_teardown(a_station_can_join_while_others_play, fixture_end),
    };
    return cmocka_run_group_tests_name("service_reload", tests, fixture_setup, fixture_teardown);
}
