// SPDX-License-Identifier: GPL-3.0-or-later
#include "client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
// cmocka wants the standard headers above before it.
#include <cmocka.h>

enum { WAIT_SECONDS = 10, CLOSE = 0x88 };

void client_limit_waits(int socket)
{
    const struct timeval limit = {.tv_sec = WAIT_SECONDS};
    assert_int_equal(setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit), 0);
    assert_int_equal(setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit), 0);
}

int client_connect_with(uint16_t port, int receive_buffer)
{
    const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(client >= 0);
    client_limit_waits(client);
    if (receive_buffer > 0) {
        assert_int_equal(setsockopt(client, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer), 0);
    }
    const struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    assert_int_equal(connect(client, (const struct sockaddr *)&address, sizeof address), 0);
    return client;
}

int client_connect(uint16_t port)
{
    return client_connect_with(port, 0);
}

// A socket with a limit on its waits may break one off when the process is stopped and goes on.
static bool interrupted(ssize_t done)
{
    return done < 0 && errno == EINTR;
}

void client_send(int socket, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    while (size > 0) {
        const ssize_t sent = send(socket, at, size, MSG_NOSIGNAL);
        if (interrupted(sent)) {
            continue;
        }
        assert_true(sent > 0);
        at += sent;
        size -= (size_t)sent;
    }
}

size_t client_receive(int socket, void *out, size_t size)
{
    uint8_t *at = out;
    size_t total = 0;
    while (total < size) {
        const ssize_t got = recv(socket, at + total, size - total, 0);
        if (interrupted(got)) {
            continue;
        }
        if (got <= 0) {
            break;
        }
        total += (size_t)got;
    }
    return total;
}

void client_receive_head(int socket, char *out, size_t capacity)
{
    size_t size = 0;
    out[0] = '\0';
    while (!strstr(out, "\r\n\r\n") && size + 1 < capacity && client_receive(socket, out + size, 1) == 1) {
        out[++size] = '\0';
    }
}

int client_status(const char *reply)
{
    return strncmp(reply, "HTTP/1.", 7) == 0 && strlen(reply) > 12 ? (int)strtol(reply + 9, NULL, 10) : 0;
}

int client_ask(uint16_t port, const char *request, char *out, size_t capacity)
{
    const int client = client_connect(port);
    client_send(client, request, strlen(request));
    out[client_receive(client, out, capacity - 1)] = '\0';
    close(client);
    return client_status(out);
}

size_t client_frame_make(uint8_t *out, uint8_t first, bool masked, const void *payload, size_t size)
{
    static const uint8_t mask[] = {0x12, 0xab, 0x00, 0xff};
    const uint8_t *from = payload;
    size_t at = 0;
    out[at++] = first;
    const size_t length_size = size > UINT16_MAX ? 8 : size > 125 ? 2 : 0;
    const size_t length = length_size == 8 ? 127 : length_size == 2 ? 126 : size;
    out[at++] = (uint8_t)(length | (masked ? 0x80 : 0));
    for (size_t i = 0; i < length_size; i++) {
        out[at++] = (uint8_t)(size >> (8 * (length_size - 1 - i)));
    }
    for (size_t i = 0; masked && i < sizeof mask; i++) {
        out[at++] = mask[i];
    }
    for (size_t i = 0; i < size; i++) {
        out[at++] = masked ? (uint8_t)(from[i] ^ mask[i % sizeof mask]) : from[i];
    }
    return at;
}

void client_frame_send(int socket, uint8_t first, const void *payload, size_t size)
{
    uint8_t *frame = malloc(size + 14);
    assert_non_null(frame);
    client_send(socket, frame, client_frame_make(frame, first, true, payload, size));
    free(frame);
}

bool client_frame_receive(int socket, struct client_frame *out)
{
    uint8_t head[2];
    if (client_receive(socket, head, sizeof head) != sizeof head) {
        return false;
    }
    out->first = head[0];
    out->masked = head[1] & 0x80;
    out->size = head[1] & 0x7f;
    const size_t length_size = out->size == 127 ? 8 : out->size == 126 ? 2 : 0;
    uint8_t length[8];
    assert_int_equal(client_receive(socket, length, length_size), length_size);
    out->size = length_size ? 0 : out->size;
    for (size_t i = 0; i < length_size; i++) {
        out->size = out->size << 8 | length[i];
    }
    assert_true(out->size <= CLIENT_FRAME_MAX);
    assert_int_equal(client_receive(socket, out->payload, out->size), out->size);
    return true;
}

void client_expect_close(int socket, unsigned code)
{
    struct client_frame *frame = malloc(sizeof *frame);
    assert_non_null(frame);
    assert_true(client_frame_receive(socket, frame));
    assert_int_equal(frame->first, CLOSE);
    assert_false(frame->masked);
    assert_true(frame->size >= 2);
    assert_int_equal(frame->payload[0] << 8 | frame->payload[1], code);
    free(frame);
}
