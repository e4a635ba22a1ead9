// SPDX-License-Identifier: GPL-3.0-or-later
#include "server.h"

#include "client.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>
// cmocka wants the standard headers above before it.
#include <cmocka.h>

static const char key_headers[] = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                                  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

static struct http_reply hello(void *user, const struct http_request *request)
{
    (void)user;
    (void)request;
    struct http_reply reply = http_reply_text(200, "text/plain", "hello");
    reply.cache_control = "max-age=60";
    return reply;
}

static struct http_reply hold(void *user, const struct http_request *request)
{
    (void)request;
    struct fixture *fixture = user;
    atomic_store(&fixture->held, 1);
    while (atomic_load(&fixture->held)) {
        usleep(1000);
    }
    return http_reply_text(200, "text/plain", "at last");
}

static struct http_reply rest(void *user, const struct http_request *request)
{
    (void)user;
    return http_reply_text(200, "text/plain", http_request_rest(request));
}

static struct http_reply arguments(void *user, const struct http_request *request)
{
    (void)user;
    const char *a = http_request_argument(request, "a");
    const char *header = http_request_header(request, "x-thing");
    char text[256];
    (void)snprintf(text, sizeof text, "[%s][%s][%s]", a ? a : "none", header ? header : "none",
                   http_request_path(request));
    return http_reply_text(200, "text/plain", text);
}

static struct http_reply no_body(void *user, const struct http_request *request)
{
    (void)user;
    (void)request;
    return http_reply_buffer(200, "text/plain", NULL);
}

static struct http_reply empty(void *user, const struct http_request *request)
{
    (void)user;
    (void)request;
    return http_reply_buffer(204, "text/plain", buffer_new(0));
}

static struct http_reply complain_of_argument(void *user, const struct http_request *request)
{
    (void)user;
    return http_reply_error(400, "bad \"%s\"\n", http_request_argument(request, "a"));
}

static void on_upgraded(void *user, int socket, const uint8_t *extra, size_t extra_size)
{
    struct fixture *fixture = user;
    const size_t size = extra_size < sizeof fixture->extra ? extra_size : sizeof fixture->extra - 1;
    memcpy(fixture->extra, extra ? extra : (const uint8_t *)"", size);
    fixture->extra[size] = '\0';
    if (fixture->keep_sockets) {
        atomic_store(&fixture->socket, socket);
    } else {
        close(socket);
    }
    atomic_fetch_add(&fixture->upgraded, 1);
}

static void on_stream(void *user, int socket, struct http_stream *stream)
{
    struct fixture *fixture = user;
    if (fixture->keep_sockets) {
        atomic_store(&fixture->socket, socket);
        atomic_store(&fixture->stream, stream);
    } else {
        close(socket);
        http_stream_end(stream);
    }
    atomic_fetch_add(&fixture->streams, 1);
}

static void on_refused(void *user)
{
    struct fixture *fixture = user;
    atomic_fetch_add(&fixture->refused, 1);
}

static struct http_reply stream(void *user, const struct http_request *request)
{
    (void)request;
    struct fixture *fixture = user;
    atomic_fetch_add(&fixture->asked, 1);
    return (struct http_reply){.kind = HTTP_REPLY_STREAM,
                               .content_type = "audio/ogg",
                               .streams = on_stream,
                               .refused = on_refused,
                               .user = user};
}

static struct http_reply upgrade(void *user, const struct http_request *request)
{
    (void)request;
    return (struct http_reply){
        .kind = HTTP_REPLY_UPGRADE, .upgraded = on_upgraded, .refused = on_refused, .user = user};
}

const struct http_route server_routes[] = {
    {.method = "GET", .path = "/hello", .handler = hello},
    {.method = "POST", .path = "/post", .handler = hello},
    {.method = "GET", .path = "/files/*", .handler = rest},
    {.method = "GET", .path = "/args", .handler = arguments},
    {.method = "GET", .path = "/null", .handler = no_body},
    {.method = "GET", .path = "/empty", .handler = empty},
    {.method = "GET", .path = "/bad", .handler = complain_of_argument},
    {.method = "GET", .path = "/hold", .handler = hold},
    {.method = "GET", .path = "/stream", .handler = stream},
    {.method = "GET", .path = "/ws", .handler = upgrade},
    {.method = NULL},
};

