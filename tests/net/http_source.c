// SPDX-License-Identifier: GPL-3.0-or-later
#include "net/http.h"

#include "client.h"
#include "server.h"

#include <pthread.h>
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

static void expect_source_bytes(int client, long *at, long count)
{
    uint8_t bytes[4096];
    while (count > 0) {
        const size_t wanted = count < (long)sizeof bytes ? (size_t)count : sizeof bytes;
        assert_int_equal(client_receive(client, bytes, wanted), wanted);
        for (size_t i = 0; i < wanted; i++) {
            assert_int_equal(bytes[i], (*at + (long)i) % 251);
        }
        *at += (long)wanted;
        count -= (long)wanted;
    }
}

// One byte at a time, each awaited before the next: a single wake that is lost would stop it for good.
static void test_source_wakes(void **state)
{
    (void)state;
    struct fixture *fixture = fixture_new(0);
    const int client = open_source(fixture);
    long at = 0;
    for (long i = 1; i <= 5000; i++) {
        atomic_store(&fixture->credit, i);
        http_server_wake(fixture->server);
        expect_source_bytes(client, &at, 1);
    }
    atomic_store(&fixture->credit, at + 1000000);
    http_server_wake(fixture->server);
    expect_source_bytes(client, &at, 1000000);
    assert_int_equal(atomic_load(&fixture->closed), 0);
    atomic_store(&fixture->credit, SOURCE_CREDIT_END);
    http_server_wake(fixture->server);
    char byte = 0;
    assert_int_equal(client_receive(client, &byte, 1), 0);
    assert_true(wait_for(&fixture->closed, 1));
    close(client);
    fixture_free(fixture);
}

static void test_source_over_http_1_1_is_chunked(void **state)
{
    (void)state;
    struct fixture *fixture = fixture_new(0);
    atomic_store(&fixture->credit, 3);
    const int client = client_connect(fixture->port);
    const char request[] = "GET /source HTTP/1.1\r\nHost: x\r\n\r\n";
    client_send(client, request, sizeof request - 1);
    client_receive_head(client, fixture->reply, sizeof fixture->reply);
    assert_non_null(strcasestr(fixture->reply, "transfer-encoding: chunked\r\n"));
    char chunk[9] = "";
    assert_int_equal(client_receive(client, chunk, 8), 8);
    assert_memory_equal(chunk, "3\r\n\0\1\2\r\n", 8);
    close(client);
    fixture_free(fixture);
}

// What was given when a client that does not read lets no more be given.
static long given_in_the_end(struct fixture *fixture)
{
    enum { STILL = 300 };
    long given = 0;
    int still = 0;
    for (int i = 0; i < 20000 && still < STILL; i++) {
        usleep(1000);
        const long now = atomic_load(&fixture->given);
        still = now > 0 && now == given ? still + 1 : 0;
        given = now;
    }
    assert_int_equal(still, STILL);
    return given;
}

static void test_source_with_slow_reader(void **state)
{
    (void)state;
    struct fixture *fixture = fixture_new(0);
    const int slow = open_source(fixture);
    atomic_store(&fixture->credit, 1L << 40);
    http_server_wake(fixture->server);
    // Nothing is read ahead of what the sockets take, and others are served meanwhile.
    assert_true(given_in_the_end(fixture) < 64L << 20);
    assert_int_equal(ask_line(fixture, "GET /hello"), 200);
    long at = 0;
    expect_source_bytes(slow, &at, 10000000);
    close(slow);
    assert_true(wait_for(&fixture->closed, 1));
    fixture_free(fixture);
}

// What the server's socket holds is a sound that comes late, and hides that nobody listens.
static void test_source_whose_client_reads_nothing_stops_soon(void **state)
{
    (void)state;
    struct fixture *fixture = fixture_new(0);
    const int client = client_connect_with(fixture->port, 4096);
    const char request[] = "GET /source HTTP/1.1\r\nHost: x\r\n\r\n";
    client_send(client, request, sizeof request - 1);
    atomic_store(&fixture->credit, 1L << 40);
    http_server_wake(fixture->server);
    const long given = given_in_the_end(fixture);
    if (given >= 400000) {
        fail_msg("%ld bytes are under way", given);
    }
    close(client);
    assert_true(wait_for(&fixture->closed, 1));
    fixture_free(fixture);
}

static void test_source_client_goes_while_asleep(void **state)
{
    (void)state;
    struct fixture *fixture = fixture_new(0);
    close(open_source(fixture));
    usleep(20000);
    for (int i = 0; i < 20000 && atomic_load(&fixture->closed) == 0; i++) {
        atomic_fetch_add(&fixture->credit, 100000);
        http_server_wake(fixture->server);
        usleep(1000);
    }
    assert_int_equal(atomic_load(&fixture->closed), 1);
    fixture_free(fixture);
}

static void test_free_ends_sources(void **state)
{
    (void)state;
    struct fixture *fixture = fixture_new(0);
    int clients[10];
    for (int i = 0; i < 10; i++) {
        clients[i] = open_source(fixture);
    }
    http_server_free(fixture->server);
    fixture->server = NULL;
    assert_int_equal(atomic_load(&fixture->closed), 10);
    for (int i = 0; i < 10; i++) {
        char byte = 0;
        assert_int_equal(client_receive(clients[i], &byte, 1), 0);
        close(clients[i]);
    }
    fixture_free(fixture);
}

static void *wake_often(void *user)
{
    struct fixture *fixture = user;
    while (atomic_load(&fixture->credit) >= 0) {
        http_server_wake(fixture->server);
        usleep(100); // so that the server, and the test, have their turns at the lock too
    }
    return NULL;
}

// Wakes from other threads while sources come, sleep, and go, and while sockets are upgraded.
static void test_wakes_from_many_threads(void **state)
{
    (void)state;
    struct fixture *fixture = fixture_new(0);
    pthread_t threads[2];
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, wake_often, fixture), 0);
    }
    for (int i = 0; i < 100; i++) {
        close(open_source(fixture));
        close(open_websocket(fixture, ""));
        atomic_fetch_add(&fixture->credit, 10000);
    }
    for (int i = 0; i < 20000 && atomic_load(&fixture->closed) < 100; i++) {
        atomic_fetch_add(&fixture->credit, 100000);
        usleep(1000);
    }
    assert_int_equal(atomic_load(&fixture->closed), 100);
    atomic_store(&fixture->credit, SOURCE_CREDIT_END);
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
    }
    fixture_free(fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_source_wakes),
        cmocka_unit_test(test_source_over_http_1_1_is_chunked),
        cmocka_unit_test(test_source_with_slow_reader),
        cmocka_unit_test(test_source_whose_client_reads_nothing_stops_soon),
        cmocka_unit_test(test_source_client_goes_while_asleep),
        cmocka_unit_test(test_free_ends_sources),
        cmocka_unit_test(test_wakes_from_many_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
