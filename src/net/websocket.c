// SPDX-License-Identifier: GPL-3.0-or-later
// In: wslay takes the frames apart, joins fragments, checks masks, UTF-8 and limits, and decides what must be answered.
// Its own send queue would copy every message and write header and body apart, so what wslay wants to send is thrown
// away and only its decision kept: a pong or a close frame is built here and goes out like any other buffer.
//
// Out: net/websocket_queue.h. A close frame is the last that is queued: nothing follows it.
//
// The end. After both close frames, or when the socket fails, the connection is over. A peer that broke the protocol
// may still be sending, and closing a socket with unread bytes would send a reset that can overtake the close frame; so
// the sending side is shut down behind the close frame and what still comes is thrown away, up to a limit, until the
// peer hangs up.
#include "net/websocket.h"

#include "net/websocket_frame.h"
#include "net/websocket_queue.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <wslay/wslay.h>

enum {
    CODE_SIZE = 2,
    READ_BUDGET = 65536,   ///< bytes in one websocket_read(), so that none starves the others
    DISCARD_MAX = 4 << 20, ///< bytes thrown away after the protocol was broken
};

struct websocket {
    int socket;
    wslay_event_context_ptr wslay;
    websocket_receiver receiver;
    void *user;

    uint8_t *extra; ///< bytes from behind the handshake that were not read yet
    size_t extra_size;
    size_t extra_read;
    size_t budget;    ///< bytes that this websocket_read() may still take
    size_t discarded; ///< bytes thrown away so far
    bool drained;     ///< the socket had nothing more, or the budget is spent

    struct websocket_queue queue;

    bool closing; ///< a close frame is in the queue or out
    bool heard;   ///< the peer's close frame is in
    bool broken;  ///< the peer broke the protocol: it is not listened to any more
    bool shut;    ///< the sending side is shut down
    bool over;    ///< the socket failed or the peer hung up
};

static bool finished(const struct websocket *websocket)
{
    return websocket->over || (websocket->closing && websocket->heard && websocket->queue.count == 0);
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

// Answers a close frame at once: the peer throws away what would still come.
static void answer_close(struct websocket *websocket, unsigned code)
{
    websocket->heard = true;
    if (!websocket->closing) {
        websocket_queue_drop_waiting(&websocket->queue);
    }
    queue_close(websocket, code, "");
}

static void break_off(struct websocket *websocket, unsigned code)
{
    static const struct {
        unsigned code;
        const char *reason;
    } reasons[] = {
        {WEBSOCKET_CLOSE_PROTOCOL_ERROR, "not a valid WebSocket frame"},
        {WEBSOCKET_CLOSE_INVALID_TEXT, "text is not UTF-8"},
        {WEBSOCKET_CLOSE_TOO_BIG, "message too big"},
    };
    const char *reason = "";
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        reason = reasons[i].code == code ? reasons[i].reason : reason;
    }
    websocket->broken = true;
    if (!websocket->closing) {
        websocket_queue_drop_waiting(&websocket->queue);
    }
    queue_close(websocket, code, reason);
}

static ssize_t take_extra(struct websocket *websocket, uint8_t *out, size_t size)
{
    const size_t left = websocket->extra_size - websocket->extra_read;
    const size_t taken = left < size ? left : size;
    memcpy(out, websocket->extra + websocket->extra_read, taken);
    websocket->extra_read += taken;
    if (websocket->extra_read == websocket->extra_size) {
        free(websocket->extra);
        websocket->extra = NULL;
        websocket->extra_size = websocket->extra_read = 0;
    }
    return (ssize_t)taken;
}

// The next bytes, or -1 with drained or over set.
static ssize_t take(struct websocket *websocket, uint8_t *out, size_t size)
{
    if (websocket->extra) {
        return take_extra(websocket, out, size);
    }
    if (websocket->budget == 0) {
        websocket->drained = true;
        return -1;
    }
    const size_t wanted = size < websocket->budget ? size : websocket->budget;
    ssize_t got = 0;
    do {
        got = recv(websocket->socket, out, wanted, 0);
    } while (got < 0 && errno == EINTR);
    if (got > 0) {
        websocket->budget -= (size_t)got;
        return got;
    }
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
        websocket->drained = true;
    } else {
        websocket->over = true;
    }
    return -1;
}

