// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The server's end of one WebSocket (RFC 6455): frames out are shared buffers, frames in become whole messages.
///
/// One thread owns a websocket; its socket is non-blocking and belongs to it. Sends never copy a shared buffer: each
/// connection has only a short queue of references and an offset into the first. Text in is checked for UTF-8,
/// fragments are put together, pings are answered (the latest, when several wait), limits are kept.
///
/// Once a close frame is queued, by websocket_close() or as the answer to the peer's close or to a breach of the
/// protocol, websocket_send() says STATUS_CLOSED, and the connection ends when websocket_read() or websocket_write()
/// says so too: as soon as the peer has answered our close, or has hung up after its own or its breach. An owner that
/// has waited for that long enough frees it.
#pragma once

#include "core/buffer.h"
#include "core/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

enum {
    WEBSOCKET_MESSAGE_MAX = 16384,
    WEBSOCKET_QUEUE = 32,
    WEBSOCKET_GATHER = 16, ///< frames that go out in one call
};

enum websocket_opcode { WEBSOCKET_TEXT = 1, WEBSOCKET_BINARY = 2 };

/// Close codes (RFC 6455, 7.4.1).
enum websocket_close {
    WEBSOCKET_CLOSE_NORMAL = 1000,
    WEBSOCKET_CLOSE_GOING_AWAY = 1001,
    WEBSOCKET_CLOSE_PROTOCOL_ERROR = 1002,
    WEBSOCKET_CLOSE_INVALID_TEXT = 1007,
    WEBSOCKET_CLOSE_POLICY = 1008,
    WEBSOCKET_CLOSE_TOO_BIG = 1009,
    WEBSOCKET_CLOSE_TRY_LATER = 1013,
};

/// A plain one speaks no WebSocket: it takes buffers of any bytes, throws away what comes, and is over when the other
/// side hangs up or ends its own sending, has sent 4 MiB, or when what waits behind websocket_close() is out. So an
/// HTTP body without an end goes out as messages do.
struct websocket;

/// A whole message from the other side; \p text is not NUL-terminated and lives until the call returns. The receiver
/// may send or close, but not free the websocket.
typedef void (*websocket_receiver)(void *user, enum websocket_opcode opcode, const uint8_t *message, size_t size);

/// Takes \p socket over (closed in any case, also on failure), and copies \p extra, bytes that were read behind the
/// handshake; as no epoll tells of those, call websocket_read() once. NULL when memory is out.
struct websocket *websocket_new(int socket, const uint8_t *extra, size_t extra_size, websocket_receiver receiver,
                                void *user);

/// A plain one, likewise.
struct websocket *websocket_new_plain(int socket);

/// The descriptor, for epoll.
int websocket_fd(const struct websocket *websocket);

/// Reads what is there, up to 64 KiB (so level-triggered epoll), calls the receiver for every whole message, and writes
/// what waits, answers to pings and closes included: wait for EPOLLOUT while websocket_queued() is not 0. STATUS_OK, or
/// STATUS_CLOSED when the connection is over: free it. Behind the peer's close frame, or its breach of the protocol
/// (1002; text that is not UTF-8, 1007; a message above WEBSOCKET_MESSAGE_MAX, 1009), what waits is still written as
/// far as the socket takes it at once; what the peer sends is thrown away until it hangs up, and the receiver is not
/// called any more, nor after websocket_close().
MUST_USE enum status websocket_read(struct websocket *websocket);

/// Whether websocket_send() would queue a buffer now.
bool websocket_ready(const struct websocket *websocket);

/// Frames that wait, the one in the works and control frames included, and their bytes still to be written.
size_t websocket_queued(const struct websocket *websocket);
size_t websocket_queued_bytes(const struct websocket *websocket);

/// Bytes that the socket took since the start: while some wait and this stands still, the peer takes nothing.
uint64_t websocket_written(const struct websocket *websocket);

/// Queues a buffer made by websocket_frame() or _reserve(), taking a reference of its own. STATUS_FULL with
/// WEBSOCKET_QUEUE waiting; STATUS_CLOSED after a close.
MUST_USE enum status websocket_send(struct websocket *websocket, struct buffer *frame);

/// Writes as much as the socket takes, in as few calls as can be. STATUS_OK when all is out, STATUS_AGAIN when the
/// socket is full (wait for EPOLLOUT), STATUS_CLOSED when the connection is over.
MUST_USE enum status websocket_write(struct websocket *websocket);

/// For one who writes in the websocket's place (net/websocket_batch.h): what waits, in order, as up to WEBSOCKET_GATHER
/// pieces, whose number it returns. They are valid until something is queued, written or read.
size_t websocket_gather(const struct websocket *websocket, struct iovec pieces[static WEBSOCKET_GATHER]);

/// And what send() said of them: bytes, or an error as -errno. One that is passing (EAGAIN, EINTR) changes nothing.
void websocket_wrote(struct websocket *websocket, int64_t result);

/// Queues a close frame (a plain one only ends) behind what waits; nothing can be sent after it. \p reason is UTF-8,
/// cut at 123 bytes, or NULL. It goes out with the next websocket_write() or websocket_read(). A second close does
/// nothing.
void websocket_close(struct websocket *websocket, enum websocket_close code, const char *reason);

/// Has the processor bring it in, for websocket_send() and websocket_write() soon after.
void websocket_prefetch(const struct websocket *websocket);

/// Closes the socket and drops what waits. NULL is fine.
void websocket_free(struct websocket *websocket);

/// A whole, unmasked frame of one message, ready to go to any number of websockets: the header, then a copy of the
/// \p size bytes at \p source. NULL when memory is out.
struct buffer *websocket_frame(enum websocket_opcode opcode, const void *source, size_t size);

/// The same with the payload left unset, its start in \p payload.
struct buffer *websocket_frame_reserve(enum websocket_opcode opcode, size_t size, uint8_t **payload);
