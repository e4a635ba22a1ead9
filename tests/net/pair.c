// SPDX-License-Identifier: GPL-3.0-or-later
#include "pair.h"

#include "client.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
// cmocka wants the standard headers above before it.
#include <cmocka.h>

void pair_receive(void *user, enum websocket_opcode opcode, const uint8_t *message, size_t size)
{
    struct pair *pair = user;
    assert_true(size <= sizeof pair->message);
    pair->messages++;
    pair->opcode = opcode;
    pair->size = size;
    memcpy(pair->message, message ? message : pair->message, size);
    if (pair->echo) {
        assert_int_equal(websocket_send(pair->websocket, pair->echo), STATUS_OK);
    }
    if (pair->closes) {
        websocket_close(pair->websocket, WEBSOCKET_CLOSE_POLICY, "enough");
    }
}

struct pair *pair_new_with(const void *extra, size_t extra_size)
{
    int sockets[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets), 0);
    assert_int_equal(fcntl(sockets[0], F_SETFL, O_NONBLOCK), 0);
    client_limit_waits(sockets[1]);
    struct pair *pair = calloc(1, sizeof *pair);
    assert_non_null(pair);
    pair->client = sockets[1];
    pair->websocket = websocket_new(sockets[0], extra, extra_size, pair_receive, pair);
    assert_non_null(pair->websocket);
    assert_int_equal(websocket_fd(pair->websocket), sockets[0]);
    return pair;
}

struct pair *pair_new(void)
{
    return pair_new_with(NULL, 0);
}

void pair_free(struct pair *pair)
{
    websocket_free(pair->websocket);
    close(pair->client);
    free(pair);
}
