// SPDX-License-Identifier: GPL-3.0-or-later
// The bytes are what a client sends after its handshake, in pieces of a size that the first byte gives; the second byte
// says how many of them come together with the handshake, and whether the client reads what it is sent. The receiver
// answers, and closes on a message that begins with 'q'. What comes back must be whole frames as a server may send.
#include "net/websocket.h"

#include <assert.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HEADER_SIZE = 2, READS_NOTHING = 0x80, EXTRA_MASK = 0x7f, REPLY_SIZE = 1 << 20 };

struct session {
    struct websocket *websocket;
    int client;
    uint8_t *reply;
    size_t reply_size;
};

static void answer(void *user, enum websocket_opcode opcode, const uint8_t *message, size_t size)
{
    struct session *session = user;
    assert(size <= WEBSOCKET_MESSAGE_MAX);
    struct buffer *frame = websocket_frame(opcode, message, size);
    assert(frame);
    const enum status status = websocket_send(session->websocket, frame);
    assert(status == STATUS_OK || status == STATUS_FULL);
    buffer_unref(frame);
    if (size > 0 && message[0] == 'q') {
        websocket_close(session->websocket, WEBSOCKET_CLOSE_NORMAL, "as you like");
    }
}

static void collect(struct session *session)
{
    ssize_t got = 0;
    do {
        session->reply_size += (size_t)got;
        got =
            recv(session->client, session->reply + session->reply_size, REPLY_SIZE - session->reply_size, MSG_DONTWAIT);
    } while (got > 0);
}

// Whole, unmasked frames; nothing behind a close.
static void check(const struct session *session)
{
    const uint8_t *at = session->reply;
    const uint8_t *end = at + session->reply_size;
    while (end - at >= HEADER_SIZE) {
        const uint8_t opcode = at[0] & 0x0f;
        assert((at[0] & 0xf0) == 0x80 && (at[1] & 0x80) == 0);
        assert(opcode == 1 || opcode == 2 || opcode == 8 || opcode == 10);
        size_t size = at[1];
        at += HEADER_SIZE;
        if (size == 126) {
            if (end - at < 2) {
                return;
            }
            size = (size_t)at[0] << 8 | at[1];
            assert(size >= 126);
            at += 2;
        }
        assert(size <= WEBSOCKET_MESSAGE_MAX && (opcode < 8 || size <= 125));
        if ((size_t)(end - at) < size) {
            return;
        }
        at += size;
        assert(opcode != 8 || at == end);
    }
}

static void play(struct session *session, const uint8_t *data, size_t size, size_t piece, bool reads)
{
    enum status status = websocket_read(session->websocket);
    while (size > 0 && status == STATUS_OK) {
        const size_t now = size < piece ? size : piece;
        const ssize_t sent = send(session->client, data, now, MSG_DONTWAIT | MSG_NOSIGNAL);
        data += sent > 0 ? sent : 0;
        size -= sent > 0 ? (size_t)sent : 0;
        status = websocket_read(session->websocket);
        assert(websocket_queued(session->websocket) <= WEBSOCKET_QUEUE + 3);
        if (reads) {
            collect(session);
        }
    }
    collect(session);
    if (status == STATUS_OK && websocket_write(session->websocket) != STATUS_CLOSED) {
        collect(session);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int sockets[2];
    if (size < HEADER_SIZE || socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) != 0) {
        return 0;
    }
    const size_t piece = (size_t)data[0] * data[0] + 1;
    const bool reads = !(data[1] & READS_NOTHING);
    size_t extra = data[1] & EXTRA_MASK;
    data += HEADER_SIZE;
    size -= HEADER_SIZE;
    extra = extra < size ? extra : size;
    const int small = 4096;
    (void)setsockopt(sockets[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    (void)fcntl(sockets[0], F_SETFL, O_NONBLOCK);
    struct session session = {.client = sockets[1], .reply = malloc(REPLY_SIZE)};
    session.websocket = websocket_new(sockets[0], data, extra, answer, &session);
    assert(session.reply && session.websocket);
    play(&session, data + extra, size - extra, piece, reads);
    check(&session);
    websocket_free(session.websocket);
    close(session.client);
    free(session.reply);
    return 0;
}
