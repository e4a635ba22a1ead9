// SPDX-License-Identifier: GPL-3.0-or-later
#include "net/http.h"

#include "client.h"
#include "server.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>
// cmocka wants the standard headers above before it.
#include <cmocka.h>

static void test_replies(void **state)
{
    (void)state;
    struct fixture *fixture = fixture_new(0);
    assert_int_equal(ask_line(fixture, "GET /hello"), 200);
    assert_string_equal(body_of(fixture->reply), "hello");
    assert_non_null(strcasestr(fixture->reply, "content-type: text/plain\r\n"));
    assert_non_null(strcasestr(fixture->reply, "cache-control: max-age=60\r\n"));
    expect_security_headers(fixture->reply);

    assert_int_equal(ask_line(fixture, "GET /files/a%20b/%C3%BC.js?x=1"), 200);
    assert_string_equal(body_of(fixture->reply), "a b/ü.js");
    assert_non_null(strcasestr(fixture->reply, "cache-control: no-store\r\n"));
    assert_int_equal(ask_line(fixture, "GET /files/"), 200);
    assert_string_equal(body_of(fixture->reply), "");
    assert_int_equal(ask_line(fixture, "GET /empty"), 204);
    assert_string_equal(body_of(fixture->reply), "");
    assert_int_equal(ask_line(fixture, "POST /post"), 200);

    assert_int_equal(ask_line(fixture, "GET /args?b=2&a=%26x%3D"), 200);
    assert_string_equal(body_of(fixture->reply), "[&x=][none][/args]");
    assert_int_equal(ask_line(fixture, "GET /args?a"), 200);
    assert_string_equal(body_of(fixture->reply), "[][none][/args]");
    assert_int_equal(ask(fixture, "GET /args HTTP/1.1\r\nHost: x\r\nX-THING: v\r\nConnection: close\r\n\r\n"), 200);
    assert_string_equal(body_of(fixture->reply), "[none][v][/args]");
    fixture_free(fixture);
}

static void test_head_has_no_body(void **state)
{
    (void)state;
    struct fixture *fixture = fixture_new(0);
    assert_int_equal(ask_line(fixture, "HEAD /hello"), 200);
    assert_string_equal(body_of(fixture->reply), "");
    assert_non_null(strcasestr(fixture->reply, "content-length: 5\r\n"));
    assert_int_equal(ask_line(fixture, "HEAD /nothing"), 404);
    assert_string_equal(body_of(fixture->reply), "");
    assert_int_equal(ask_line(fixture, "HEAD /stream"), 200);
    assert_string_equal(body_of(fixture->reply), "");
    assert_true(wait_for(&fixture->refused, 1));
    assert_int_equal(atomic_load(&fixture->streams), 0);
    fixture_free(fixture);
}

static void test_errors(void **state)
{
    (void)state;
    struct fixture *fixture = fixture_new(0);
    assert_int_equal(ask_line(fixture, "GET /nothing"), 404);
    expect_json_error(fixture->reply, "/nothing");
    expect_security_headers(fixture->reply);
    assert_int_equal(ask_line(fixture, "GET /hello/"), 404);
    assert_int_equal(ask_line(fixture, "GET /%22%FF%0A%5C"), 404);
    expect_json_error(fixture->reply, "/\"?\n\\");
    assert_int_equal(ask_line(fixture, "DELETE /hello"), 405);
    expect_json_error(fixture->reply, "DELETE");
    expect_security_headers(fixture->reply);
    assert_non_null(strcasestr(fixture->reply, "allow: GET, HEAD\r\n"));
    assert_int_equal(ask_line(fixture, "GET /post"), 405);
    assert_non_null(strcasestr(fixture->reply, "allow: POST\r\n"));
    assert_int_equal(ask_line(fixture, "BREW /hello"), 405);
    assert_int_equal(ask_line(fixture, "get /hello"), 405);
    assert_int_equal(ask_line(fixture, "GET /null"), 500);
    expect_json_error(fixture->reply, "memory");
    assert_int_equal(ask_line(fixture, "GET /bad?a=%22x%22"), 400);
    expect_json_error(fixture->reply, "bad \"\"x\"\"\n");

    // Far more than a message holds, and the cut falls into a character.
    for (int i = 0; i < 3; i++) {
        char line[2048];
        (void)snprintf(line, sizeof line, "GET /bad?a=%.*s", 3 + i, "xxxxx");
        for (int k = 0; k < 300; k++) {
            (void)snprintf(line + strlen(line), sizeof line - strlen(line), "%%C3%%BC");
        }
        assert_int_equal(ask_line(fixture, line), 400);
        expect_json_error(fixture->reply, "bad");
    }
    fixture_free(fixture);
}

