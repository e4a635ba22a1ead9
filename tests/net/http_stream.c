// SPDX-License-Identifier: GPL-3.0-or-later
#include "net/http.h"

#include "client.h"
#include "server.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>
// cmocka wants the standard headers above before it.
#include <cmocka.h>

static struct fixture *keeping(void)
{
    struct fixture *fixture = fixture_new(0);
    fixture->keep_sockets = true;
    return fixture;
}

// The client's end of a stream whose other end is in the fixture.
static int lent_stream(struct fixture *fixture)
{
    const int before = atomic_load(&fixture->streams);
    const int client = open_stream(fixture);
    assert_true(wait_for(&fixture->streams, before + 1));
    return client;
}

static void expect_end(int client)
{
    char byte = 0;
    assert_int_equal(client_receive(client, &byte, 1), 0);
}

static void test_headers_then_what_the_owner_writes_then_the_end(void **state)
{
    (void)state;
    struct fixture *fixture = keeping();
    const int client = lent_stream(fixture);
    const int socket = atomic_load(&fixture->socket);
    char text[6] = "";
    for (int i = 0; i < 100; i++) {
        client_send(socket, "pages", 5);
        assert_int_equal(client_receive(client, text, 5), 5);
        assert_string_equal(text, "pages");
    }
    // Others are served meanwhile.
    assert_int_equal(ask_line(fixture, "GET /hello"), 200);
    client_send(socket, "last.", 5);
    close(socket);
    http_stream_end(atomic_load(&fixture->stream));
    assert_int_equal(client_receive(client, text, 5), 5);
    assert_string_equal(text, "last.");
    expect_end(client);
    assert_int_equal(atomic_load(&fixture->refused), 0);
    close(client);
    fixture_free(fixture);
}

static void test_a_body_has_no_framing(void **state)
{
    (void)state;
    struct fixture *fixture = keeping();
    int status = 0;
    const int client = ask_for_stream(fixture, "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n", &status);
    assert_int_equal(status, 200);
    assert_null(strcasestr(fixture->reply, "transfer-encoding"));
    assert_null(strcasestr(fixture->reply, "content-length"));
    assert_true(wait_for(&fixture->streams, 1));
    close(atomic_load(&fixture->socket));
    http_stream_end(atomic_load(&fixture->stream));
    expect_end(client);
    close(client);
    fixture_free(fixture);
}

// The server is freed first, the owner finds the connection closed, and ends what is long over.
static void test_free_ends_streams(void **state)
{
    (void)state;
    enum { STREAMS = 10 };
    struct fixture *fixture = keeping();
    int clients[STREAMS];
    int sockets[STREAMS];
    struct http_stream *streams[STREAMS];
    for (int i = 0; i < STREAMS; i++) {
        clients[i] = lent_stream(fixture);
        sockets[i] = atomic_load(&fixture->socket);
        streams[i] = atomic_load(&fixture->stream);
    }
    http_server_free(fixture->server);
    fixture->server = NULL;
    for (int i = 0; i < STREAMS; i++) {
        expect_end(clients[i]);
        assert_int_equal(send(sockets[i], "a", 1, MSG_NOSIGNAL), -1);
        close(sockets[i]);
        http_stream_end(streams[i]);
        close(clients[i]);
    }
    fixture_free(fixture);
}

static void test_limit(void **state)
{
    (void)state;
    struct fixture *fixture = fixture_new_with((struct http_options){.connections = 2, .streams = 2});
    fixture->keep_sockets = true;
    int clients[2];
    int sockets[2];
    struct http_stream *streams[2];
    for (int i = 0; i < 2; i++) {
        clients[i] = lent_stream(fixture);
        sockets[i] = atomic_load(&fixture->socket);
        streams[i] = atomic_load(&fixture->stream);
    }
    // Streams take no place of the connections', and one too many is told so.
    assert_int_equal(ask_line(fixture, "GET /hello"), 200);
    assert_int_equal(ask_line(fixture, "GET /stream"), 503);
    expect_json_error(fixture->reply, "no room");
    assert_true(wait_for(&fixture->refused, 1));
    close(sockets[1]);
    http_stream_end(streams[1]);
    expect_end(clients[1]);
    // There is room again when the server has seen to it.
    int status = 503;
    for (int i = 0; i < 1000 && status == 503; i++) {
        close(ask_for_stream(fixture, "GET /stream HTTP/1.0\r\n\r\n", &status));
    }
    assert_int_equal(status, 200);
    assert_true(wait_for(&fixture->streams, 3));
    close(atomic_load(&fixture->socket));
    http_stream_end(atomic_load(&fixture->stream));
    close(sockets[0]);
    http_stream_end(streams[0]);
    close(clients[0]);
    close(clients[1]);
    fixture_free(fixture);
}

enum { ROUNDS = 200 };

static void *come_and_go(void *user)
{
    const uint16_t *port = user;
    for (int i = 0; i < ROUNDS; i++) {
        const int client = client_connect(*port);
        const char request[] = "GET /stream HTTP/1.0\r\n\r\n";
        client_send(client, request, sizeof request - 1);
        if (i % 3 > 0) {
            char byte = 0;
            while (i % 3 == 1 && recv(client, &byte, 1, 0) == 1) {
            }
        }
        close(client);
    }
    return NULL;
}

// Streams that are ended at once, by either side, from several threads: each is handed over or refused, exactly once.
static void test_many_come_and_go(void **state)
{
    (void)state;
    struct fixture *fixture = fixture_new(0);
    pthread_t threads[3];
    for (int i = 0; i < 3; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, come_and_go, &fixture->port), 0);
    }
    for (int i = 0; i < 3; i++) {
        pthread_join(threads[i], NULL);
    }
    assert_int_equal(ask_line(fixture, "GET /hello"), 200);
    http_server_free(fixture->server);
    fixture->server = NULL;
    assert_in_range(atomic_load(&fixture->streams), ROUNDS, 3 * ROUNDS);
    assert_int_equal(atomic_load(&fixture->streams) + atomic_load(&fixture->refused), atomic_load(&fixture->asked));
    fixture_free(fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_headers_then_what_the_owner_writes_then_the_end),
        cmocka_unit_test(test_a_body_has_no_framing),
        cmocka_unit_test(test_free_ends_streams),
        cmocka_unit_test(test_limit),
        cmocka_unit_test(test_many_come_and_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