static bool allows_friend(void *user, const char *origin)
{
    (void)user;
    return strcmp(origin, "https://friend.example") == 0;
}

struct fixture *fixture_new_with(struct http_options options)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    assert_non_null(fixture);
    options.address = options.address ? options.address : "127.0.0.1";
    options.routes = server_routes;
    options.user = fixture;
    options.allows_origin = allows_friend;
    struct complaint complaint;
    assert_int_equal(http_server_new(&options, &fixture->server, &complaint), STATUS_OK);
    fixture->port = http_server_port(fixture->server);
    assert_true(fixture->port > 0);
    return fixture;
}

struct fixture *fixture_new(unsigned connections)
{
    return fixture_new_with((struct http_options){.connections = connections});
}

void fixture_free(struct fixture *fixture)
{
    http_server_free(fixture->server);
    free(fixture);
}

int ask(struct fixture *fixture, const char *request)
{
    return client_ask(fixture->port, request, fixture->reply, sizeof fixture->reply);
}

int ask_line(struct fixture *fixture, const char *line)
{
    char request[4096];
    (void)snprintf(request, sizeof request, "%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", line);
    return ask(fixture, request);
}

const char *body_of(const char *reply)
{
    const char *end = strstr(reply, "\r\n\r\n");
    assert_non_null(end);
    return end + 4;
}

bool wait_for(const atomic_int *counter, int value)
{
    for (int i = 0; i < 20000 && atomic_load(counter) < value; i++) {
        usleep(1000);
    }
    return atomic_load(counter) == value;
}

void expect_json_error(const char *reply, const char *part)
{
    assert_non_null(strcasestr(reply, "content-type: application/json\r\n"));
    json_t *json = json_loads(body_of(reply), 0, NULL);
    assert_non_null(json);
    assert_string_equal(json_string_value(json_object_get(json, "type")), "error");
    assert_non_null(strstr(json_string_value(json_object_get(json, "message")), part));
    json_decref(json);
}

void expect_security_headers(const char *reply)
{
    static const char *const headers[] = {"cross-origin-opener-policy: same-origin\r\n",
                                          "cross-origin-embedder-policy: require-corp\r\n",
                                          "cross-origin-resource-policy: same-origin\r\n",
                                          "content-security-policy: default-src 'self'; ",
                                          "frame-ancestors 'none'",
                                          "x-content-type-options: nosniff\r\n",
                                          "referrer-policy: no-referrer\r\n"};
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        assert_non_null(strcasestr(reply, headers[i]));
    }
}

int open_websocket(struct fixture *fixture, const char *behind)
{
    char request[1024];
    (void)snprintf(request, sizeof request, "GET /ws HTTP/1.1\r\nHost: x\r\n%s\r\n%s", key_headers, behind);
    const int client = client_connect(fixture->port);
    client_send(client, request, strlen(request));
    client_receive_head(client, fixture->reply, sizeof fixture->reply);
    assert_int_equal(client_status(fixture->reply), 101);
    return client;
}

int ask_for_stream(struct fixture *fixture, const char *request, int *status)
{
    const int client = client_connect(fixture->port);
    client_send(client, request, strlen(request));
    client_receive_head(client, fixture->reply, sizeof fixture->reply);
    *status = client_status(fixture->reply);
    return client;
}

int open_stream(struct fixture *fixture)
{
    int status = 0;
    const int client = ask_for_stream(fixture, "GET /stream HTTP/1.0\r\n\r\n", &status);
    assert_int_equal(status, 200);
    assert_non_null(strcasestr(fixture->reply, "content-type: audio/ogg\r\n"));
    expect_security_headers(fixture->reply);
    return client;
}