static void test_requests_with_bodies(void **state)
{
    (void)state;
    struct fixture *fixture = fixture_new(0);
    assert_int_equal(
        ask(fixture, "GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 5\r\n\r\n12345"), 200);
    assert_int_equal(ask(fixture, "POST /post HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: "
                                  "chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"),
                     200);
    assert_int_equal(ask(fixture, "POST /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: "
                                  "2\r\n\r\n{}"),
                     405);
    assert_int_equal(ask(fixture, "POST /post HTTP/1.1\r\nHost: x\r\nContent-Length: 65537\r\n\r\n"), 413);
    expect_json_error(fixture->reply, "65536");
    assert_int_equal(ask(fixture, "POST /post HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\n\r\n"),
                     413);

    // A body of unknown length has no end: the connection has one.
    const int client = client_connect(fixture->port);
    const char head[] = "POST /post HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    enum { LINE = 5, DATA = 1024, END = 2 };
    char chunk[LINE + DATA + END + 1] = "400\r\n";
    memset(chunk + LINE, 'x', DATA);
    chunk[LINE + DATA] = '\r';
    chunk[LINE + DATA + 1] = '\n';
    client_send(client, head, sizeof head - 1);
    int chunks = 0;
    ssize_t sent = 1;
    while (chunks < 100000 && (sent > 0 || errno == EINTR)) {
        sent = send(client, chunk, LINE + DATA + END, MSG_NOSIGNAL);
        chunks++;
    }
    assert_true(chunks < 100000);
    // It hangs up: a server that no longer read would let this time out.
    assert_true(errno == EPIPE || errno == ECONNRESET);
    close(client);
    fixture_free(fixture);
}

// A client that sends on may see the connection reset before it sees the reply.
static bool is_refusal(int status, int expected)
{
    return status == expected || status == 0;
}

static void test_bytes_that_are_no_request(void **state)
{
    (void)state;
    struct fixture *fixture = fixture_new(0);
    assert_true(ask(fixture, "what is this\r\n\r\n") != 200);
    assert_true(ask(fixture, "GET /hello HTTP/9.9\r\n\r\n") >= 400);
    assert_int_equal(ask(fixture, "GET /hello HTTP/1.1\r\n\r\n"), 400);
    char *request = malloc(REPLY_SIZE);
    (void)snprintf(request, REPLY_SIZE, "GET /hello HTTP/1.1\r\nHost: x\r\nX: %060000d\r\n\r\n", 0);
    assert_true(is_refusal(ask(fixture, request), 431));
    (void)snprintf(request, REPLY_SIZE, "GET /%060000d HTTP/1.1\r\nHost: x\r\n\r\n", 0);
    assert_true(is_refusal(ask(fixture, request), 414));
    free(request);
    assert_int_equal(ask_line(fixture, "GET /hello"), 200);
    fixture_free(fixture);
}

static void test_one_connection_many_requests(void **state)
{
    (void)state;
    struct fixture *fixture = fixture_new(0);
    const int client = client_connect(fixture->port);
    const char request[] = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n";
    for (int i = 0; i < 20; i++) {
        client_send(client, request, sizeof request - 1);
        client_receive_head(client, fixture->reply, sizeof fixture->reply);
        assert_int_equal(client_status(fixture->reply), 200);
        char body[6] = "";
        assert_int_equal(client_receive(client, body, 5), 5);
        assert_string_equal(body, "hello");
    }
    close(client);
    fixture_free(fixture);
}

static void test_connection_limit(void **state)
{
    (void)state;
    enum { LIMIT = 4 };
    struct fixture *fixture = fixture_new(LIMIT);
    const char request[] = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n";
    int clients[LIMIT];
    for (int i = 0; i < LIMIT; i++) {
        clients[i] = client_connect(fixture->port);
        client_send(clients[i], request, sizeof request - 1);
        client_receive_head(clients[i], fixture->reply, sizeof fixture->reply);
        assert_int_equal(client_status(fixture->reply), 200);
    }
    for (int i = 0; i < 3; i++) {
        assert_int_equal(ask(fixture, request), 503);
        expect_json_error(fixture->reply, "too many");
        expect_security_headers(fixture->reply);
    }
    close(clients[0]);
    int status = 0;
    for (int i = 0; i < 20000 && status != 200; i++) {
        status = ask_line(fixture, "GET /hello");
        usleep(1000);
    }
    assert_int_equal(status, 200);
    for (int i = 1; i < LIMIT; i++) {
        close(clients[i]);
    }
    fixture_free(fixture);
}

