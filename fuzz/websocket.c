// SPDX-License-Identifier: GPL-3.0-or-later
// The bytes are what a client sends after its handshake, in pieces of at most the size that the first byte gives; the
// second byte says how many of them come together with the handshake, and whether the client reads what it is sent. The
// third is the start of a series of chances: how large a piece is, and what the server's owner does between two of them
// (sends more than the socket holds, writes, closes). A third byte of 0 leaves nothing to chance. The receiver answers,
// and closes on a message that begins with 'q'. What comes back must be whole frames as a server may send, and once the
// client has hung up the connection must be over.
#include "fuzz.h"

#include "net/websocket.h"

#include <assert.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    HEADER_SIZE = 3,
    READS_NOTHING = 0x80,
    EXTRA_MASK = 0x7f,
    REPLY_SIZE = 1 << 20,
    SENT_SIZE = 3000, // of what the owner sends: two of them fill the socket
    LAST_READS = 200, // by which one who has hung up must be seen to have
};

struct session {
    struct websocket *websocket;
    int client;
    bool reads;
    uint32_t chance; // 0 for none
    uint8_t *reply;
    size_t reply_size;
};

// A number below \p limit; 0 where nothing is left to chance.
static uint32_t choose(struct session *session, uint32_t limit)
{
    session->chance = session->chance * 1664525U + (session->chance ? 1013904223U : 0);
    return (uint32_t)((uint64_t)session->chance * limit >> 32);
}

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
    while (end - at >= 2) {
        const uint8_t opcode = at[0] & 0x0f;
        assert((at[0] & 0xf0) == 0x80 && (at[1] & 0x80) == 0);
        assert(opcode == 1 || opcode == 2 || opcode == 8 || opcode == 10);
        size_t size = at[1];
        at += 2;
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

static enum status send_much(struct session *session)
{
    static const uint8_t nothing[SENT_SIZE];
    struct buffer *frame = websocket_frame(WEBSOCKET_BINARY, nothing, sizeof nothing);
    assert(frame);
    const bool ready = websocket_ready(session->websocket);
    const enum status status = websocket_send(session->websocket, frame);
    assert((status == STATUS_OK) == ready);
    buffer_unref(frame);
    return STATUS_OK;
}

static enum status write_some(struct session *session)
{
    const enum status status = websocket_write(session->websocket);
    assert((status == STATUS_AGAIN) == (status != STATUS_CLOSED && websocket_queued(session->websocket) > 0));
    return status == STATUS_AGAIN ? STATUS_OK : status;
}

static enum status close_it(struct session *session)
{
    websocket_close(session->websocket, WEBSOCKET_CLOSE_TRY_LATER, NULL);
    assert(!websocket_ready(session->websocket));
    return STATUS_OK;
}

static enum status idle(struct session *session)
{
    (void)session;
    return STATUS_OK;
}

// What the owner does before it reads.
static enum status act(struct session *session)
{
    static enum status (*const acts[])(struct session *) = {idle, idle, idle, write_some, write_some, send_much};
    const bool closes = choose(session, 100) == 99;
    return closes ? close_it(session) : acts[choose(session, sizeof acts / sizeof *acts)](session);
}

static enum status play(struct session *session, const uint8_t *data, size_t size, size_t piece)
{
    enum status status = websocket_read(session->websocket);
    while (size > 0 && status == STATUS_OK) {
        const size_t most = size < piece ? size : piece;
        const size_t now = most - choose(session, (uint32_t)most);
        const ssize_t sent = send(session->client, data, now, MSG_DONTWAIT | MSG_NOSIGNAL);
        data += sent > 0 ? sent : 0;
        size -= sent > 0 ? (size_t)sent : 0;
        status = act(session);
        if (status == STATUS_OK) {
            status = websocket_read(session->websocket);
        }
        assert(websocket_queued(session->websocket) <= WEBSOCKET_QUEUE + 3);
        if (session->reads && choose(session, 3) == 0) {
            collect(session);
        }
    }
    return status;
}

static void hang_up(struct session *session, enum status status)
{
    (void)shutdown(session->client, SHUT_WR);
    for (int i = 0; i < LAST_READS && status == STATUS_OK; i++) {
        collect(session);
        status = websocket_read(session->websocket);
    }
    assert(status == STATUS_CLOSED);
    collect(session);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t reply[REPLY_SIZE];
    int sockets[2];
    if (size < HEADER_SIZE || socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) != 0) {
        return 0;
    }
    const size_t piece = (size_t)data[0] * data[0] + 1;
    size_t extra = data[1] & EXTRA_MASK;
    struct session session = {
        .client = sockets[1], .reads = !(data[1] & READS_NOTHING), .chance = data[2] * 0x01010101U, .reply = reply};
    data += HEADER_SIZE;
    size -= HEADER_SIZE;
    extra = extra < size ? extra : size;
    const int small = 4096;
    (void)setsockopt(sockets[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    (void)fcntl(sockets[0], F_SETFL, O_NONBLOCK);
    session.websocket = websocket_new(sockets[0], data, extra, answer, &session);
    assert(session.websocket);
    hang_up(&session, play(&session, data + extra, size - extra, piece));
    check(&session);
    websocket_free(session.websocket);
    close(session.client);
    return 0;
}
