// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Replies as libmicrohttpd takes them: bodies without a copy, and the headers that go on each.
#pragma once

#include "net/http.h"

#include <microhttpd.h>
#include <stdbool.h>

/// One header more on a reply.
struct http_header {
    const char *name;
    const char *value;
};

/// Puts the security headers and \p extra, ended by a NULL name (NULL for none), on \p response.
MUST_USE bool http_reply_dress(struct MHD_Response *response, const struct http_header *extra);

/// Queues \p reply, whose kind is HTTP_REPLY_BODY, and takes its body over; a missing one is answered 500. MHD_NO when
/// libmicrohttpd should drop the connection.
enum MHD_Result http_reply_queue(struct MHD_Connection *connection, const struct http_reply *reply,
                                 const struct http_header *extra);
