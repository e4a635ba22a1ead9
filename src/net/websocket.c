// SPDX-License-Identifier: GPL-3.0-or-later
// In: net/websocket_parser.h. What comes is read into a block that all share, and what it says is heeded at once.
//
// Out: net/websocket_queue.h. A close frame is the last that is queued: nothing follows it.
//
// The end. A connection that we close is over when the peer has answered. One that the peer closes, or whose protocol
// it broke, may still be sent on, and closing a socket with unread bytes would send a reset that can overtake the close
// frame; so the sending side is shut down behind the close frame and what still comes is thrown away, up to a limit,
// until the peer hangs up (RFC 6455, 7.1.1).
#include "net/websocket.h"

#include "net/websocket_frame.h"
#include "net/websocket_parser.h"
#include "net/websocket_queue.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    CODE_SIZE = 2,
    READ_SIZE = 16384,
    READ_BUDGET = 65536,               ///< bytes in one websocket_read(), so that none starves the others
    DISCARD_MAX = 4 << 20,             ///< bytes thrown away behind the peer's last word, or of a plain one
    QUEUE_FLUSH = WEBSOCKET_QUEUE / 2, ///< waiting answers, at which they are written before more is read
};

struct websocket {
    // First what sending needs, in as few lines of a cache as can be: thousands are sent to in a row.
    int socket;
    bool closing;  ///< a close frame is in the queue or out
    bool answered; ///< the peer's close frame is in, and ours was there before
    bool deaf;     ///< the peer closed or broke the protocol: what it still sends is thrown away
    bool shut;     ///< the sending side is shut down
    bool plain;    ///< no WebSocket: deaf, and without a close frame
    bool over;     ///< the socket failed or the peer hung up
    struct websocket_queue queue;

    struct websocket_parser parser;
    websocket_receiver receiver;
    void *user;
    uint8_t *extra; ///< bytes from behind the handshake that were not read yet
    size_t extra_size;
    size_t discarded; ///< bytes thrown away so far
};

static bool finished(const struct websocket *websocket)
{
    return websocket->over || (websocket->answered && websocket->queue.count == 0);
}

static void queue_pong(struct websocket *websocket, const uint8_t *message, size_t size)
{
    struct buffer *frame = websocket->closing ? NULL : websocket_frame_control(WEBSOCKET_CONTROL_PONG, message, size);
    if (frame) {
        websocket_queue_push_pong(&websocket->queue, frame);
    }
}

// How much of text to take so that it is at most limit bytes and does not end within a character.
static size_t cut_text(const char *text, size_t limit)
{
    size_t size = strlen(text);
    if (size > limit) {
        size = limit;
        while (size > 0 && ((unsigned char)text[size] & 0xc0) == 0x80) {
            size--;
        }
    }
    return size;
}

// A code of 0 stands for a close frame without one.
static void queue_close(struct websocket *websocket, unsigned code, const char *reason)
{
    if (websocket->closing) {
        return;
    }
    websocket->closing = true;
    if (websocket->plain) {
        websocket->answered = true;
        return;
    }
    uint8_t payload[WEBSOCKET_CONTROL_MAX] = {(uint8_t)(code >> 8), (uint8_t)code};
    size_t size = 0;
    if (code) {
        const size_t reason_size = cut_text(reason, sizeof payload - CODE_SIZE);
        memcpy(payload + CODE_SIZE, reason, reason_size);
        size = CODE_SIZE + reason_size;
    }
    struct buffer *frame = websocket_frame_control(WEBSOCKET_CONTROL_CLOSE, payload, size);
    if (!frame) {
        websocket->over = true;
        return;
    }
    websocket_queue_push(&websocket->queue, frame);
}

// Writes what the socket takes: the queue may be longer afterwards than what must be kept.
static void flush(struct websocket *websocket)
{
    if (websocket_queue_write(&websocket->queue, websocket->socket) == STATUS_CLOSED) {
        websocket->over = true;
    }
}

// The last word, before which only that goes out for which there is room: the peer does not wait for more.
static void end(struct websocket *websocket, unsigned code, const char *reason)
{
    websocket->deaf = true;
    if (!websocket->closing) {
        flush(websocket);
        websocket_queue_drop_waiting(&websocket->queue);
    }
    queue_close(websocket, code, reason);
}

static const char *reason_of(unsigned breach)
{
    switch (breach) {
    case WEBSOCKET_CLOSE_INVALID_TEXT:
        return "text is not UTF-8";
    case WEBSOCKET_CLOSE_TOO_BIG:
        return "message too big";
    default:
        return "not a valid WebSocket frame";
    }
}

static void receive(struct websocket *websocket, const struct websocket_parsed *message)
{
    if (!websocket->closing) {
        websocket->receiver(websocket->user, message->opcode, message->payload, message->size);
        if (websocket->queue.count >= QUEUE_FLUSH) {
            flush(websocket);
        }
    }
    websocket_parser_drop(&websocket->parser);
}

static void heed(struct websocket *websocket, const struct websocket_parsed *parsed)
{
    switch (parsed->kind) {
    case WEBSOCKET_PARSED_NOTHING:
        break;
    case WEBSOCKET_PARSED_MESSAGE:
        receive(websocket, parsed);
        break;
    case WEBSOCKET_PARSED_PING:
        queue_pong(websocket, parsed->payload, parsed->size);
        break;
    case WEBSOCKET_PARSED_CLOSE:
        websocket->answered = websocket->closing;
        end(websocket, parsed->code, "");
        break;
    case WEBSOCKET_PARSED_BREACH:
        end(websocket, parsed->code, reason_of(parsed->code));
        break;
    case WEBSOCKET_PARSED_NO_MEMORY:
        websocket->over = true;
        break;
    }
}

