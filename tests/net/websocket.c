// SPDX-License-Identifier: GPL-3.0-or-later
#include "net/websocket.h"

#include "client.h"
#include "pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
// cmocka wants the standard headers above before it.
#include <cmocka.h>

static void expect_message(const struct pair *pair, enum websocket_opcode opcode, const char *text)
{
    assert_int_equal(pair->opcode, opcode);
    assert_int_equal(pair->size, strlen(text));
    assert_memory_equal(pair->message, text, pair->size);
}

static void test_messages(void **state)
{
    (void)state;
    struct pair *pair = pair_new();
    assert_int_equal(websocket_read(pair->websocket), STATUS_OK);
    assert_int_equal(pair->messages, 0);
    client_frame_send(pair->client, FIN | TEXT, "grüße", strlen("grüße"));
    assert_int_equal(websocket_read(pair->websocket), STATUS_OK);
    expect_message(pair, WEBSOCKET_TEXT, "grüße");
    client_frame_send(pair->client, FIN | BINARY, "\xff\xfe", 2);
    client_frame_send(pair->client, FIN | TEXT, "", 0);
    assert_int_equal(websocket_read(pair->websocket), STATUS_OK);
    assert_int_equal(pair->messages, 3);
    expect_message(pair, WEBSOCKET_TEXT, "");
    pair_free(pair);
}

static void test_byte_by_byte(void **state)
{
    (void)state;
    struct pair *pair = pair_new();
    uint8_t frame[400];
    char text[300];
    memset(text, 'a', sizeof text);
    const size_t size = client_frame_make(frame, FIN | TEXT, true, text, sizeof text);
    for (size_t i = 0; i < size; i++) {
        assert_int_equal(pair->messages, 0);
        client_send(pair->client, frame + i, 1);
        assert_int_equal(websocket_read(pair->websocket), STATUS_OK);
    }
    assert_int_equal(pair->messages, 1);
    assert_int_equal(pair->size, sizeof text);
    pair_free(pair);
}

static void test_fragments_with_a_ping_between(void **state)
{
    (void)state;
    struct pair *pair = pair_new();
    client_frame_send(pair->client, TEXT, "a \xe2\x82", 4);
    client_frame_send(pair->client, FIN | PING, "now", 3);
    client_frame_send(pair->client, CONTINUATION, "", 0);
    client_frame_send(pair->client, FIN | CONTINUATION, "\xac b", 3);
    assert_int_equal(websocket_read(pair->websocket), STATUS_OK);
    assert_int_equal(pair->messages, 1);
    expect_message(pair, WEBSOCKET_TEXT, "a \xe2\x82\xac b");
    struct client_frame *frame = malloc(sizeof *frame);
    assert_true(client_frame_receive(pair->client, frame));
    assert_int_equal(frame->first, FIN | PONG);
    assert_int_equal(frame->size, 3);
    assert_memory_equal(frame->payload, "now", 3);
    free(frame);
    pair_free(pair);
}

static void test_extra_bytes(void **state)
{
    (void)state;
    uint8_t frames[64];
    size_t size = client_frame_make(frames, FIN | TEXT, true, "first", 5);
    size += client_frame_make(frames + size, FIN | TEXT, true, "second", 6);
    for (size_t cut = 0; cut <= size; cut++) {
        struct pair *pair = pair_new_with(frames, cut);
        client_send(pair->client, frames + cut, size - cut);
        assert_int_equal(websocket_read(pair->websocket), STATUS_OK);
        assert_int_equal(pair->messages, 2);
        expect_message(pair, WEBSOCKET_TEXT, "second");
        pair_free(pair);
    }
}

static void test_size_limit(void **state)
{
    (void)state;
    char *text = malloc(WEBSOCKET_MESSAGE_MAX + 1);
    memset(text, 'x', WEBSOCKET_MESSAGE_MAX + 1);
    struct pair *pair = pair_new();
    client_frame_send(pair->client, FIN | TEXT, text, WEBSOCKET_MESSAGE_MAX);
    assert_int_equal(websocket_read(pair->websocket), STATUS_OK);
    assert_int_equal(pair->messages, 1);
    assert_int_equal(pair->size, WEBSOCKET_MESSAGE_MAX);
    client_frame_send(pair->client, TEXT, text, WEBSOCKET_MESSAGE_MAX);
    client_frame_send(pair->client, FIN | CONTINUATION, text, 1);
    assert_int_equal(websocket_read(pair->websocket), STATUS_OK);
    assert_int_equal(pair->messages, 1);
    client_expect_close(pair->client, 1009);
    pair_free(pair);

    pair = pair_new();
    client_frame_send(pair->client, FIN | BINARY, text, WEBSOCKET_MESSAGE_MAX + 1);
    assert_int_equal(websocket_read(pair->websocket), STATUS_OK);
    assert_int_equal(pair->messages, 0);
    client_expect_close(pair->client, 1009);
    pair_free(pair);
    free(text);
}

static void test_receiver_sends_and_closes(void **state)
{
    (void)state;
    struct pair *pair = pair_new();
    pair->echo = websocket_frame(WEBSOCKET_TEXT, "heard", 5);
    pair->closes = true;
    client_frame_send(pair->client, FIN | TEXT, "one", 3);
    client_frame_send(pair->client, FIN | TEXT, "two", 3);
    assert_int_equal(websocket_read(pair->websocket), STATUS_OK);
    assert_int_equal(pair->messages, 1);
    struct client_frame *got = malloc(sizeof *got);
    assert_true(client_frame_receive(pair->client, got));
    assert_memory_equal(got->payload, "heard", 5);
    free(got);
    client_expect_close(pair->client, WEBSOCKET_CLOSE_POLICY);
    buffer_unref(pair->echo);
    pair_free(pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_messages),
        cmocka_unit_test(test_byte_by_byte),
        cmocka_unit_test(test_fragments_with_a_ping_between),
        cmocka_unit_test(test_extra_bytes),
        cmocka_unit_test(test_size_limit),
        cmocka_unit_test(test_receiver_sends_and_closes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
