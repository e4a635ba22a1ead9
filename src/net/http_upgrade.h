// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The step from an HTTP connection to a WebSocket: the handshake's reply, and the socket's way to its new owner.
#pragma once

#include "net/http_handshake.h"

#include <microhttpd.h>

/// One exchange's upgrade. Zeroed memory is one that was never asked for. Must stay where it is until it is done.
struct http_upgrade {
    struct http_reply reply;
    bool waiting;  ///< neither upgraded() nor refused() was called yet
    bool upgraded; ///< the connection is a WebSocket now, or was and is closed
};

/// Answers \p request with 101, or with the error that fits; \p reply is of kind HTTP_REPLY_UPGRADE. MHD_NO when
/// libmicrohttpd should drop the connection.
enum MHD_Result http_upgrade_queue(struct http_upgrade *upgrade, const struct http_reply *reply,
                                   const struct http_request *request, const struct http_origins *origins);

/// Whether \p request is no handshake that may be; then it is answered with the error that fits, and \p result is
/// libmicrohttpd's.
bool http_upgrade_refuses(const struct http_request *request, const struct http_origins *origins,
                          enum MHD_Result *result);

/// The exchange is over: calls refused() if the upgrade has not come about.
void http_upgrade_done(struct http_upgrade *upgrade);
