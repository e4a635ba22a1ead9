// SPDX-License-Identifier: GPL-3.0-or-later
#include "net/websocket.h"

#include "client.h"
#include "pair.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
// cmocka wants the standard headers above before it.
#include <cmocka.h>

static int tcp_pair(int *client)
{
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &size), 0);
    *client = client_connect(ntohs(address.sin_port));
    const int server = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    assert_true(server >= 0);
    close(listener);
    return server;
}

// Over TCP a close() with unread bytes would reset the connection, and the client would never see why.
static void test_breach_is_told_to_one_who_keeps_sending(void **state)
{
    (void)state;
    struct pair pair = {.client = -1};
    pair.websocket = websocket_new(tcp_pair(&pair.client), NULL, 0, pair_receive, &pair);
    assert_non_null(pair.websocket);
    uint8_t *frame = malloc((1 << 20) + 14);
    uint8_t *payload = calloc(1, 1 << 20);
    const size_t size = client_frame_make(frame, FIN | BINARY, true, payload, 1 << 20);
    assert_int_equal(fcntl(pair.client, F_SETFL, O_NONBLOCK), 0);
    size_t sent = 0;
    while (sent < size) {
        const ssize_t more = send(pair.client, frame + sent, size - sent, MSG_NOSIGNAL);
        assert_true(more > 0 || errno == EAGAIN);
        sent += more > 0 ? (size_t)more : 0;
        assert_int_equal(websocket_read(pair.websocket), STATUS_OK);
    }
    assert_int_equal(fcntl(pair.client, F_SETFL, 0), 0);
    client_expect_close(pair.client, 1009);
    shutdown(pair.client, SHUT_WR);
    enum status status = STATUS_OK;
    for (int i = 0; i < 20000 && status == STATUS_OK; i++) {
        status = websocket_read(pair.websocket);
        usleep(1000);
    }
    assert_int_equal(status, STATUS_CLOSED);
    websocket_free(pair.websocket);
    close(pair.client);
    free(frame);
    free(payload);
}

static void test_breach_without_an_end(void **state)
{
    (void)state;
    struct pair *pair = pair_new();
    uint8_t junk[65536];
    memset(junk, 0xff, sizeof junk);
    enum status status = STATUS_OK;
    for (int i = 0; i < 1000 && status == STATUS_OK; i++) {
        client_send(pair->client, junk, sizeof junk);
        status = websocket_read(pair->websocket);
        if (status == STATUS_OK) {
            status = websocket_read(pair->websocket);
        }
    }
    assert_int_equal(status, STATUS_CLOSED);
    pair_free(pair);
}

// The answer to a message that came before a breach or a close, in one read with it, is not lost.
static void test_answers_go_out_before_the_end(void **state)
{
    (void)state;
    static const struct {
        uint8_t first;
        const char *payload;
        unsigned code;
    } ends[] = {{FIN | CLOSE, "\x03\xe8", 1000}, {FIN | 3, "", 1002}};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        struct pair *pair = pair_new();
        pair->echo = websocket_frame(WEBSOCKET_TEXT, "heard", 5);
        client_frame_send(pair->client, FIN | TEXT, "one", 3);
        client_frame_send(pair->client, ends[i].first, ends[i].payload, strlen(ends[i].payload));
        assert_int_equal(websocket_read(pair->websocket), STATUS_OK);
        struct client_frame *frame = malloc(sizeof *frame);
        assert_true(client_frame_receive(pair->client, frame));
        assert_int_equal(frame->first, FIN | TEXT);
        free(frame);
        client_expect_close(pair->client, ends[i].code);
        buffer_unref(pair->echo);
        pair_free(pair);
    }
}

