// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The connections of an HTTP server: how many there may be, and how long each may take over a request.
///
/// libmicrohttpd closes a connection on which nothing comes. One on which a byte comes now and then would keep its
/// place for ever; so every request has a time by which it must have come whole. Internal to net.
#pragma once

#include "core/status.h"
#include "net/addresses.h"

#include <microhttpd.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

enum { HTTP_CONNECTIONS_REFUSED = 16 }; ///< beyond the limit that can be told so; more are closed at once

struct http_connection;

/// Embed it.
struct http_connections {
    unsigned limit;              ///< one more is to be refused
    struct addresses *addresses; ///< that limits those of one address; NULL for none
    unsigned request_ms;         ///< from the connection, or the end of the request before, to the end of a request
    unsigned count;              ///< libmicrohttpd's thread alone
    pthread_mutex_t lock;        ///< guards what follows
    struct http_connection *first;
    int64_t checked_ns;
};

MUST_USE enum status http_connections_init(struct http_connections *connections, unsigned limit, unsigned request_ms);
/// From now on one address has \p most at once, more are closed. Before there are any. STATUS_NO_MEMORY.
MUST_USE enum status http_connections_limit_addresses(struct http_connections *connections, unsigned most);
void http_connections_done(struct http_connections *connections);

/// \name libmicrohttpd's thread
/// @{
/// An MHD_NotifyConnectionCallback; \p user is a struct http_connections.
void http_connections_notify(void *user, struct MHD_Connection *connection, void **context,
                             enum MHD_ConnectionNotificationCode what);
/// Whether \p connection is one too many.
bool http_connections_refuses(struct MHD_Connection *connection);
/// A request is whole: its answer may take as long as it will.
void http_connections_have_request(struct http_connections *connections, struct MHD_Connection *connection);
/// The answer is out: another request may come.
void http_connections_want_request(struct http_connections *connections, struct MHD_Connection *connection);
/// Its socket is another owner's from now to its end: it does not count any more, nor for its address.
void http_connections_lend(struct http_connections *connections, struct MHD_Connection *connection);
/// @}

/// Ends the connections whose request is late. Any thread; cheap, looks no more often than it must.
void http_connections_check(struct http_connections *connections);
