// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Endless bodies: libmicrohttpd sends the headers, and another thread writes what follows. Internal to net, but for
/// struct http_stream in net/http.h.
#pragma once

#include "core/status.h"
#include "net/http.h"
#include "net/http_pulse.h"

#include <microhttpd.h>

/// The streams of one server. Its parts may outlive the server: each stream holds it.
struct http_streams;

/// At most \p most streams at once. STATUS_NO_MEMORY.
MUST_USE enum status http_streams_new(struct http_pulse *pulse, unsigned most, struct http_streams **out);

/// Ends all streams, for good: from now on one that begins ends at once. Any thread.
void http_streams_stop(struct http_streams *streams);

/// Drops the server's part; stopped, and libmicrohttpd has ended. NULL is fine.
void http_streams_free(struct http_streams *streams);

/// A response behind whose headers \p reply's streams() is called, or else its refused(): at once where this returns
/// NULL, which is when memory or descriptors are out, or there are as many streams as may be.
struct MHD_Response *http_stream_response(struct http_streams *streams, struct MHD_Connection *connection,
                                          const struct http_reply *reply);