// Sends a byte now and then, with the wakes that a station gives, until the server has hung up.
static bool is_cut_off(struct fixture *fixture, int client, int bytes)
{
    for (int i = 0; i < bytes; i++) {
        char reply[1024];
        const ssize_t got = recv(client, reply, sizeof reply, MSG_DONTWAIT);
        if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
            return true;
        }
        if (send(client, "x", 1, MSG_NOSIGNAL) < 0 && errno != EINTR) {
            return true;
        }
        http_server_tend(fixture->server);
        usleep(10000);
    }
    return false;
}

// Requests that do not come to their end: the first one of a connection, or one behind others.
static const char *const endless[] = {
    "GET /hello?",
    "GET /hello HTTP/1.1\r\nHost: x\r\nX-Slow: ",
    "POST /post HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n",
    "GET /hello HTTP/1.1\r\nHost: x\r\n\r\nGET /hello HTTP/1.1\r\nHost: x\r\nX-Slow: ",
    "GET /nothing HTTP/1.1\r\nHost: x\r\n\r\nGET /hello HTTP/1.1\r\nHost: x\r\nX-Slow: ",
    "GET /ws HTTP/1.1\r\nHost: x\r\n\r\nGET /hello HTTP/1.1\r\nHost: x\r\nX-Slow: ",
};

static void test_one_who_dawdles_is_cut_off(void **state)
{
    (void)state;
    struct fixture *fixture = fixture_new_with((struct http_options){.request_ms = 300});
    for (size_t i = 0; i < sizeof endless / sizeof *endless; i++) {
        const int client = client_connect(fixture->port);
        client_send(client, endless[i], strlen(endless[i]));
        if (!is_cut_off(fixture, client, 1000)) {
            fail_msg("still open: %s", endless[i]);
        }
        close(client);
    }
    assert_int_equal(ask_line(fixture, "GET /hello"), 200);
    fixture_free(fixture);
    // With more time, all of this would do.
    fixture = fixture_new(0);
    for (size_t i = 0; i < sizeof endless / sizeof *endless; i++) {
        const int client = client_connect(fixture->port);
        client_send(client, endless[i], strlen(endless[i]));
        assert_false(is_cut_off(fixture, client, 60));
        close(client);
    }
    fixture_free(fixture);
}

// Every request has its own time: this takes longer than one may, and each of its requests far less.
static void test_one_who_asks_again_is_not_cut_off(void **state)
{
    (void)state;
    enum { REQUEST_MS = 2000, PAUSE_MS = 400, REQUESTS = 7 };
    struct fixture *fixture = fixture_new_with((struct http_options){.request_ms = REQUEST_MS});
    const int client = client_connect(fixture->port);
    const char request[] = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n";
    for (int i = 0; i < REQUESTS; i++) {
        client_send(client, request, sizeof request - 1);
        client_receive_head(client, fixture->reply, sizeof fixture->reply);
        assert_int_equal(client_status(fixture->reply), 200);
        char body[6] = "";
        assert_int_equal(client_receive(client, body, 5), 5);
        usleep(PAUSE_MS * 1000);
        http_server_tend(fixture->server);
    }
    close(client);
    fixture_free(fixture);
}

static void tend_for(struct fixture *fixture, int ms)
{
    for (int i = 0; i < ms / 10; i++) {
        http_server_tend(fixture->server);
        usleep(10000);
    }
}

static void test_what_outlives_its_request_is_not_cut_off(void **state)
{
    (void)state;
    enum { REQUEST_MS = 300 };
    struct fixture *fixture = fixture_new_with((struct http_options){.request_ms = REQUEST_MS});
    fixture->keep_sockets = true;
    // From here on no look finds a request that is under way.
    const int client = open_stream(fixture);
    assert_true(wait_for(&fixture->streams, 1));
    const int lent = atomic_load(&fixture->socket);
    const int websocket = open_websocket(fixture, "");
    assert_true(wait_for(&fixture->upgraded, 1));
    tend_for(fixture, 3 * REQUEST_MS);
    char bytes[4] = "";
    client_send(lent, "abc", 3);
    assert_int_equal(client_receive(client, bytes, 3), 3);
    assert_memory_equal(bytes, "abc", 3);
    const int socket = atomic_load(&fixture->socket);
    client_limit_waits(socket);
    client_send(socket, "a", 1);
    assert_int_equal(client_receive(websocket, bytes, 1), 1);
    assert_int_equal(bytes[0], 'a');
    close(socket);
    close(websocket);
    close(lent);
    http_stream_end(atomic_load(&fixture->stream));
    close(client);
    fixture_free(fixture);
}

