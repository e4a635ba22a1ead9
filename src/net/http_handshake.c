// SPDX-License-Identifier: GPL-3.0-or-later
// The checks go from "not a WebSocket at all" to "not from this page", so that the first complaint is the most useful.
//
// A browser lets any page open a WebSocket to any host and only tells the server which page it was, in Origin. The
// server's own pages are those whose Origin names the host and port that the request was sent to. That alone would let
// a page in whose name was made to point at 127.0.0.1 after it was loaded (DNS rebinding), for then both agree; so a
// server on a loopback address believes only the loopback's own names. A program that is no browser sends no Origin.
#include "net/http_handshake.h"

#include <arpa/inet.h>
#include <nettle/base64.h>
#include <nettle/sha1.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { KEY_SIZE = 16, KEY_LENGTH = HTTP_HANDSHAKE_KEY_SIZE - 1 };

// The key, KEY_LENGTH characters that are no string, or NULL.
static const char *find_key(const struct http_request *request)
{
    size_t length = 0;
    const char *key = http_request_only(request, "Sec-WebSocket-Key", &length);
    if (!key || length != KEY_LENGTH) {
        return NULL;
    }
    struct base64_decode_ctx context;
    uint8_t bytes[BASE64_DECODE_LENGTH(KEY_LENGTH)];
    size_t size = sizeof bytes;
    base64_decode_init(&context);
    const bool is_base64 =
        base64_decode_update(&context, &size, bytes, KEY_LENGTH, key) && base64_decode_final(&context);
    return is_base64 && size == KEY_SIZE ? key : NULL;
}

void http_handshake_accept(const char key[HTTP_HANDSHAKE_KEY_SIZE], char accept[HTTP_HANDSHAKE_ACCEPT_SIZE])
{
    static const char suffix[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    struct sha1_ctx context;
    uint8_t digest[SHA1_DIGEST_SIZE];
    sha1_init(&context);
    sha1_update(&context, KEY_LENGTH, (const uint8_t *)key);
    sha1_update(&context, sizeof suffix - 1, (const uint8_t *)suffix);
    sha1_digest(&context, sizeof digest, digest);
    base64_encode_raw(accept, sizeof digest, digest);
    accept[HTTP_HANDSHAKE_ACCEPT_SIZE - 1] = '\0';
}

static bool names_loopback(const char *host)
{
    static const char *const names[] = {"localhost", "127.0.0.1", "[::1]"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const size_t size = strlen(names[i]);
        if (strncasecmp(host, names[i], size) == 0 && (host[size] == '\0' || host[size] == ':')) {
            return true;
        }
    }
    return false;
}

// A name that its owner may point at this machine is no proof of being this machine; an address is, or the name that
// the machine gives itself, alone or as it is known on the local network (mDNS).
static bool names_machine(const char *host)
{
    static const char local[] = ".local";
    char name[256] = "";
    char own[256] = "";
    struct in_addr address;
    (void)snprintf(name, sizeof name, "%s", host);
    if (name[0] == '[' || names_loopback(host)) {
        return true;
    }
    name[strcspn(name, ":")] = '\0';
    if (inet_pton(AF_INET, name, &address) == 1) {
        return true;
    }
    const size_t size = gethostname(own, sizeof own - 1) == 0 ? strlen(own) : 0;
    return size > 0 && strncasecmp(name, own, size) == 0 && (name[size] == '\0' || strcasecmp(name + size, local) == 0);
}

static bool is_own(const char *origin, const char *host, bool local)
{
    static const char *const schemes[] = {"http://", "https://"};
    if (!host || !(local ? names_loopback(host) : names_machine(host))) {
        return false;
    }
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        const size_t size = strlen(schemes[i]);
        if (strncasecmp(origin, schemes[i], size) == 0 && strcasecmp(origin + size, host) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_allowed(const struct http_request *request, const struct http_origins *origins)
{
    const char *origin = http_request_header(request, "Origin");
    return !origin || is_own(origin, http_request_header(request, "Host"), origins->local) ||
           (origins->allows && origins->allows(origins->user, origin));
}

static bool is_version_13(const struct http_request *request)
{
    static const char wanted[] = "13";
    size_t length = 0;
    const char *version = http_request_only(request, "Sec-WebSocket-Version", &length);
    return version && length == sizeof wanted - 1 && memcmp(version, wanted, length) == 0;
}

int http_handshake_check(const struct http_request *request, const struct http_origins *origins,
                         char accept[HTTP_HANDSHAKE_ACCEPT_SIZE], const char **why)
{
    const char *key = find_key(request);
    const struct {
        bool passed;
        int status;
        const char *why;
    } checks[] = {
        {http_request_has_token(request, "Upgrade", "websocket"), MHD_HTTP_UPGRADE_REQUIRED,
         "only WebSockets here: the Upgrade header does not ask for one"},
        {strcmp(request->method, "GET") == 0, MHD_HTTP_BAD_REQUEST, "a WebSocket is opened by GET"},
        {strcmp(request->version, "HTTP/1.1") == 0, MHD_HTTP_BAD_REQUEST, "a WebSocket is opened over HTTP/1.1"},
        {http_request_has_token(request, "Connection", "Upgrade"), MHD_HTTP_BAD_REQUEST,
         "the Connection header does not name Upgrade"},
        {is_version_13(request), MHD_HTTP_UPGRADE_REQUIRED, "only version 13 of WebSocket is spoken here"},
        {key != NULL, MHD_HTTP_BAD_REQUEST, "there must be one Sec-WebSocket-Key, of 16 bytes in base64"},
        {is_allowed(request, origins), MHD_HTTP_FORBIDDEN, "pages of this Origin may not connect here"},
    };
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        if (!checks[i].passed) {
            *why = checks[i].why;
            return checks[i].status;
        }
    }
    http_handshake_accept(key, accept);
    return MHD_HTTP_SWITCHING_PROTOCOLS;
}
