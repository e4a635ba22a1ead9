// SPDX-License-Identifier: GPL-3.0-or-later
#include "net/websocket.h"

#include "client.h"
#include "pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
// cmocka wants the standard headers above before it.
#include <cmocka.h>

static void test_peer_closes(void **state)
{
    (void)state;
    static const struct {
        const char *payload;
        size_t size;
        unsigned code; // 0: none
    } cases[] = {
        {"\x03\xe8", 2, 1000},
        {"\x03\xe9going", 7, 1001},
        {"\x0b\xb8", 2, 3000},
        {"\x13\x87", 2, 4999},
        {"", 0, 0},
        {"\x03", 1, 1002},
        {"\x03\xed", 2, 1002},
        {"\x03\xee", 2, 1002},
        {"\x00\x01", 2, 1002},
        {"\x07\xd0", 2, 1002},
        {"\xff\xff", 2, 1002},
        {"\x03\xe8\xc3(", 4, 1007},
    };
    struct client_frame *frame = malloc(sizeof *frame);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pair *pair = pair_new();
        client_frame_send(pair->client, FIN | CLOSE, cases[i].payload, cases[i].size);
        const enum status status = websocket_read(pair->websocket);
        assert_true(client_frame_receive(pair->client, frame));
        assert_int_equal(frame->first, FIN | CLOSE);
        assert_int_equal(frame->size >= 2 ? frame->payload[0] << 8 | frame->payload[1] : 0, cases[i].code);
        close(pair->client);
        pair->client = -1;
        assert_true(status == STATUS_CLOSED || websocket_read(pair->websocket) == STATUS_CLOSED);
        pair_free(pair);
    }
    free(frame);
}

static void test_we_close(void **state)
{
    (void)state;
    struct pair *pair = pair_new();
    struct buffer *frame = websocket_frame(WEBSOCKET_TEXT, "last words", 10);
    assert_int_equal(websocket_send(pair->websocket, frame), STATUS_OK);
    websocket_close(pair->websocket, WEBSOCKET_CLOSE_GOING_AWAY, "the server stops");
    websocket_close(pair->websocket, WEBSOCKET_CLOSE_POLICY, "again");
    assert_false(websocket_ready(pair->websocket));
    assert_int_equal(websocket_send(pair->websocket, frame), STATUS_CLOSED);
    buffer_unref(frame);
    assert_int_equal(websocket_write(pair->websocket), STATUS_OK);

    struct client_frame *got = malloc(sizeof *got);
    assert_true(client_frame_receive(pair->client, got));
    assert_int_equal(got->first, FIN | TEXT);
    assert_true(client_frame_receive(pair->client, got));
    assert_int_equal(got->first, FIN | CLOSE);
    assert_int_equal(got->payload[0] << 8 | got->payload[1], 1001);
    assert_memory_equal(got->payload + 2, "the server stops", got->size - 2);
    free(got);

    client_frame_send(pair->client, FIN | TEXT, "too late", 8);
    client_frame_send(pair->client, FIN | PING, "", 0);
    assert_int_equal(websocket_read(pair->websocket), STATUS_OK);
    assert_int_equal(pair->messages, 0);
    client_frame_send(pair->client, FIN | CLOSE, "\x03\xe9", 2);
    assert_int_equal(websocket_read(pair->websocket), STATUS_CLOSED);
    pair_free(pair);
}

static void test_reason_is_cut(void **state)
{
    (void)state;
    struct pair *pair = pair_new();
    enum { CHARACTERS = 50, CHARACTER_SIZE = 3 };
    char reason[CHARACTERS * CHARACTER_SIZE + 1] = "";
    for (size_t i = 0; i < CHARACTERS; i++) {
        memcpy(reason + i * CHARACTER_SIZE, "\xe2\x82\xac", CHARACTER_SIZE);
    }
    websocket_close(pair->websocket, WEBSOCKET_CLOSE_NORMAL, reason);
    assert_int_equal(websocket_write(pair->websocket), STATUS_OK);
    struct client_frame *got = malloc(sizeof *got);
    assert_true(client_frame_receive(pair->client, got));
    assert_int_equal(got->size, 2 + 123);
    free(got);
    pair_free(pair);

    // One byte more at the start, and the cut would fall into a character.
    reason[0] = reason[1] = reason[2] = 'a';
    pair = pair_new();
    websocket_close(pair->websocket, WEBSOCKET_CLOSE_NORMAL, reason + 2);
    assert_int_equal(websocket_write(pair->websocket), STATUS_OK);
    got = malloc(sizeof *got);
    assert_true(client_frame_receive(pair->client, got));
    assert_int_equal(got->size, 2 + 121);
    free(got);
    pair_free(pair);
}