static void digest(struct websocket *websocket, const uint8_t *bytes, size_t size)
{
    while (size > 0 && !websocket->deaf && !websocket->over) {
        struct websocket_parsed parsed;
        const size_t taken = websocket_parser_take(&websocket->parser, bytes, size, &parsed);
        bytes += taken;
        size -= taken;
        heed(websocket, &parsed);
    }
    websocket->discarded += size;
    websocket->over = websocket->over || websocket->discarded > DISCARD_MAX;
}

static void digest_extra(struct websocket *websocket)
{
    uint8_t *extra = websocket->extra;
    websocket->extra = NULL;
    if (extra) {
        digest(websocket, extra, websocket->extra_size);
        free(extra);
    }
}

// Up to READ_BUDGET, for what is left unread would be told of again and again.
static void digest_socket(struct websocket *websocket)
{
    uint8_t bytes[READ_SIZE];
    ssize_t got = 0;
    for (size_t budget = READ_BUDGET; budget > 0 && !websocket->over; budget -= (size_t)got) {
        do {
            got = recv(websocket->socket, bytes, budget < sizeof bytes ? budget : sizeof bytes, 0);
        } while (got < 0 && errno == EINTR);
        if (got <= 0) {
            websocket->over = got == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
            return;
        }
        digest(websocket, bytes, (size_t)got);
    }
}

enum status websocket_read(struct websocket *websocket)
{
    digest_extra(websocket);
    digest_socket(websocket);
    if (websocket->queue.count > 0 && !websocket->over && websocket_write(websocket) == STATUS_CLOSED) {
        return STATUS_CLOSED;
    }
    return finished(websocket) ? STATUS_CLOSED : STATUS_OK;
}

bool websocket_ready(const struct websocket *websocket)
{
    return !websocket->closing && !websocket->over && websocket->queue.count < WEBSOCKET_QUEUE;
}

size_t websocket_queued(const struct websocket *websocket)
{
    return websocket->queue.count;
}

size_t websocket_queued_bytes(const struct websocket *websocket)
{
    return websocket->queue.bytes;
}

uint64_t websocket_written(const struct websocket *websocket)
{
    return websocket->queue.written;
}

enum status websocket_send(struct websocket *websocket, struct buffer *frame)
{
    if (websocket->closing || websocket->over) {
        return STATUS_CLOSED;
    }
    if (websocket->queue.count >= WEBSOCKET_QUEUE) {
        return STATUS_FULL;
    }
    websocket_queue_push(&websocket->queue, buffer_ref(frame));
    return STATUS_OK;
}

enum status websocket_write(struct websocket *websocket)
{
    const enum status status =
        websocket->over ? STATUS_CLOSED : websocket_queue_write(&websocket->queue, websocket->socket);
    websocket->over = status == STATUS_CLOSED;
    if (status == STATUS_AGAIN) {
        return STATUS_AGAIN;
    }
    if (finished(websocket)) {
        return STATUS_CLOSED;
    }
    if (websocket->deaf && websocket->closing && !websocket->shut) {
        websocket->shut = true;
        (void)shutdown(websocket->socket, SHUT_WR);
    }
    return STATUS_OK;
}

size_t websocket_gather(const struct websocket *websocket, struct iovec pieces[static WEBSOCKET_GATHER])
{
    return websocket_queue_gather(&websocket->queue, pieces);
}

void websocket_wrote(struct websocket *websocket, int64_t result)
{
    if (result >= 0) {
        websocket_queue_advance(&websocket->queue, (size_t)result);
    } else if (result != -EAGAIN && result != -EINTR) {
        websocket->over = true;
    }
}

void websocket_close(struct websocket *websocket, enum websocket_close code, const char *reason)
{
    queue_close(websocket, code, reason ? reason : "");
}

int websocket_fd(const struct websocket *websocket)
{
    return websocket->socket;
}

struct websocket *websocket_new(int socket, const uint8_t *extra, size_t extra_size, websocket_receiver receiver,
                                void *user)
{
    struct websocket *websocket = calloc(1, sizeof *websocket);
    if (!websocket) {
        close(socket);
        return NULL;
    }
    websocket->socket = socket;
    websocket->receiver = receiver;
    websocket->user = user;
    if (extra_size > 0) {
        websocket->extra = malloc(extra_size);
        if (!websocket->extra) {
            websocket_free(websocket);
            return NULL;
        }
        memcpy(websocket->extra, extra, extra_size);
        websocket->extra_size = extra_size;
    }
    return websocket;
}

struct websocket *websocket_new_plain(int socket)
{
    struct websocket *websocket = websocket_new(socket, NULL, 0, NULL, NULL);
    if (websocket) {
        websocket->plain = websocket->deaf = true;
    }
    return websocket;
}

void websocket_prefetch(const struct websocket *websocket)
{
    __builtin_prefetch(websocket, 1);
    __builtin_prefetch(&websocket->queue.frames[1], 1);
}

void websocket_free(struct websocket *websocket)
{
    if (!websocket) {
        return;
    }
    websocket_queue_done(&websocket->queue);
    websocket_parser_drop(&websocket->parser);
    free(websocket->extra);
    close(websocket->socket);
    free(websocket);
}
