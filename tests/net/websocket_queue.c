// SPDX-License-Identifier: GPL-3.0-or-later
#include "net/websocket.h"

#include "client.h"
#include "pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
// cmocka wants the standard headers above before it.
#include <cmocka.h>

static const size_t sizes[] = {0, 1, 125, 126, 127, 65535, 65536, 100000, 3};

enum { FRAMES = sizeof sizes / sizeof *sizes };

// Frames of these sizes in order, and one pong between two of them or at the end.
static void check_frames(const uint8_t *got, size_t size)
{
    size_t at = 0;
    int pongs = 0;
    for (size_t i = 0; i < FRAMES;) {
        if (got[at] == (FIN | PONG)) {
            assert_memory_equal(got + at + 1, "\x01p", 2);
            at += 3;
            pongs++;
            continue;
        }
        assert_int_equal(got[at], FIN | BINARY);
        const size_t header = sizes[i] > 65535 ? 10 : sizes[i] > 125 ? 4 : 2;
        for (size_t k = 0; k < sizes[i]; k++) {
            assert_int_equal(got[at + header + k], i + 1);
        }
        at += header + sizes[i];
        i++;
    }
    assert_int_equal(at + (pongs == 1 ? 0 : 3), size);
}

// Frames of every kind of length, through a socket that takes little at once, arrive whole and in order.
static void test_partial_writes(void **state)
{
    (void)state;
    struct pair *pair = pair_new();
    const int small = 4096;
    assert_int_equal(setsockopt(websocket_fd(pair->websocket), SOL_SOCKET, SO_SNDBUF, &small, sizeof small), 0);
    size_t total = 0;
    for (size_t i = 0; i < FRAMES; i++) {
        uint8_t *payload = NULL;
        struct buffer *frame = websocket_frame_reserve(WEBSOCKET_BINARY, sizes[i], &payload);
        assert_non_null(frame);
        memset(payload, (int)i + 1, sizes[i]);
        assert_int_equal(websocket_send(pair->websocket, frame), STATUS_OK);
        total += frame->size;
        buffer_unref(frame);
    }
    assert_int_equal(websocket_queued(pair->websocket), FRAMES);
    assert_int_equal(websocket_queued_bytes(pair->websocket), total);

    uint8_t *got = malloc(total + 16);
    size_t size = 0;
    bool waited = false;
    bool pinged = false;
    while (websocket_queued(pair->websocket) > 0) {
        const enum status status = websocket_write(pair->websocket);
        assert_true(status == STATUS_OK || status == STATUS_AGAIN);
        waited = waited || status == STATUS_AGAIN;
        if (status == STATUS_AGAIN && !pinged) {
            pinged = true;
            client_frame_send(pair->client, FIN | PING, "p", 1);
            assert_int_equal(websocket_read(pair->websocket), STATUS_OK);
        }
        const ssize_t more = recv(pair->client, got + size, 1000, MSG_DONTWAIT);
        size += more > 0 ? (size_t)more : 0;
    }
    assert_true(waited);
    assert_int_equal(websocket_queued_bytes(pair->websocket), 0);
    shutdown(websocket_fd(pair->websocket), SHUT_WR);
    size += client_receive(pair->client, got + size, total + 16 - size);
    assert_int_equal(size, total + 3);

    check_frames(got, size);
    free(got);
    pair_free(pair);
}

static void test_queue_limit_and_references(void **state)
{
    (void)state;
    struct pair *pair = pair_new();
    struct buffer *frame = websocket_frame(WEBSOCKET_TEXT, "x", 1);
    for (int i = 0; i < WEBSOCKET_QUEUE; i++) {
        assert_true(websocket_ready(pair->websocket));
        assert_int_equal(websocket_send(pair->websocket, frame), STATUS_OK);
    }
    assert_false(websocket_ready(pair->websocket));
    assert_int_equal(websocket_send(pair->websocket, frame), STATUS_FULL);
    assert_int_equal(frame->references, WEBSOCKET_QUEUE + 1);
    assert_int_equal(websocket_write(pair->websocket), STATUS_OK);
    assert_int_equal(frame->references, 1);
    assert_int_equal(websocket_send(pair->websocket, frame), STATUS_OK);
    pair_free(pair);
    assert_int_equal(frame->references, 1);
    buffer_unref(frame);
}

// A peer that pings and never reads costs no more than the answer to its latest ping.
static void test_ping_flood(void **state)
{
    (void)state;
    struct pair *pair = pair_new();
    struct buffer *frame = websocket_frame(WEBSOCKET_BINARY, (const uint8_t[60000]){0}, 60000);
    while (websocket_write(pair->websocket) == STATUS_OK) {
        assert_int_equal(websocket_send(pair->websocket, frame), STATUS_OK);
    }
    for (int i = 0; i < WEBSOCKET_QUEUE && websocket_ready(pair->websocket); i++) {
        assert_int_equal(websocket_send(pair->websocket, frame), STATUS_OK);
    }
    for (int i = 0; i < 5000; i++) {
        client_frame_send(pair->client, FIN | PING, &i, sizeof i);
        assert_int_equal(websocket_read(pair->websocket), STATUS_OK);
        assert_true(websocket_queued(pair->websocket) <= WEBSOCKET_QUEUE + 2);
    }
    buffer_unref(frame);
    pair_free(pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_partial_writes),
        cmocka_unit_test(test_queue_limit_and_references),
        cmocka_unit_test(test_ping_flood),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