// A frame that breaks the protocol, as bytes.
static void test_breaches(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
        unsigned code;
    } cases[] = {
        {"\x81\x02hi", 4, 1002},                                 // not masked
        {"\xc1\x81\0\0\0\0a", 7, 1002},                          // a reserved bit
        {"\x83\x81\0\0\0\0a", 7, 1002},                          // an unknown opcode
        {"\x8b\x81\0\0\0\0a", 7, 1002},                          // an unknown control opcode
        {"\x09\x81\0\0\0\0a", 7, 1002},                          // a ping in fragments
        {"\x89\xfe\0\x7e\0\0\0\0", 8, 1002},                     // a ping of 126 bytes
        {"\x81\xfe\0\x01\0\0\0\0a", 9, 1002},                    // a length longer than it must be
        {"\x81\xff\x80\0\0\0\0\0\0\0\0\0\0\0a", 15, 1002},       // a length with the highest bit
        {"\x80\x81\0\0\0\0a", 7, 1002},                          // a continuation of nothing
        {"\x01\x81\0\0\0\0a\x81\x81\0\0\0\0a", 14, 1002},        // a new message within fragments
        {"\x81\x82\0\0\0\0\xc3(", 8, 1007},                      // not UTF-8
        {"\x81\x81\0\0\0\0\xc3", 7, 1007},                       // half a character
        {"\x81\x83\0\0\0\0\xed\xa0\x80", 9, 1007},               // a surrogate
        {"\x81\x82\0\0\0\0\xc0\x80", 8, 1007},                   // a NUL in two bytes
        {"\x81\xff\0\0\0\0\x7f\xff\xff\xff\0\0\0\0a", 15, 1009}, // 2 GiB
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pair *pair = pair_new();
        client_send(pair->client, cases[i].bytes, cases[i].size);
        assert_int_equal(websocket_read(pair->websocket), STATUS_OK);
        assert_int_equal(pair->messages, 0);
        assert_false(websocket_ready(pair->websocket));
        client_expect_close(pair->client, cases[i].code);
        uint8_t byte = 0;
        assert_int_equal(client_receive(pair->client, &byte, 1), 0);
        shutdown(pair->client, SHUT_WR);
        assert_int_equal(websocket_read(pair->websocket), STATUS_CLOSED);
        pair_free(pair);
    }
}

// A client echoes the code that it was closed with, also one that came after the RFC.
static void test_close_is_answered_with_its_code(void **state)
{
    (void)state;
    struct pair *pair = pair_new();
    websocket_close(pair->websocket, WEBSOCKET_CLOSE_TRY_LATER, "full");
    assert_int_equal(websocket_write(pair->websocket), STATUS_OK);
    client_expect_close(pair->client, 1013);
    client_frame_send(pair->client, FIN | CLOSE, "\x03\xf5", 2);
    assert_int_equal(websocket_read(pair->websocket), STATUS_CLOSED);
    pair_free(pair);
}

// More messages in one read than answers can wait: each is answered as long as the peer takes them.
static void test_a_flood_is_answered_while_it_is_read(void **state)
{
    (void)state;
    enum { MESSAGES = 3 * WEBSOCKET_QUEUE };
    struct pair *pair = pair_new();
    pair->echo = websocket_frame(WEBSOCKET_TEXT, "heard", 5); // the receiver asserts that there is room
    for (int i = 0; i < MESSAGES; i++) {
        client_frame_send(pair->client, FIN | TEXT, "x", 1);
    }
    assert_int_equal(websocket_read(pair->websocket), STATUS_OK);
    assert_int_equal(pair->messages, MESSAGES);
    struct client_frame *frame = malloc(sizeof *frame);
    for (int i = 0; i < MESSAGES; i++) {
        assert_true(client_frame_receive(pair->client, frame));
        assert_int_equal(frame->size, 5);
    }
    free(frame);
    buffer_unref(pair->echo);
    pair_free(pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_peer_closes),
        cmocka_unit_test(test_we_close),
        cmocka_unit_test(test_reason_is_cut),
        cmocka_unit_test(test_breaches),
        cmocka_unit_test(test_close_is_answered_with_its_code),
        cmocka_unit_test(test_a_flood_is_answered_while_it_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
