// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// A real server on a free port with routes of every kind, and shorthands to ask it.
#pragma once

#include "net/http.h"

#include <stdatomic.h>

enum { REPLY_SIZE = 65536 };

/// What there is to ask for; a handler's user is the fixture.
extern const struct http_route server_routes[];

/// A server and what its handlers have seen.
struct fixture {
    struct http_server *server;
    uint16_t port;
    atomic_int upgraded;
    atomic_int asked; ///< for a stream
    atomic_int streams;
    atomic_int refused;
    atomic_int socket; ///< the last that was handed over, where keep_sockets is set, and what ends it
    _Atomic(struct http_stream *) stream;
    atomic_int held; ///< 1 while the handler of /hold waits, which it does until this is 0
    char extra[64];
    bool keep_sockets;
    char reply[REPLY_SIZE];
};

/// 0 \p connections for the default limit. Allows https://friend.example to open WebSockets.
struct fixture *fixture_new(unsigned connections);
/// The same with more \p options: an address where one is set, a limit on connections, the time for a request.
struct fixture *fixture_new_with(struct http_options options);
void fixture_free(struct fixture *fixture);

/// Sends \p request, reads the reply to the end of the connection, returns its status.
int ask(struct fixture *fixture, const char *request);

/// Asks with a request line and the headers that go without saying.
int ask_line(struct fixture *fixture, const char *line);

/// What stands behind the headers.
const char *body_of(const char *reply);

/// Waits some seconds for \p counter to become \p value.
bool wait_for(const atomic_int *counter, int value);

void expect_json_error(const char *reply, const char *part);
void expect_security_headers(const char *reply);

/// Opens a WebSocket and sends \p behind right after the handshake; returns the client's socket.
int open_websocket(struct fixture *fixture, const char *behind);

/// Sends \p request for the stream and reads the reply's headers, whose status it gives; returns the client's socket.
int ask_for_stream(struct fixture *fixture, const char *request, int *status);

/// Opens the stream and reads the reply's headers; returns the client's socket.
int open_stream(struct fixture *fixture);
