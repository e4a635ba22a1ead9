// SPDX-License-Identifier: GPL-3.0-or-later
#include "station/health.h"

#include "core/clock.h"
#include "fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const int64_t NS_PER_MS = 1000000;

enum { TRIES = 100 };

static const struct health_limits limits = {.station_ms = 3000, .quiet_ms = 200, .answer_ms = 1000};

static atomic_bool held;

static struct http_reply wait_until_let_go(void *user, const struct http_request *request)
{
    (void)user;
    (void)request;
    while (atomic_load(&held)) {
        usleep(1000);
    }
    return http_reply_text(200, "text/plain", "at last");
}

static struct http_server *serve(void)
{
    static const struct http_route routes[] = {{.method = "GET", .path = "/", .handler = wait_until_let_go},
                                               {.method = NULL}};
    const struct http_options options = {.address = "127.0.0.1", .routes = routes};
    struct http_server *server = NULL;
    struct complaint complaint;
    assert_int_equal(http_server_new(&options, &server, &complaint), STATUS_OK);
    return server;
}

static enum status check(struct station *station, int64_t since_ns, struct http_server *server,
                         struct complaint *complaint)
{
    *complaint = (struct complaint){""};
    const enum status status = health_check(&station, station ? 1 : 0, since_ns, server, &limits, complaint);
    assert_true((status == STATUS_OK) == (complaint->text[0] == '\0'));
    return status;
}

static void a_station_that_renders_is_well(void **state)
{
    struct http_server *server = serve();
    struct station *station = fixture_start(*state, 1);
    struct complaint complaint;
    fixture_wait(station, 0);
    assert_int_equal(check(station, 0, server, &complaint), STATUS_OK);
    station_free(station);
    http_server_free(server);
}

static void a_station_that_does_not_is_named(void **state)
{
    struct http_server *server = serve();
    const struct station_options options = fixture_station(*state, 1);
    struct station *station = fixture_make(&options);
    struct complaint complaint;
    const int64_t now = clock_now_ns();
    assert_int_equal(check(station, now, server, &complaint), STATUS_OK);
    assert_int_equal(check(station, now - 2 * limits.station_ms * NS_PER_MS, server, &complaint), STATUS_AGAIN);
    assert_non_null(strstr(complaint.text, "station main has rendered nothing for"));
    // Where it has rendered once, that counts.
    atomic_store(&station_metrics(station)->rendered_until_ns, now);
    assert_int_equal(check(station, 0, server, &complaint), STATUS_OK);
    atomic_store(&station_metrics(station)->rendered_until_ns, now - 2 * limits.station_ms * NS_PER_MS);
    assert_int_equal(check(station, 0, server, &complaint), STATUS_AGAIN);
    station_free(station);
    http_server_free(server);
}

static void a_server_that_hangs_is_told(void **state)
{
    (void)state;
    struct http_server *server = serve();
    struct complaint complaint;
    assert_int_equal(check(NULL, 0, server, &complaint), STATUS_OK);
    atomic_store(&held, true);
    // The first that asks is what makes it hang; what it does then still counts as a sign of life.
    for (int i = 0; i < TRIES && check(NULL, 0, server, &complaint) == STATUS_OK; i++) {
        usleep((useconds_t)limits.quiet_ms * 1000U);
    }
    assert_int_equal(check(NULL, 0, server, &complaint), STATUS_AGAIN);
    assert_non_null(strstr(complaint.text, "the HTTP server has done nothing for 200 ms"));
    atomic_store(&held, false);
    assert_int_equal(check(NULL, 0, server, &complaint), STATUS_OK);
    http_server_free(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_station_that_renders_is_well),
        cmocka_unit_test(a_station_that_does_not_is_named),
        cmocka_unit_test(a_server_that_hangs_is_told),
    };
    return cmocka_run_group_tests_name("health", tests, fixture_setup, fixture_teardown);
}
