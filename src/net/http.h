// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// An HTTP server over libmicrohttpd: a table of routes, plain replies, and two ways for a socket to another owner: for
/// a body without an end (a radio stream), and the upgrade to WebSocket.
///
/// One thread of libmicrohttpd's runs every handler, so a handler must not wait. Every reply of a handler's and of the
/// server's own carries the security headers (COOP same-origin, COEP require-corp, CORP same-origin, CSP, nosniff,
/// no-referrer); only what libmicrohttpd itself says to bytes that are no HTTP does not. An unknown path is 404, a
/// known path with another method 405, both as JSON \c {"type":"error","message":...}.
///
/// A request's body is read and dropped up to 64 KiB; a longer one is 413, or the end of the connection where its
/// length was not announced. Headers may have some 32 KiB. A connection that is silent for 10 s is closed, one whose
/// request has not come whole in 20 s too. Where the server is not bound to a loopback address, a client may have 256
/// connections, without upgraded ones and streams; more are closed.
#pragma once

#include "core/buffer.h"
#include "core/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

struct http_server;
struct http_request;

/// A body without an end, under way.
struct http_stream;

/// What the owner of a stream's socket calls when the body is over and the socket is closed, or nearly; nothing may be
/// written behind it. Any thread, also after http_server_free(). NULL is fine.
void http_stream_end(struct http_stream *stream);

enum http_reply_kind {
    HTTP_REPLY_BODY,    ///< status, content type, body
    HTTP_REPLY_STREAM,  ///< 200, content type, and the socket, for a body without an end
    HTTP_REPLY_UPGRADE, ///< 101 and the socket, when the request is a valid WebSocket handshake; else the fitting error
};

/// What a handler answers; build one with the functions below.
struct http_reply {
    enum http_reply_kind kind;
    int status;
    const char *content_type;  ///< static
    const char *cache_control; ///< static; NULL for "no-store"
    struct buffer *body;       ///< the reply takes the reference over
    /// Gets the upgraded socket (non-blocking, TCP_NODELAY, the receiver's to close) and the bytes that came behind the
    /// handshake. It is a plain descriptor of which the server knows nothing more.
    void (*upgraded)(void *user, int socket, const uint8_t *extra, size_t extra_size);
    /// Gets the socket of a stream likewise when the headers are out, and what to end it with. The body has no framing
    /// (HTTP/1.0) and ends with the connection.
    void (*streams)(void *user, int socket, struct http_stream *stream);
    /// Called instead of upgraded() or streams() when that does not come about, as where only the headers were asked
    /// for; may be NULL. Exactly one of the two is called.
    void (*refused)(void *user);
    void *user;
};

typedef struct http_reply (*http_handler)(void *user, const struct http_request *request);

/// \p path is exact, or a prefix where it ends with '*'. The first route that fits is taken. GET routes answer HEAD
/// too.
struct http_route {
    const char *method;
    const char *path;
    http_handler handler;
    bool upgrades; ///< what asks for a WebSocket comes to the handler only as a valid handshake; see
                   ///< http_request_is_upgrade() for what asks for none
};

struct http_options {
    const char *address;             ///< to bind, "127.0.0.1" or "::1" or "0.0.0.0"
    uint16_t port;                   ///< 0 for any free one
    const struct http_route *routes; ///< ended by a NULL method; must outlive the server
    void *user;                      ///< handed to the handlers
    /// Whether pages of \p origin ("https://example.org") may open WebSockets too, on the server's thread; NULL for
    /// none. A request without Origin is always allowed, and one from the host and port that it was sent to, if that
    /// names this machine: localhost, 127.0.0.1 or [::1], and where the server is not bound to a loopback address any
    /// IP address, the host name and the host name with ".local". Another is answered 403.
    bool (*allows_origin)(void *user, const char *origin);
    unsigned connections; ///< at once, without upgraded ones and streams; 0 for 1000. Some more are answered 503,
                          ///< others closed.
    unsigned streams;     ///< at once; 0 for 1000. One more is answered 503.
    unsigned request_ms;  ///< in which a request must come whole, as http_server_tend() sees; 0 for 20000
};

/// Starts to serve. STATUS_IN_USE when the port is taken, STATUS_INVALID for a bad address, STATUS_IO,
/// STATUS_NO_MEMORY.
MUST_USE enum status http_server_new(const struct http_options *options, struct http_server **out,
                                     struct complaint *complaint);

/// Whether its thread is alive: it has done something in the last \p quiet_ms, or else answers a request of the
/// server's own. A full server does not answer, but is not quiet for longer than its connections' deadlines either: 30
/// s and more are safe. Any thread but the server's; waits twice \p timeout_ms at most.
bool http_server_alive(struct http_server *server, int quiet_ms, int timeout_ms);

/// The port that it listens on. Any thread.
uint16_t http_server_port(const struct http_server *server);

/// Cuts off the connections that are late with a request: to be called about once a second. Any thread; cheap, calls
/// nothing back, and is safe under locks of the caller.
void http_server_tend(struct http_server *server);

/// Stops serving: ends the streams' connections and refuses new ones; upgraded sockets are not touched. The owners of
/// streams' sockets find them closed, and end them still. Not from inside a handler, and after the last
/// http_server_tend(). NULL is fine.
void http_server_free(struct http_server *server);

/// \name Inside a handler
/// @{
/// The path, decoded, and what stands behind the '*' of its route ("" where it has none).
const char *http_request_path(const struct http_request *request);
const char *http_request_rest(const struct http_request *request);
/// A query argument, decoded ("" where it has no value), or NULL.
const char *http_request_argument(const struct http_request *request, const char *name);
/// The address of the other side; lives as long as the request. NULL where there is none.
const struct sockaddr *http_request_peer(const struct http_request *request);
/// Whether it asks for a WebSocket. What does not is answered 426 where the handler says HTTP_REPLY_UPGRADE, but may be
/// told first what else is wrong: a page cannot read why its WebSocket was refused, and asks again without.
bool http_request_is_upgrade(const struct http_request *request);
/// A header, by its name in any case, or NULL.
const char *http_request_header(const struct http_request *request, const char *name);

/// \p body's reference goes over to the reply; NULL makes it 500. An empty body is a buffer of size 0.
struct http_reply http_reply_buffer(int status, const char *content_type, struct buffer *body);
/// Copies \p text.
struct http_reply http_reply_text(int status, const char *content_type, const char *text);
/// \c {"type":"error","message":...}, printf-style, cut at 511 bytes, escaped as JSON needs; bytes that are no UTF-8
/// become '?'.
struct http_reply http_reply_error(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));
/// @}
