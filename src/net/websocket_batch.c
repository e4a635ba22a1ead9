// SPDX-License-Identifier: GPL-3.0-or-later
// Each websocket of the batch has a slot with the pieces of its queue, which the system reads when it is told to begin.
// A socket that is full says so at once (MSG_DONTWAIT), as with send(), so that all are done when the call returns, and
// nothing is ever under way between two of them. Where the system should fail in the middle, what it has not begun must
// never begin: then the ring is given up.
#include "net/websocket_batch.h"

#include <assert.h>
#include <errno.h>
#include <liburing.h>
#include <stdlib.h>
#include <sys/socket.h>

struct slot {
    struct websocket *websocket;
    void *user;
    struct msghdr message;
    struct iovec pieces[WEBSOCKET_GATHER];
};

struct websocket_batch {
    struct io_uring ring;
    unsigned count;
    struct slot slots[WEBSOCKET_BATCH];
};

enum status websocket_batch_new(struct websocket_batch **out)
{
    struct websocket_batch *batch = calloc(1, sizeof *batch);
    if (!batch) {
        return STATUS_NO_MEMORY;
    }
    // Of one thread, which finishes what it asked for when it asks for the results: neither interrupts it before.
    const unsigned flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN;
    const int error = io_uring_queue_init(WEBSOCKET_BATCH, &batch->ring, flags);
    if (error != 0) {
        free(batch);
        return error == -ENOMEM                       ? STATUS_NO_MEMORY
               : error == -EMFILE || error == -ENFILE ? STATUS_IO
                                                      : STATUS_UNSUPPORTED;
    }
    // Spares each call the look for the ring's descriptor.
    (void)io_uring_register_ring_fd(&batch->ring);
    *out = batch;
    return STATUS_OK;
}

void websocket_batch_free(struct websocket_batch *batch)
{
    if (batch) {
        io_uring_queue_exit(&batch->ring);
        free(batch);
    }
}

bool websocket_batch_add(struct websocket_batch *batch, struct websocket *websocket, void *user)
{
    assert(batch->count < WEBSOCKET_BATCH && websocket_queued(websocket) > 0);
    struct slot *slot = &batch->slots[batch->count++];
    slot->websocket = websocket;
    slot->user = user;
    const size_t pieces = websocket_gather(websocket, slot->pieces);
    // There is room for as many as the batch holds, and it is emptied by each write.
    struct io_uring_sqe *entry = io_uring_get_sqe(&batch->ring);
    assert(entry);
    if (pieces == 1) {
        io_uring_prep_send(entry, websocket_fd(websocket), slot->pieces[0].iov_base, slot->pieces[0].iov_len,
                           MSG_NOSIGNAL | MSG_DONTWAIT);
    } else {
        slot->message = (struct msghdr){.msg_iov = slot->pieces, .msg_iovlen = pieces};
        io_uring_prep_sendmsg(entry, websocket_fd(websocket), &slot->message, MSG_NOSIGNAL | MSG_DONTWAIT);
    }
    io_uring_sqe_set_data(entry, slot);
    return batch->count == WEBSOCKET_BATCH;
}

// The results of so many; fewer where the system does not give them.
static unsigned collect(struct websocket_batch *batch, unsigned wanted)
{
    unsigned done = 0;
    while (done < wanted) {
        struct io_uring_cqe *result = NULL;
        const int error = io_uring_wait_cqe(&batch->ring, &result);
        if (error == 0) {
            const struct slot *slot = io_uring_cqe_get_data(result);
            websocket_wrote(slot->websocket, result->res);
            io_uring_cqe_seen(&batch->ring, result);
            done++;
        } else if (error != -EINTR) {
            break;
        }
    }
    return done;
}

enum status websocket_batch_write(struct websocket_batch *batch, void *users[static WEBSOCKET_BATCH], unsigned *count)
{
    const unsigned wanted = batch->count;
    unsigned begun = 0;
    while (begun < wanted) {
        const int result = io_uring_submit_and_wait(&batch->ring, wanted - begun);
        if (result > 0) {
            begun += (unsigned)result;
        } else if (result != -EINTR) {
            break;
        }
    }
    const unsigned done = collect(batch, begun);
    for (unsigned i = 0; i < wanted; i++) {
        users[i] = batch->slots[i].user;
    }
    *count = wanted;
    batch->count = 0;
    return done == wanted ? STATUS_OK : STATUS_IO;
}
