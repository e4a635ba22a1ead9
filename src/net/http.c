// SPDX-License-Identifier: GPL-3.0-or-later
// libmicrohttpd calls handle_request() once for the headers, once for each piece of a body, and a last time when the
// request is whole; only there is it answered, for an earlier answer would end the connection. What must be remembered
// from one call to the next, and until the connection is over, is an exchange.
//
// libmicrohttpd leaves connections beyond its limit waiting unaccepted, and counts those that are streams, which need
// more room. So the limit is kept here: a few beyond it are told 503, more are closed.
#include "net/http.h"

#include "net/http_connections.h"
#include "net/http_listener.h"
#include "net/http_pulse.h"
#include "net/http_reply.h"
#include "net/http_request.h"
#include "net/http_stream.h"
#include "net/http_upgrade.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    CONNECTIONS_DEFAULT = 1000,
    STREAMS_DEFAULT = 1000,
    CONNECTION_MEMORY = 32768,
    TIMEOUT_SECONDS = 10,
    REQUEST_MS_DEFAULT = 20000,
    CONNECTIONS_A_CLIENT = 256, ///< where the world may connect
    BODY_MAX = 65536,
};

struct http_server {
    struct MHD_Daemon *daemon;
    const struct http_route *routes;
    void *user;
    struct http_origins origins;
    uint16_t port;
    struct http_connections connections;
    struct http_streams *streams;
    unsigned streams_max;
    struct http_pulse pulse;
};

struct exchange {
    size_t body; ///< bytes of the request's body so far
    struct http_upgrade upgrade;
};

static enum MHD_Result queue_stream(struct http_server *server, const struct http_reply *reply,
                                    const struct http_request *request)
{
    struct MHD_Response *response = http_stream_response(server->streams, request->connection, reply);
    if (!response) {
        const struct http_reply refusal = http_reply_error(MHD_HTTP_SERVICE_UNAVAILABLE, "no room: try again later");
        return http_reply_queue(request->connection, &refusal, NULL);
    }
    const struct http_header headers[] = {{"Content-Type", reply->content_type},
                                          {"Cache-Control", reply->cache_control ? reply->cache_control : "no-store"},
                                          {NULL, NULL}};
    enum MHD_Result result = MHD_NO;
    if (http_reply_dress(response, headers) &&
        MHD_set_response_options(response, MHD_RF_HTTP_1_0_SERVER, MHD_RO_END) == MHD_YES) {
        http_connections_lend(&server->connections, request->connection);
        result = MHD_queue_response(request->connection, MHD_HTTP_OK, response);
    }
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result queue_reply(struct http_server *server, struct exchange *exchange,
                                   const struct http_request *request, const struct http_reply *reply)
{
    switch (reply->kind) {
    case HTTP_REPLY_STREAM:
        return queue_stream(server, reply, request);
    case HTTP_REPLY_UPGRADE:
        return http_upgrade_queue(&exchange->upgrade, reply, request, &server->origins);
    case HTTP_REPLY_BODY:
        break;
    }
    return http_reply_queue(request->connection, reply, NULL);
}

// What stands behind the route's '*', "" for an exact fit, or NULL.
static const char *match_path(const char *pattern, const char *path)
{
    const size_t size = strlen(pattern);
    if (size > 0 && pattern[size - 1] == '*') {
        return strncmp(pattern, path, size - 1) == 0 ? path + size - 1 : NULL;
    }
    return strcmp(pattern, path) == 0 ? "" : NULL;
}

static bool match_method(const char *pattern, const char *method)
{
    return strcmp(pattern, method) == 0 || (strcmp(pattern, "GET") == 0 && strcmp(method, "HEAD") == 0);
}

static enum MHD_Result refuse_method(const struct http_request *request, const struct http_route *other)
{
    const struct http_header allow[] = {{"Allow", strcmp(other->method, "GET") == 0 ? "GET, HEAD" : other->method},
                                        {NULL, NULL}};
    const struct http_reply reply = http_reply_error(MHD_HTTP_METHOD_NOT_ALLOWED, "%s is not for %s here: use %s",
                                                     request->method, request->path, other->method);
    return http_reply_queue(request->connection, &reply, allow);
}

static enum MHD_Result route(struct http_server *server, struct exchange *exchange, struct http_request *request)
{
    const struct http_route *other = NULL;
    for (const struct http_route *route = server->routes; route->method; route++) {
        const char *rest = match_path(route->path, request->path);
        if (rest && match_method(route->method, request->method)) {
            request->rest = rest;
            enum MHD_Result refused = MHD_NO;
            if (route->upgrades && http_request_is_upgrade(request) &&
                http_upgrade_refuses(request, &server->origins, &refused)) {
                return refused;
            }
            const struct http_reply reply = route->handler(server->user, request);
            return queue_reply(server, exchange, request, &reply);
        }
        other = rest ? route : other;
    }
    if (other) {
        return refuse_method(request, other);
    }
    const struct http_reply reply = http_reply_error(MHD_HTTP_NOT_FOUND, "there is nothing at %s", request->path);
    return http_reply_queue(request->connection, &reply, NULL);
}

static enum MHD_Result refuse_connection(struct MHD_Connection *connection)
{
    static const struct http_header close_it[] = {{"Connection", "close"}, {"Retry-After", "10"}, {NULL, NULL}};
    const struct http_reply reply =
        http_reply_error(MHD_HTTP_SERVICE_UNAVAILABLE, "too many connections: try again later");
    return http_reply_queue(connection, &reply, close_it);
}

static bool announces_too_much(struct MHD_Connection *connection)
{
    const char *length = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Content-Length");
    return length && strtoull(length, NULL, 10) > BODY_MAX;
}

static enum MHD_Result begin_exchange(struct MHD_Connection *connection, void **exchange)
{
    *exchange = calloc(1, sizeof(struct exchange));
    if (!*exchange) {
        return MHD_NO;
    }
    if (!announces_too_much(connection)) {
        return MHD_YES;
    }
    const struct http_reply reply =
        http_reply_error(MHD_HTTP_CONTENT_TOO_LARGE, "a request may bring at most %d bytes", BODY_MAX);
    return http_reply_queue(connection, &reply, NULL);
}

static enum MHD_Result handle_request(void *user, struct MHD_Connection *connection, const char *path,
                                      const char *method, const char *version, const char *body, size_t *body_size,
                                      void **context)
{
    (void)body;
    struct http_server *server = user;
    struct exchange *exchange = *context;
    http_pulse_beat(&server->pulse);
    if (!exchange) {
        return begin_exchange(connection, context);
    }
    if (*body_size > 0) {
        exchange->body += *body_size;
        *body_size = 0;
        return exchange->body > BODY_MAX ? MHD_NO : MHD_YES;
    }
    http_connections_have_request(&server->connections, connection);
    if (http_connections_refuses(connection)) {
        return refuse_connection(connection);
    }
    struct http_request request = {
        .connection = connection, .method = method, .version = version, .path = path, .rest = ""};
    return route(server, exchange, &request);
}

static void finish_exchange(void *user, struct MHD_Connection *connection, void **context,
                            enum MHD_RequestTerminationCode why)
{
    (void)why;
    struct http_server *server = user;
    struct exchange *exchange = *context;
    *context = NULL;
    if (!exchange) {
        return;
    }
    http_upgrade_done(&exchange->upgrade);
    if (!exchange->upgrade.upgraded) {
        http_connections_want_request(&server->connections, connection);
    }
    free(exchange);
}

static void notify_connection(void *user, struct MHD_Connection *connection, void **context,
                              enum MHD_ConnectionNotificationCode what)
{
    struct http_server *server = user;
    http_pulse_beat(&server->pulse);
    http_connections_notify(&server->connections, connection, context, what);
}

// Signals are the owner's to handle: libmicrohttpd's thread starts with all of them blocked.
static struct MHD_Daemon *start_daemon(struct http_server *server, int listener)
{
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    struct MHD_Daemon *daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC | MHD_ALLOW_UPGRADE | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL,
        handle_request, server, MHD_OPTION_LISTEN_SOCKET, listener, MHD_OPTION_CONNECTION_LIMIT,
        server->connections.limit + server->streams_max + 2 * HTTP_CONNECTIONS_REFUSED, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)TIMEOUT_SECONDS, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
        MHD_OPTION_NOTIFY_COMPLETED, finish_exchange, server, MHD_OPTION_NOTIFY_CONNECTION, notify_connection, server,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return daemon;
}