static ssize_t wslay_takes(wslay_event_context_ptr wslay, uint8_t *out, size_t size, int flags, void *user)
{
    (void)flags;
    struct websocket *websocket = user;
    const ssize_t got = take(websocket, out, size);
    if (got < 0) {
        wslay_event_set_error(wslay, websocket->over ? WSLAY_ERR_CALLBACK_FAILURE : WSLAY_ERR_WOULDBLOCK);
    }
    return got;
}

static ssize_t wslay_sends(wslay_event_context_ptr wslay, const uint8_t *data, size_t size, int flags, void *user)
{
    (void)wslay;
    (void)data;
    (void)flags;
    (void)user;
    return (ssize_t)size;
}

static void wslay_received(wslay_event_context_ptr wslay, const struct wslay_event_on_msg_recv_arg *message, void *user)
{
    struct websocket *websocket = user;
    switch (message->opcode) {
    case WSLAY_TEXT_FRAME:
    case WSLAY_BINARY_FRAME:
        if (!websocket->closing) {
            websocket->receiver(websocket->user, (enum websocket_opcode)message->opcode, message->msg,
                                message->msg_length);
        }
        break;
    case WSLAY_PING:
        queue_pong(websocket, message->msg, message->msg_length);
        (void)wslay_event_send(wslay);
        break;
    case WSLAY_CONNECTION_CLOSE:
        answer_close(websocket, message->msg_length == 1 ? WEBSOCKET_CLOSE_PROTOCOL_ERROR : message->status_code);
        break;
    default:
        break;
    }
}

// What wslay made of the bytes, beyond the messages that it has passed on.
static void heed_wslay(struct websocket *websocket, int result)
{
    if (websocket->over || websocket->heard) {
        return;
    }
    if (result == WSLAY_ERR_NOMEM) {
        websocket->over = true;
    } else if (result != 0) {
        break_off(websocket, WEBSOCKET_CLOSE_PROTOCOL_ERROR);
    } else if (!wslay_event_get_read_enabled(websocket->wslay)) {
        (void)wslay_event_send(websocket->wslay);
        break_off(websocket, wslay_event_get_status_code_sent(websocket->wslay));
    }
}

static void discard(struct websocket *websocket)
{
    uint8_t bytes[4096];
    while (!websocket->drained && !websocket->over) {
        const ssize_t got = take(websocket, bytes, sizeof bytes);
        websocket->discarded += got > 0 ? (size_t)got : 0;
        websocket->over = websocket->over || websocket->discarded > DISCARD_MAX;
    }
}

enum status websocket_read(struct websocket *websocket)
{
    websocket->budget = READ_BUDGET;
    websocket->drained = false;
    while (!websocket->drained && !websocket->over && !websocket->heard && !websocket->broken) {
        heed_wslay(websocket, wslay_event_recv(websocket->wslay));
    }
    if (websocket->queue.count > 0 && !websocket->over && websocket_write(websocket) == STATUS_CLOSED) {
        return STATUS_CLOSED;
    }
    // What is left unread would be told of again and again.
    if (websocket->broken || websocket->heard) {
        discard(websocket);
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
    if (websocket->broken && !websocket->shut) {
        websocket->shut = true;
        (void)shutdown(websocket->socket, SHUT_WR);
    }
    return STATUS_OK;
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
    static const struct wslay_event_callbacks callbacks = {
        .recv_callback = wslay_takes, .send_callback = wslay_sends, .on_msg_recv_callback = wslay_received};
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
            goto fail;
        }
        memcpy(websocket->extra, extra, extra_size);
        websocket->extra_size = extra_size;
    }
    if (wslay_event_context_server_init(&websocket->wslay, &callbacks, websocket) != 0) {
        websocket->wslay = NULL;
        goto fail;
    }
    wslay_event_config_set_max_recv_msg_length(websocket->wslay, WEBSOCKET_MESSAGE_MAX);
    return websocket;

fail:
    websocket_free(websocket);
    return NULL;
}

void websocket_free(struct websocket *websocket)
{
    if (!websocket) {
        return;
    }
    websocket_queue_done(&websocket->queue);
    if (websocket->wslay) {
        wslay_event_context_free(websocket->wslay);
    }
    free(websocket->extra);
    close(websocket->socket);
    free(websocket);
}
