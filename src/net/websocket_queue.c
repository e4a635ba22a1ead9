// SPDX-License-Identifier: GPL-3.0-or-later
// The list is short, so it is kept in order in an array and closed up when the first is out. A pong may not stand
// inside another frame, hence "not begun"; and only the answer to the latest ping waits, as RFC 6455 (5.5.3) allows, so
// that a flood of pings costs nothing.
#include "net/websocket_queue.h"

#include <assert.h>
#include <errno.h>
#include <sys/socket.h>

static void drop(struct websocket_queue *queue, size_t slot)
{
    struct buffer *frame = queue->frames[slot];
    queue->bytes -= frame->size;
    if (slot == 0) {
        queue->bytes += queue->offset;
        queue->offset = 0;
    }
    if (frame == queue->pong) {
        queue->pong = NULL;
    }
    queue->count--;
    for (size_t i = slot; i < queue->count; i++) {
        queue->frames[i] = queue->frames[i + 1];
    }
    buffer_unref(frame);
}

static void insert(struct websocket_queue *queue, size_t slot, struct buffer *frame)
{
    assert(queue->count < WEBSOCKET_QUEUE_SLOTS && frame->size > 0);
    for (size_t i = queue->count; i > slot; i--) {
        queue->frames[i] = queue->frames[i - 1];
    }
    queue->frames[slot] = frame;
    queue->count++;
    queue->bytes += frame->size;
}

// From this slot on nothing has begun.
static size_t first_waiting(const struct websocket_queue *queue)
{
    return queue->offset > 0 ? 1 : 0;
}

void websocket_queue_push(struct websocket_queue *queue, struct buffer *frame)
{
    insert(queue, queue->count, frame);
}

void websocket_queue_push_pong(struct websocket_queue *queue, struct buffer *frame)
{
    const size_t slot = first_waiting(queue);
    if (queue->pong && slot < queue->count && queue->frames[slot] == queue->pong) {
        drop(queue, slot);
    }
    insert(queue, slot, frame);
    queue->pong = frame;
}

void websocket_queue_drop_waiting(struct websocket_queue *queue)
{
    while (queue->count > first_waiting(queue)) {
        drop(queue, queue->count - 1);
    }
}

size_t websocket_queue_gather(const struct websocket_queue *queue, struct iovec pieces[static WEBSOCKET_GATHER])
{
    const size_t count = queue->count < WEBSOCKET_GATHER ? queue->count : WEBSOCKET_GATHER;
    for (size_t i = 0; i < count; i++) {
        const size_t skip = i == 0 ? queue->offset : 0;
        struct buffer *frame = queue->frames[i];
        pieces[i] = (struct iovec){.iov_base = frame->bytes + skip, .iov_len = frame->size - skip};
    }
    return count;
}

// One frame, which is the usual case, costs the system less than a list of one.
static ssize_t write_one(const struct websocket_queue *queue, int socket)
{
    const struct buffer *frame = queue->frames[0];
    ssize_t written = 0;
    do {
        written = send(socket, frame->bytes + queue->offset, frame->size - queue->offset, MSG_NOSIGNAL);
    } while (written < 0 && errno == EINTR);
    return written;
}

static ssize_t write_some(const struct websocket_queue *queue, int socket)
{
    if (queue->count == 1) {
        return write_one(queue, socket);
    }
    struct iovec pieces[WEBSOCKET_GATHER];
    const struct msghdr message = {.msg_iov = pieces, .msg_iovlen = websocket_queue_gather(queue, pieces)};
    ssize_t written = 0;
    do {
        written = sendmsg(socket, &message, MSG_NOSIGNAL);
    } while (written < 0 && errno == EINTR);
    return written;
}

void websocket_queue_advance(struct websocket_queue *queue, size_t written)
{
    queue->written += written;
    while (written > 0) {
        const size_t left = queue->frames[0]->size - queue->offset;
        if (written < left) {
            queue->offset += written;
            queue->bytes -= written;
            return;
        }
        written -= left;
        drop(queue, 0);
    }
}

enum status websocket_queue_write(struct websocket_queue *queue, int socket)
{
    while (queue->count > 0) {
        const ssize_t written = write_some(queue, socket);
        if (written < 0) {
            return errno == EAGAIN || errno == EWOULDBLOCK ? STATUS_AGAIN : STATUS_CLOSED;
        }
        websocket_queue_advance(queue, (size_t)written);
    }
    return STATUS_OK;
}

void websocket_queue_done(struct websocket_queue *queue)
{
    while (queue->count > 0) {
        drop(queue, queue->count - 1);
    }
}
