// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/exporter.h"

#include "net/http.h"
#include "session/session.h"

#include <stdlib.h>

struct exporter {
    const struct session *session;
    struct http_server *server;
};

static struct http_reply answer(void *user, const struct http_request *request)
{
    (void)request;
    const struct exporter *exporter = user;
    char *text = session_metrics(exporter->session);
    const struct http_reply reply = text ? http_reply_text(200, "text/plain; version=0.0.4; charset=utf-8", text)
                                         : http_reply_error(503, "%s", status_text(STATUS_NO_MEMORY));
    free(text);
    return reply;
}

static const struct http_route routes[] = {{.method = "GET", .path = "/metrics", .handler = answer}, {.method = NULL}};

enum status exporter_new(const struct session *session, uint16_t port, struct exporter **out,
                         struct complaint *complaint)
{
    *out = NULL;
    struct exporter *exporter = calloc(1, sizeof *exporter);
    if (!exporter) {
        return complain(complaint, STATUS_NO_MEMORY, "out of memory");
    }
    exporter->session = session;
    const struct http_options options = {
        .address = "127.0.0.1", .port = port, .routes = routes, .user = exporter, .connections = 16};
    const enum status status = http_server_new(&options, &exporter->server, complaint);
    if (status != STATUS_OK) {
        free(exporter);
        return status;
    }
    *out = exporter;
    return STATUS_OK;
}

void exporter_free(struct exporter *exporter)
{
    if (exporter) {
        http_server_free(exporter->server);
        free(exporter);
    }
}

uint16_t exporter_port(const struct exporter *exporter)
{
    return http_server_port(exporter->server);
}

void exporter_tend(struct exporter *exporter)
{
    http_server_tend(exporter->server);
}
