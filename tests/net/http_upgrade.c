// SPDX-License-Identifier: GPL-3.0-or-later
#include "net/http.h"

#include "client.h"
#include "server.h"

#include <dirent.h>
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

#define UPGRADE    "Upgrade: websocket\r\n"
#define CONNECTION "Connection: Upgrade\r\n"
#define VERSION    "Sec-WebSocket-Version: 13\r\n"
#define KEY        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
static const struct {
    const char *line;
    const char *headers; // %u is the port
    int status;
} handshakes[] = {
    {"GET /ws HTTP/1.1", UPGRADE CONNECTION VERSION KEY, 101},
    {"GET /ws HTTP/1.1", "upgrade: h2c, WebSocket\r\nconnection: keep-alive, upgrade\r\n" VERSION KEY, 101},
    {"GET /ws HTTP/1.1", "Connection: keep-alive\r\n" UPGRADE CONNECTION VERSION KEY, 101},
    {"GET /ws HTTP/1.1", CONNECTION VERSION KEY, 426},
    {"GET /ws HTTP/1.1", "Upgrade: websockets\r\n" CONNECTION VERSION KEY, 426},
    {"GET /ws HTTP/1.1", UPGRADE VERSION KEY, 400},
    {"GET /ws HTTP/1.1", UPGRADE "Connection: close\r\n" VERSION KEY, 400},
    {"GET /ws HTTP/1.1", UPGRADE CONNECTION KEY, 426},
    {"GET /ws HTTP/1.1", UPGRADE CONNECTION "Sec-WebSocket-Version: 8\r\n" KEY, 426},
    {"GET /ws HTTP/1.1", UPGRADE CONNECTION VERSION, 400},
    {"GET /ws HTTP/1.1", UPGRADE CONNECTION VERSION "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=\r\n", 400},
    {"GET /ws HTTP/1.1", UPGRADE CONNECTION VERSION "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQAA\r\n", 400},
    {"GET /ws HTTP/1.1", UPGRADE CONNECTION VERSION "Sec-WebSocket-Key: dGhlIHNhbXBsZSB*b25jZQ==\r\n", 400},
    {"GET /ws HTTP/1.0", UPGRADE CONNECTION VERSION KEY, 400},
    {"HEAD /ws HTTP/1.1", UPGRADE CONNECTION VERSION KEY, 400},
    {"POST /ws HTTP/1.1", UPGRADE CONNECTION VERSION KEY, 405},
    {"GET /hello HTTP/1.1", UPGRADE CONNECTION VERSION KEY, 200},
    {"GET /ws HTTP/1.1", UPGRADE CONNECTION VERSION KEY "Origin: http://127.0.0.1:%u\r\n", 101},
    {"GET /ws HTTP/1.1", UPGRADE CONNECTION VERSION KEY "Origin: https://127.0.0.1:%u\r\n", 101},
    {"GET /ws HTTP/1.1", UPGRADE CONNECTION VERSION KEY "Origin: https://friend.example\r\n", 101},
    {"GET /ws HTTP/1.1", UPGRADE CONNECTION VERSION KEY "Origin: http://friend.example\r\n", 403},
    {"GET /ws HTTP/1.1", UPGRADE CONNECTION VERSION KEY "Origin: http://127.0.0.1:1\r\n", 403},
    {"GET /ws HTTP/1.1", UPGRADE CONNECTION VERSION KEY "Origin: http://127.0.0.1:%u.evil.example\r\n", 403},
    {"GET /ws HTTP/1.1", UPGRADE CONNECTION VERSION KEY "Origin: null\r\n", 403},
};