// One that closes and goes on is not reset, which might overtake what it was told.
static void test_one_who_closes_and_goes_on_is_not_reset(void **state)
{
    (void)state;
    enum { MORE = 1 << 18 };
    struct pair pair = {.client = -1};
    pair.websocket = websocket_new(tcp_pair(&pair.client), NULL, 0, pair_receive, &pair);
    assert_non_null(pair.websocket);
    client_frame_send(pair.client, FIN | CLOSE, "\x03\xe8", 2);
    enum status status = websocket_read(pair.websocket);
    static uint8_t more[MORE];
    assert_int_equal(fcntl(pair.client, F_SETFL, O_NONBLOCK), 0);
    size_t sent = 0;
    while (sent < sizeof more && status == STATUS_OK) {
        const ssize_t now = send(pair.client, more + sent, sizeof more - sent, MSG_NOSIGNAL);
        assert_true(now > 0 || errno == EAGAIN);
        sent += now > 0 ? (size_t)now : 0;
        status = websocket_read(pair.websocket);
    }
    assert_int_equal(status, STATUS_OK);
    assert_int_equal(fcntl(pair.client, F_SETFL, 0), 0);
    client_expect_close(pair.client, 1000);
    uint8_t byte = 0;
    assert_int_equal(recv(pair.client, &byte, 1, 0), 0);
    close(pair.client);
    for (int i = 0; i < 20000 && status == STATUS_OK; i++) {
        status = websocket_read(pair.websocket);
        usleep(1000);
    }
    assert_int_equal(status, STATUS_CLOSED);
    websocket_free(pair.websocket);
}

static void fill(struct pair *pair)
{
    struct buffer *frame = websocket_frame(WEBSOCKET_BINARY, (const uint8_t[60000]){0}, 60000);
    assert_non_null(frame);
    enum status status = STATUS_OK;
    while (status == STATUS_OK) {
        assert_int_equal(websocket_send(pair->websocket, frame), STATUS_OK);
        status = websocket_write(pair->websocket);
    }
    assert_int_equal(status, STATUS_AGAIN);
    buffer_unref(frame);
}

// Level-triggered, epoll would tell of what is left unread again and again.
static void expect_nothing_to_read(struct pair *pair)
{
    const enum status status = websocket_read(pair->websocket);
    struct pollfd readable = {.fd = websocket_fd(pair->websocket), .events = POLLIN};
    assert_true(status == STATUS_CLOSED || poll(&readable, 1, 0) == 0);
}

// It reads nothing, so that its close is not answered and the connection is not over for us.
static void test_peer_goes_on_behind_its_close(void **state)
{
    (void)state;
    for (int what = 0; what < 8; what++) {
        struct pair *pair = pair_new();
        fill(pair);
        if (what & 4) {
            websocket_close(pair->websocket, WEBSOCKET_CLOSE_GOING_AWAY, "the server stops");
        }
        client_frame_send(pair->client, FIN | CLOSE, "\x03\xe8", 2);
        expect_nothing_to_read(pair);
        if (what & 1) {
            client_send(pair->client, "x", 1);
            expect_nothing_to_read(pair);
        }
        if (what & 2) {
            shutdown(pair->client, SHUT_WR);
            expect_nothing_to_read(pair);
        }
        pair_free(pair);
    }
    // All at once.
    struct pair *pair = pair_new();
    fill(pair);
    client_frame_send(pair->client, FIN | CLOSE, "\x03\xe8", 2);
    client_frame_send(pair->client, FIN | TEXT, "too late", 8);
    shutdown(pair->client, SHUT_WR);
    expect_nothing_to_read(pair);
    assert_int_equal(pair->messages, 0);
    pair_free(pair);
}

static void test_peer_vanishes(void **state)
{
    (void)state;
    struct pair *pair = pair_new();
    struct buffer *frame = websocket_frame(WEBSOCKET_TEXT, "x", 1);
    close(pair->client);
    pair->client = -1;
    assert_int_equal(websocket_send(pair->websocket, frame), STATUS_OK);
    assert_int_equal(websocket_write(pair->websocket), STATUS_CLOSED);
    assert_int_equal(websocket_read(pair->websocket), STATUS_CLOSED);
    assert_int_equal(websocket_send(pair->websocket, frame), STATUS_CLOSED);
    buffer_unref(frame);
    pair_free(pair);

    pair = pair_new();
    close(pair->client);
    pair->client = -1;
    assert_int_equal(websocket_read(pair->websocket), STATUS_CLOSED);
    pair_free(pair);
    websocket_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_breach_is_told_to_one_who_keeps_sending),
        cmocka_unit_test(test_breach_without_an_end),
        cmocka_unit_test(test_answers_go_out_before_the_end),
        cmocka_unit_test(test_one_who_closes_and_goes_on_is_not_reset),
        cmocka_unit_test(test_peer_goes_on_behind_its_close),
        cmocka_unit_test(test_peer_vanishes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