static void test_port_in_use(void **state)
{
    (void)state;
    struct fixture *fixture = fixture_new(0);
    struct http_server *other = NULL;
    struct complaint complaint;
    const struct http_options options = {.address = "127.0.0.1", .port = fixture->port, .routes = server_routes};
    assert_int_equal(http_server_new(&options, &other, &complaint), STATUS_IN_USE);
    assert_null(other);
    char expected[COMPLAINT_SIZE];
    (void)snprintf(expected, sizeof expected,
                   "port %u is in use on 127.0.0.1: stop the other program or give another port", fixture->port);
    assert_string_equal(complaint.text, expected);
    fixture_free(fixture);
}

static void test_addresses(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "nonsense", "256.0.0.1", "192.0.2.1", "::g"};
    struct http_server *server = NULL;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct complaint complaint = {""};
        const struct http_options options = {.address = bad[i], .routes = server_routes};
        assert_int_equal(http_server_new(&options, &server, &complaint), STATUS_INVALID);
        assert_true(strlen(complaint.text) > 0);
        assert_int_equal(http_server_new(&options, &server, NULL), STATUS_INVALID);
    }
    http_server_free(NULL);

    static const char *const good[] = {"0.0.0.0", "127.0.0.1", "::1", "::"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        const struct http_options options = {.address = good[i], .routes = server_routes};
        const enum status status = http_server_new(&options, &server, NULL);
        if (status != STATUS_OK && strchr(good[i], ':')) {
            continue; // a machine without IPv6
        }
        assert_int_equal(status, STATUS_OK);
        if (strcmp(good[i], "::1") != 0) {
            char reply[4096];
            assert_int_equal(client_ask(http_server_port(server),
                                        "GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", reply,
                                        sizeof reply),
                             200);
        }
        http_server_free(server);
    }
}

static void test_it_knows_whether_its_thread_runs(void **state)
{
    (void)state;
    enum { SOON_MS = 20000, IN_VAIN_MS = 100, LONG_MS = 1000000 };
    struct fixture *fixture = fixture_new(0);
    assert_true(http_server_alive(fixture->server, 0, SOON_MS));
    const int client = client_connect(fixture->port);
    const char request[] = "GET /hold HTTP/1.0\r\n\r\n";
    client_send(client, request, sizeof request - 1);
    assert_true(wait_for(&fixture->held, 1));
    assert_false(http_server_alive(fixture->server, 0, IN_VAIN_MS));
    assert_true(http_server_alive(fixture->server, LONG_MS, IN_VAIN_MS)); // it did something just now
    atomic_store(&fixture->held, 0);
    assert_true(http_server_alive(fixture->server, 0, SOON_MS));
    close(client);
    fixture_free(fixture);
}

// Whoever fills it from outside does not make it look dead for long.
static void test_a_full_server_is_alive(void **state)
{
    (void)state;
    enum { SOON_MS = 20000, PLACES = 2, TOO_MANY = 40 };
    struct fixture *fixture = fixture_new(PLACES);
    int clients[TOO_MANY];
    for (int i = 0; i < TOO_MANY; i++) {
        clients[i] = client_connect(fixture->port);
    }
    assert_true(http_server_alive(fixture->server, SOON_MS, SOON_MS));
    for (int i = 0; i < TOO_MANY; i++) {
        close(clients[i]);
    }
    fixture_free(fixture);
}

static void test_it_is_reached_on_every_address(void **state)
{
    (void)state;
    enum { SOON_MS = 20000 };
    static const char *const addresses[] = {"127.0.0.1", "0.0.0.0", "::1", "::"};
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        const struct http_options options = {.address = addresses[i], .routes = server_routes};
        struct http_server *server = NULL;
        if (http_server_new(&options, &server, NULL) == STATUS_OK) {
            assert_true(http_server_alive(server, 0, SOON_MS));
            http_server_free(server);
        } else {
            assert_non_null(strchr(addresses[i], ':')); // a machine without IPv6
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_replies),
        cmocka_unit_test(test_head_has_no_body),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_requests_with_bodies),
        cmocka_unit_test(test_bytes_that_are_no_request),
        cmocka_unit_test(test_one_connection_many_requests),
        cmocka_unit_test(test_connection_limit),
        cmocka_unit_test(test_one_who_dawdles_is_cut_off),
        cmocka_unit_test(test_one_who_asks_again_is_not_cut_off),
        cmocka_unit_test(test_what_outlives_its_request_is_not_cut_off),
        cmocka_unit_test(test_it_knows_whether_its_thread_runs),
        cmocka_unit_test(test_a_full_server_is_alive),
        cmocka_unit_test(test_it_is_reached_on_every_address),
        cmocka_unit_test(test_port_in_use),
        cmocka_unit_test(test_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
