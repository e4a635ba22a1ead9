// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Where listeners go: ws://HOST[:PORT][/PATH] or http://HOST[:PORT][/PATH], looked up. One thread.
#pragma once

#include "core/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

enum { URL_HOST_SIZE = 256, URL_TARGET_SIZE = 512, URL_PORT_SIZE = 8 };

struct load_url {
    bool websocket;
    char host[URL_HOST_SIZE]; ///< without the brackets of an IPv6 address
    char port[URL_PORT_SIZE];
    char target[URL_TARGET_SIZE]; ///< path and query, "/" at least
    struct sockaddr_storage address;
    socklen_t address_size;
};

/// STATUS_INVALID for what is no such URL (wss and https included: the loader speaks no TLS), STATUS_UNKNOWN for a host
/// that is not found.
MUST_USE enum status load_url_parse(const char *text, struct load_url *url, struct complaint *complaint);

/// Connects once. STATUS_CLOSED where nobody answers.
MUST_USE enum status load_url_reach(const struct load_url *url, struct complaint *complaint);

/// Room for load_url_request().
enum { URL_REQUEST_SIZE = URL_TARGET_SIZE + URL_HOST_SIZE + URL_PORT_SIZE + 256 };

/// Writes the request for \p target, a path and query of that host: for a WebSocket with \p key, 16 bytes in
/// base64; where that is NULL a GET of HTTP/1.0, whose answer has a body that ends with the connection. Returns its
/// size.
int load_url_request(const struct load_url *url, const char *target, const char *key, char out[URL_REQUEST_SIZE]);

/// GETs \p path of that host over HTTP and returns the body of the answer, which the caller frees, ended by a NUL; NULL
/// with a complaint when the answer is not 200 or does not come within ten seconds.
char *load_url_get(const struct load_url *url, const char *path, struct complaint *complaint);
