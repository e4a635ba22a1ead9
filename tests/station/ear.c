// SPDX-License-Identifier: GPL-3.0-or-later
#include "ear.h"

#include "../net/client.h"
#include "core/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { EARS_MAX = 64, STEP = 65536, PATIENCE_MS = 20000 };

static const int64_t NS_PER_MS = 1000000;

struct ear *ear_new(int socket)
{
    struct ear *ear = calloc(1, sizeof *ear);
    assert_non_null(ear);
    ear->socket = socket;
    return ear;
}

void ear_free(struct ear *ear)
{
    if (ear) {
        (void)close(ear->socket);
        free(ear->bytes);
        free(ear);
    }
}

int ear_open(struct ear **out, uint16_t port, const char *path, bool upgrade, const char *more)
{
    char text[2048];
    const int size = snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n%s%s\r\n", path, port,
                              upgrade ? "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                                        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                                      : "",
                              more);
    assert_in_range(size, 1, sizeof text - 1);
    const int socket = client_connect(port);
    client_send(socket, text, (size_t)size);
    client_receive_head(socket, text, sizeof text);
    *out = ear_new(socket);
    return client_status(text);
}

static void hear(struct ear *ear)
{
    if (ear->capacity - ear->size < STEP) {
        ear->capacity = 2 * ear->capacity + STEP;
        ear->bytes = realloc(ear->bytes, ear->capacity); // NOLINT(bugprone-suspicious-realloc-usage)
        assert_non_null(ear->bytes);
    }
    const ssize_t got = recv(ear->socket, ear->bytes + ear->size, STEP, MSG_DONTWAIT);
    if (got > 0) {
        ear->size += (size_t)got;
    } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
        ear->ended = true;
    }
}

void ears_listen(struct ear *const *ears, size_t count, int ms)
{
    const int64_t end = clock_now_ns() + ms * NS_PER_MS;
    for (int64_t left = ms; left > 0; left = (end - clock_now_ns()) / NS_PER_MS) {
        struct pollfd polls[EARS_MAX];
        struct ear *heard[EARS_MAX];
        nfds_t open = 0;
        for (size_t i = 0; i < count; i++) {
            if (!ears[i]->ended && !ears[i]->deaf) {
                heard[open] = ears[i];
                polls[open++] = (struct pollfd){.fd = ears[i]->socket, .events = POLLIN};
            }
        }
        if (open == 0) {
            return;
        }
        if (poll(polls, open, (int)left) < 0) {
            assert_int_equal(errno, EINTR);
            continue;
        }
        for (nfds_t i = 0; i < open; i++) {
            if (polls[i].revents) {
                hear(heard[i]);
            }
        }
    }
}

void ears_wait_end(struct ear *const *ears, size_t count)
{
    ears_listen(ears, count, PATIENCE_MS);
    for (size_t i = 0; i < count; i++) {
        if (!ears[i]->ended) {
            fail_msg("ear %zu hears no end", i);
        }
    }
}

bool ear_next(struct ear *ear, struct ear_message *message)
{
    const uint8_t *at = ear->bytes + ear->at;
    const size_t left = ear->size - ear->at;
    const size_t extended = left < 2 || at[1] < 126 ? 0 : at[1] == 126 ? 2 : 8;
    if (left < 2 + extended) {
        return false;
    }
    // A server's frames are whole and not masked.
    assert_int_equal(at[0] & 0xf0, 0x80);
    assert_in_range(at[1], 0, 127);
    size_t size = extended ? 0 : at[1];
    for (size_t i = 0; i < extended; i++) {
        size = size << 8 | at[2 + i];
    }
    if (left < 2 + extended + size) {
        return false;
    }
    *message = (struct ear_message){.opcode = at[0] & 15, .bytes = at + 2 + extended, .size = size};
    ear->at += 2 + extended + size;
    return true;
}

json_t *ear_next_json(struct ear *ear, const char *type)
{
    struct ear_message message;
    while (ear_next(ear, &message)) {
        json_t *json =
            message.opcode == EAR_TEXT ? json_loadb((const char *)message.bytes, message.size, 0, NULL) : NULL;
        assert_true(message.opcode != EAR_TEXT || json);
        const char *its = json_string_value(json_object_get(json, "type"));
        if (its && strcmp(its, type) == 0) {
            return json;
        }
        json_decref(json);
    }
    return NULL;
}

json_t *ear_wait_json(struct ear *ear, const char *type)
{
    for (int waited = 0; waited < PATIENCE_MS; waited += 10) {
        json_t *json = ear_next_json(ear, type);
        if (json) {
            return json;
        }
        ears_listen(&ear, 1, 10);
    }
    fail_msg("no %s comes", type);
    return NULL;
}

struct ear_message ear_wait(struct ear *ear, int opcode)
{
    struct ear_message message;
    for (int waited = 0; waited < PATIENCE_MS; waited += 10) {
        while (ear_next(ear, &message)) {
            if (message.opcode == opcode) {
                return message;
            }
        }
        ears_listen(&ear, 1, 10);
    }
    fail_msg("no message of opcode %d comes", opcode);
    return message;
}

bool ear_say(const struct ear *ear, int first, const void *payload, size_t size)
{
    uint8_t *frame = malloc(size + 14);
    assert_non_null(frame);
    const size_t length = client_frame_make(frame, (uint8_t)first, true, payload, size);
    const bool said = send(ear->socket, frame, length, MSG_NOSIGNAL) == (ssize_t)length;
    free(frame);
    return said;
}

unsigned ear_close_code(struct ear *ear)
{
    struct ear_message message;
    while (ear_next(ear, &message)) {
        if (message.opcode == EAR_CLOSE && message.size >= 2) {
            return (unsigned)(message.bytes[0] << 8 | message.bytes[1]);
        }
    }
    return 0;
}
