// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What a handler is asked, as the other files of the HTTP server see it; net/http.h has what handlers see.
#pragma once

#include "net/http.h"

#include <microhttpd.h>

/// Lives while its handler runs; points into libmicrohttpd's memory.
struct http_request {
    struct MHD_Connection *connection;
    const char *method;
    const char *version; ///< "HTTP/1.1"
    const char *path;
    const char *rest; ///< what stands behind the route's '*', else ""
};

/// Whether one of the comma-separated tokens of all headers called \p name is \p token, in any case.
bool http_request_has_token(const struct http_request *request, const char *name, const char *token);

/// The value of the one header called \p name, without the blanks around it, its length in \p size; NULL where there is
/// none or more than one. Not NUL-terminated.
const char *http_request_only(const struct http_request *request, const char *name, size_t *size);
