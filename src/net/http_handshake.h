// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The opening handshake of a WebSocket, from the server's side (RFC 6455, 4.2). Any thread.
#pragma once

#include "net/http_request.h"

/// "dGhlIHNhbXBsZSBub25jZQ==" and its NUL.
enum { HTTP_HANDSHAKE_KEY_SIZE = 25 };

/// "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" and its NUL.
enum { HTTP_HANDSHAKE_ACCEPT_SIZE = 29 };

/// Which pages may open a WebSocket.
struct http_origins {
    bool (*allows)(void *user, const char *origin); ///< whether another may; NULL for none
    void *user;
    bool local; ///< the server is bound to a loopback address
};

/// What a server answers in Sec-WebSocket-Accept to \p key: for its side, and for a client to compare.
void http_handshake_accept(const char key[HTTP_HANDSHAKE_KEY_SIZE], char accept[HTTP_HANDSHAKE_ACCEPT_SIZE]);

/// 101 with \p accept set, or the status of the error with \p why set to a static text for a person.
int http_handshake_check(const struct http_request *request, const struct http_origins *origins,
                         char accept[HTTP_HANDSHAKE_ACCEPT_SIZE], const char **why);
