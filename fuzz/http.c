// SPDX-License-Identifier: GPL-3.0-or-later
// The bytes are what a client sends to a server on the loopback, which has a route of every kind: libmicrohttpd takes
// requests apart, and ours is what becomes of them: routes, arguments, header tokens, origins, the handshake of a
// WebSocket. The first byte says in how many writes they come. The server must answer what it understands, in whole and
// well-formed replies, and close the connection once the next request is late.
#include "fuzz.h"

#include "core/log.h"
#include "net/http.h"
#include "net/http_request.h"

#include <assert.h>
#include <errno.h>
#include <jansson.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    REPLY_SIZE = 1 << 20,
    REQUEST_MS = 3,
    WAITS = 20000, // of a millisecond each, by which a connection must have been let go
    WRITES_MAX = 8,
    ACCEPT_LENGTH = 28
};

// Everything that a handler can ask, as a reply that repeats it.
static struct http_reply answer_echo(void *user, const struct http_request *request)
{
    (void)user;
    const char *station = http_request_argument(request, "station");
    const char *token = http_request_argument(request, "token");
    const char *origin = http_request_header(request, "Origin");
    size_t length = 0;
    const char *only = http_request_only(request, "X-Only", &length);
    assert(!only || strlen(only) >= length);
    const bool keeps = http_request_has_token(request, "Connection", "keep-alive");
    return http_reply_error(404, "%s %s: station=%s token=%s origin=%s only=%.*s %d", http_request_path(request),
                            http_request_rest(request), station ? station : "", token ? token : "",
                            origin ? origin : "", only ? (int)length : 0, only ? only : "", keeps);
}

static void upgraded(void *user, int socket, const uint8_t *extra, size_t extra_size)
{
    (void)user;
    volatile uint8_t last = 0;
    for (size_t i = 0; i < extra_size; i++) {
        last = extra[i];
    }
    (void)last;
    close(socket);
}

static struct http_reply answer_websocket(void *user, const struct http_request *request)
{
    (void)user;
    (void)request;
    return (struct http_reply){.kind = HTTP_REPLY_UPGRADE, .upgraded = upgraded};
}

static void streams(void *user, int socket, struct http_stream *stream)
{
    (void)user;
    static const char bytes[1000] = "OggS";
    (void)send(socket, bytes, sizeof bytes, MSG_NOSIGNAL);
    close(socket);
    http_stream_end(stream);
}

static struct http_reply answer_stream(void *user, const struct http_request *request)
{
    (void)user;
    (void)request;
    return (struct http_reply){.kind = HTTP_REPLY_STREAM, .content_type = "audio/ogg", .streams = streams};
}

static const struct http_route routes[] = {{.method = "GET", .path = "/ws", .handler = answer_websocket},
                                           {.method = "GET", .path = "/source", .handler = answer_stream},
                                           {.method = "GET", .path = "/files/*", .handler = answer_echo},
                                           {.method = "POST", .path = "/post", .handler = answer_echo},
                                           {.method = "GET", .path = "/echo", .handler = answer_echo},
                                           {.method = NULL}};

static bool allows_origin(void *user, const char *origin)
{
    (void)user;
    return strcasecmp(origin, "https://friend.example") == 0;
}

static struct http_server *start(void)
{
    struct http_server *server = NULL;
    log_set_level(LOG_LEVEL_ERROR);
    const struct http_options options = {
        .address = "127.0.0.1", .routes = routes, .allows_origin = allows_origin, .request_ms = REQUEST_MS};
    struct complaint complaint;
    if (http_server_new(&options, &server, &complaint) != STATUS_OK) {
        (void)fprintf(stderr, "%s\n", complaint.text);
        abort();
    }
    return server;
}

static int connect_to(uint16_t port)
{
    const struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool connected = client >= 0 && connect(client, (const struct sockaddr *)&address, sizeof address) == 0;
    if (!connected) {
        perror("connect");
        abort();
    }
    return client;
}

// The server may hang up before it has read everything.
static void send_all(int client, const uint8_t *data, size_t size, size_t writes)
{
    const size_t piece = size / writes + 1;
    ssize_t sent = 1;
    while (size > 0 && sent > 0) {
        sent = send(client, data, size < piece ? size : piece, MSG_NOSIGNAL);
        data += sent > 0 ? sent : 0;
        size -= sent > 0 ? (size_t)sent : 0;
    }
}

static void receive_all(struct http_server *server, int client, char *reply)
{
    size_t size = 0;
    ssize_t got = 1;
    for (int waits = 0; got != 0 && size < REPLY_SIZE - 1; waits++) {
        assert(waits < WAITS);
        struct pollfd readable = {.fd = client, .events = POLLIN};
        (void)poll(&readable, 1, 1);
        http_server_tend(server);
        got = recv(client, reply + size, REPLY_SIZE - 1 - size, MSG_DONTWAIT);
        if (got < 0 && errno != EAGAIN && errno != EINTR) {
            got = 0; // a reset
        }
        size += got > 0 ? (size_t)got : 0;
        waits = got > 0 ? 0 : waits;
    }
    reply[size] = '\0';
}

static void check_handshake(const char *head)
{
    const char *accept = strcasestr(head, "\r\nSec-WebSocket-Accept: ");
    assert(accept && strcspn(accept + strlen("\r\nSec-WebSocket-Accept: "), "\r") == ACCEPT_LENGTH);
}

// The first reply; where the next one begins depends on what was asked.
static void check(char *reply)
{
    if (!*reply) {
        return;
    }
    assert(strncmp(reply, "HTTP/1.", 7) == 0);
    const long status = strtol(reply + strlen("HTTP/1.1 "), NULL, 10);
    char *body = strstr(reply, "\r\n\r\n");
    assert(status >= 100 && status <= 599);
    if (!body) {
        return;
    }
    *body = '\0';
    body += strlen("\r\n\r\n");
    if (status == 101) {
        check_handshake(reply);
    }
    const char *length = strcasestr(reply, "\r\nContent-Length: ");
    if (length && strcasestr(reply, "\r\nContent-Type: application/json")) {
        const size_t size = strtoul(length + strlen("\r\nContent-Length: "), NULL, 10);
        // The reply to HEAD has none, and a reset cuts one off.
        if (body[0] == '{' && strlen(body) >= size) {
            json_t *json = json_loadb(body, size, 0, NULL);
            assert(json_is_string(json_object_get(json, "message")));
            json_decref(json);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct http_server *server; // runs to the end of the program
    static char reply[REPLY_SIZE];
    if (size < 1) {
        return 0;
    }
    server = server ? server : start();
    const int client = connect_to(http_server_port(server));
    send_all(client, data + 1, size - 1, data[0] % WRITES_MAX + 1U);
    receive_all(server, client, reply);
    check(reply);
    close(client);
    return 0;
}