enum status http_server_new(const struct http_options *options, struct http_server **out, struct complaint *complaint)
{
    struct http_server *server = calloc(1, sizeof *server);
    const unsigned limit = options->connections ? options->connections : CONNECTIONS_DEFAULT;
    const unsigned request_ms = options->request_ms ? options->request_ms : REQUEST_MS_DEFAULT;
    if (!server || http_connections_init(&server->connections, limit, request_ms) != STATUS_OK) {
        free(server);
        return complain(complaint, STATUS_NO_MEMORY, "no memory for an HTTP server");
    }
    server->streams_max = options->streams ? options->streams : STREAMS_DEFAULT;
    server->routes = options->routes;
    server->user = options->user;

    int listener = -1;
    enum status status = http_streams_new(&server->pulse, server->streams_max, &server->streams);
    if (status != STATUS_OK) {
        (void)complain(complaint, status, "no memory for an HTTP server");
        goto fail;
    }
    status = http_listener_open(options->address, options->port, &listener, complaint);
    if (status != STATUS_OK) {
        goto fail;
    }
    server->port = http_listener_port(listener);
    server->origins = (struct http_origins){
        .allows = options->allows_origin, .user = options->user, .local = http_listener_local(listener)};
    if (!server->origins.local) {
        status = http_connections_limit_addresses(&server->connections, CONNECTIONS_A_CLIENT);
    }
    if (status != STATUS_OK) {
        (void)close(listener);
        (void)complain(complaint, status, "no memory for an HTTP server");
        goto fail;
    }
    // The listener is libmicrohttpd's from here on: it closes it, also when it does not start.
    server->daemon = start_daemon(server, listener);
    if (!server->daemon) {
        status = complain(complaint, STATUS_IO, "the HTTP server does not start: %s", strerror(errno));
        goto fail;
    }
    *out = server;
    return STATUS_OK;

fail:
    http_server_free(server);
    return status;
}

bool http_server_alive(struct http_server *server, int quiet_ms, int timeout_ms)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_LISTEN_FD);
    return http_pulse_felt(&server->pulse, info->listen_fd, quiet_ms, timeout_ms);
}

uint16_t http_server_port(const struct http_server *server)
{
    return server->port;
}

void http_server_tend(struct http_server *server)
{
    http_connections_check(&server->connections);
}

void http_server_free(struct http_server *server)
{
    if (!server) {
        return;
    }
    if (server->streams) {
        http_streams_stop(server->streams);
    }
    if (server->daemon) {
        MHD_stop_daemon(server->daemon);
    }
    http_streams_free(server->streams);
    http_connections_done(&server->connections);
    free(server);
}