static void test_handshake(void **state)
{
    (void)state;
    struct fixture *fixture = fixture_new(0);
    int upgraded = 0;
    int refused = 0;
    for (size_t i = 0; i < sizeof handshakes / sizeof *handshakes; i++) {
        char headers[512];
        char request[1024];
        (void)snprintf(headers, sizeof headers, handshakes[i].headers, fixture->port);
        (void)snprintf(request, sizeof request, "%s\r\nHost: 127.0.0.1:%u\r\n%s\r\n", handshakes[i].line, fixture->port,
                       headers);
        const int client = client_connect(fixture->port);
        client_send(client, request, strlen(request));
        client_receive_head(client, fixture->reply, sizeof fixture->reply);
        close(client);
        if (client_status(fixture->reply) != handshakes[i].status) {
            fail_msg("case %zu: %d", i, client_status(fixture->reply));
        }
        expect_security_headers(fixture->reply);
        upgraded += handshakes[i].status == 101;
        refused += handshakes[i].status == 400 || handshakes[i].status == 403 || handshakes[i].status == 426;
        if (handshakes[i].status == 101) {
            assert_non_null(strcasestr(fixture->reply, "sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
            assert_non_null(strcasestr(fixture->reply, "upgrade: websocket\r\n"));
            assert_non_null(strcasestr(fixture->reply, "connection: upgrade\r\n"));
        }
        if (handshakes[i].status == 426) {
            assert_non_null(strcasestr(fixture->reply, "sec-websocket-version: 13\r\n"));
        }
    }
    assert_true(wait_for(&fixture->upgraded, upgraded));
    assert_true(wait_for(&fixture->refused, refused));
    fixture_free(fixture);
}

// A page whose name was turned to this machine after it was loaded sends Host and Origin that agree.
static void test_rebound_name_is_refused(void **state)
{
    (void)state;
    struct fixture *fixture = fixture_new(0);
    char request[1024];
    (void)snprintf(request, sizeof request,
                   "GET /ws HTTP/1.1\r\nHost: evil.example:%u\r\nOrigin: http://evil.example:%u\r\n%s\r\n",
                   fixture->port, fixture->port, UPGRADE CONNECTION VERSION KEY);
    const int client = client_connect(fixture->port);
    client_send(client, request, strlen(request));
    client_receive_head(client, fixture->reply, sizeof fixture->reply);
    assert_int_equal(client_status(fixture->reply), 403);
    close(client);
    fixture_free(fixture);
}

// The status of a handshake from a page of http://\p origin:PORT that was sent to \p host:PORT.
static int handshake_from(struct fixture *fixture, const char *origin, const char *host)
{
    char request[2048];
    (void)snprintf(request, sizeof request, "GET /ws HTTP/1.1\r\nHost: %s:%u\r\nOrigin: http://%s:%u\r\n%s\r\n", host,
                   fixture->port, origin, fixture->port, UPGRADE CONNECTION VERSION KEY);
    const int client = client_connect(fixture->port);
    client_send(client, request, strlen(request));
    client_receive_head(client, fixture->reply, sizeof fixture->reply);
    close(client);
    return client_status(fixture->reply);
}

// A server for the whole network is reached by the machine's names and addresses, and by no name of others.
static void test_names_of_the_machine(void **state)
{
    (void)state;
    static const struct {
        const char *before;
        const char *behind;
        bool own; // the host name stands between
        int status;
    } cases[] = {
        {"", "", true, 101},
        {"", ".local", true, 101},
        {"localhost", "", false, 101},
        {"127.0.0.1", "", false, 101},
        {"192.0.2.7", "", false, 101},
        {"[::1]", "", false, 101},
        {"evil.example", "", false, 403},
        {"", ".evil.example", true, 403},
        {"", ".local.evil.example", true, 403},
        {"", ".locals", true, 403},
        {"evil-", "", true, 403},
        {"127.0.0.1.evil.example", "", false, 403},
        {"localhost.evil.example", "", false, 403},
    };
    struct fixture *fixture = fixture_new_with((struct http_options){.address = "0.0.0.0"});
    char own[256] = "";
    assert_int_equal(gethostname(own, sizeof own - 1), 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char name[512];
        (void)snprintf(name, sizeof name, "%s%s%s", cases[i].before, cases[i].own ? own : "", cases[i].behind);
        const int status = handshake_from(fixture, name, name);
        if (status != cases[i].status) {
            fail_msg("%s: %d", name, status);
        }
    }
    // Both names are good, and the page is another's all the same.
    assert_int_equal(handshake_from(fixture, "192.0.2.7", "127.0.0.1"), 403);
    fixture_free(fixture);
}

// The socket outlives libmicrohttpd's connection and even the server, and both directions work.
static void test_upgraded_socket_is_ours(void **state)
{
    (void)state;
    struct fixture *fixture = fixture_new(0);
    fixture->keep_sockets = true;
    const int client = open_websocket(fixture, "early bytes");
    assert_true(wait_for(&fixture->upgraded, 1));
    assert_string_equal(fixture->extra, "early bytes");
    const int socket = atomic_load(&fixture->socket);
    assert_int_equal(ask_line(fixture, "GET /hello"), 200);
    for (int i = 0; i < 2; i++) {
        char byte = 0;
        assert_int_equal(recv(socket, &byte, 1, 0), -1); // and does not block
        client_limit_waits(socket);
        client_send(client, "a", 1);
        for (int tries = 0; tries < 20000 && recv(socket, &byte, 1, 0) != 1; tries++) {
            usleep(1000);
        }
        assert_int_equal(byte, 'a');
        client_send(socket, "b", 1);
        assert_int_equal(client_receive(client, &byte, 1), 1);
        assert_int_equal(byte, 'b');
        http_server_free(fixture->server);
        fixture->server = NULL;
    }
    assert_int_equal(atomic_load(&fixture->refused), 0);
    close(socket);
    close(client);
    fixture_free(fixture);
}

static int count_descriptors(void)
{
    DIR *directory = opendir("/proc/self/fd");
    assert_non_null(directory);
    int count = 0;
    while (readdir(directory)) {
        count++;
    }
    closedir(directory);
    return count;
}

// A server closes its side of a connection a while after the client has closed the other.
static void expect_descriptors(int count)
{
    int found = count_descriptors();
    for (int i = 0; i < 20000 && found != count; i++) {
        usleep(1000);
        found = count_descriptors();
    }
    assert_int_equal(found, count);
}

static void test_no_descriptor_is_lost(void **state)
{
    (void)state;
    struct fixture *fixture = fixture_new(8);
    // Nobody has connected yet, so that this is what a server at rest has.
    const int before = count_descriptors();
    assert_int_equal(ask_line(fixture, "GET /hello"), 200);
    expect_descriptors(before);
    for (int i = 0; i < 500; i++) {
        close(open_websocket(fixture, ""));
    }
    assert_true(wait_for(&fixture->upgraded, 500));
    expect_descriptors(before);
    fixture_free(fixture);
}

static void test_upgraded_connections_do_not_count(void **state)
{
    (void)state;
    struct fixture *fixture = fixture_new(2);
    fixture->keep_sockets = true;
    int clients[50];
    int sockets[50];
    for (int i = 0; i < 50; i++) {
        clients[i] = open_websocket(fixture, "");
        assert_true(wait_for(&fixture->upgraded, i + 1));
        sockets[i] = atomic_load(&fixture->socket);
    }
    assert_int_equal(ask_line(fixture, "GET /hello"), 200);
    for (int i = 0; i < 50; i++) {
        close(clients[i]);
        close(sockets[i]);
    }
    fixture_free(fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_handshake),
        cmocka_unit_test(test_rebound_name_is_refused),
        cmocka_unit_test(test_names_of_the_machine),
        cmocka_unit_test(test_upgraded_socket_is_ours),
        cmocka_unit_test(test_no_descriptor_is_lost),
        cmocka_unit_test(test_upgraded_connections_do_not_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
