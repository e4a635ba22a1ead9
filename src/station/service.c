// SPDX-License-Identifier: GPL-3.0-or-later
#include "station/service.h"

#include "core/clock.h"
#include "core/log.h"
#include "net/http.h"
#include "station/listeners.h"
#include "station/ogg_listener.h"
#include "station/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STATIONS_MAX = 64 };

struct service {
    struct service_options options;
    int64_t started_ns;
    struct station *stations[STATIONS_MAX];
    size_t count;
    struct listeners *listeners;
    struct http_server *server;
};

static struct station *find_station(const struct service *service, const char *name)
{
    for (size_t i = 0; i < service->count; i++) {
        if (strcmp(station_name(service->stations[i]), name) == 0) {
            return service->stations[i];
        }
    }
    return NULL;
}

static struct http_reply no_station(const struct service *service, const char *name)
{
    char names[256] = "";
    size_t used = 0;
    for (size_t i = 0; i < service->count && used < sizeof names; i++) {
        used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", i ? ", " : "",
                                 station_name(service->stations[i]));
    }
    return http_reply_error(404, "no station \"%.40s\": there are %s", name, names);
}

// A WebSocket that is being opened.
struct opening {
    struct service *service;
    struct listeners_join join;
};

static void opened(void *user, int socket, const uint8_t *extra, size_t extra_size)
{
    struct opening *opening = user;
    opening->join.socket = socket;
    opening->join.extra = extra;
    opening->join.extra_size = extra_size;
    listeners_add(opening->service->listeners, &opening->join);
    free(opening);
}

static struct http_reply upgrade(struct service *service, struct station *station, enum format format, bool score)
{
    struct opening *opening = malloc(sizeof *opening);
    if (!opening) {
        return http_reply_error(503, "out of memory: try again later");
    }
    *opening = (struct opening){.service = service,
                                .join = {.station = station, .format = format, .score = score, .socket = -1}};
    return (struct http_reply){.kind = HTTP_REPLY_UPGRADE, .upgraded = opened, .refused = free, .user = opening};
}

static struct http_reply answer_stream(void *user, const struct http_request *request)
{
    struct service *service = user;
    const char *name = http_request_argument(request, "station");
    const char *form = http_request_argument(request, "format");
    const char *score = http_request_argument(request, "score");
    name = name || service->count == 0 ? name : station_name(service->stations[0]);
    struct station *station = name ? find_station(service, name) : NULL;
    enum format format = FORMAT_OPUS;
    if (!station) {
        return no_station(service, name ? name : "");
    }
    if (form && (format_parse(form, &format) != STATUS_OK || format == FORMAT_OGG)) {
        return http_reply_error(400, "no format \"%.40s\": give opus, pcm or json", form);
    }
    if (listeners_room(service->listeners) == 0) {
        return http_reply_error(503, "all %d places are taken: try again later", LISTENERS_MAX);
    }
    return upgrade(service, station, format, score && strcmp(score, "1") == 0);
}

static struct http_reply answer_ogg(void *user, const struct http_request *request)
{
    static const char suffix[] = ".ogg";
    struct service *service = user;
    const char *rest = http_request_rest(request);
    const size_t length = strlen(rest);
    char name[STATION_NAME_MAX] = "";
    const size_t stem = length > sizeof suffix - 1 ? length - (sizeof suffix - 1) : 0;
    if (stem > 0 && stem < sizeof name && strcmp(rest + stem, suffix) == 0) {
        memcpy(name, rest, stem);
    }
    struct station *station = find_station(service, name);
    if (!station) {
        return no_station(service, stem > 0 ? name : rest);
    }
    const struct http_source source = ogg_listener_source(station);
    if (!source.read) {
        return http_reply_error(503, "out of memory: try again later");
    }
    return (struct http_reply){.kind = HTTP_REPLY_SOURCE, .status = 200, .content_type = "audio/ogg", .source = source};
}

static struct report_subject subject_of(const struct service *service)
{
    return (struct report_subject){.stations = service->stations,
                                   .count = service->count,
                                   .soundfont = service->options.soundfont,
                                   .started_ns = service->started_ns};
}

static struct http_reply answer_status(void *user, const struct http_request *request)
{
    (void)request;
    const struct report_subject subject = subject_of(user);
    return http_reply_buffer(200, "application/json", report_status(&subject));
}

static struct http_reply answer_metrics(void *user, const struct http_request *request)
{
    (void)request;
    const struct report_subject subject = subject_of(user);
    return http_reply_buffer(200, "application/json", report_metrics(&subject));
}

static struct http_reply answer_prometheus(void *user, const struct http_request *request)
{
    (void)request;
    const struct report_subject subject = subject_of(user);
    return http_reply_buffer(200, "text/plain; version=0.0.4", report_prometheus(&subject));
}

static const char *content_type(const char *path)
{
    static const struct {
        const char *suffix;
        const char *type;
    } types[] = {{".html", "text/html; charset=utf-8"},
                 {".js", "text/javascript; charset=utf-8"},
                 {".mjs", "text/javascript; charset=utf-8"},
                 {".css", "text/css; charset=utf-8"},
                 {".svg", "image/svg+xml"},
                 {".png", "image/png"},
                 {".mp3", "audio/mpeg"},
                 {".json", "application/json"},
                 {".webmanifest", "application/manifest+json"},
                 {".wasm", "application/wasm"}};
    const char *dot = strrchr(path, '.');
    for (size_t i = 0; dot && i < sizeof types / sizeof types[0]; i++) {
        if (strcmp(dot, types[i].suffix) == 0) {
            return types[i].type;
        }
    }
    return "text/html; charset=utf-8";
}

static struct http_reply answer_file(void *user, const struct http_request *request)
{
    const struct service *service = user;
    const char *path = http_request_path(request);
    const struct embed *file = embed_find(service->options.files, path);
    if (!file) {
        return http_reply_error(404, "nothing is at %.100s", path);
    }
    struct buffer *body = buffer_new(embed_size(file));
    if (body) {
        memcpy(body->bytes, file->bytes, body->size);
    }
    struct http_reply reply = http_reply_buffer(200, content_type(path), body);
    reply.cache_control = "no-cache";
    return reply;
}

static const struct http_route routes[] = {
    {"GET", "/ws/stream", answer_stream},
    {"GET", "/stream/*", answer_ogg},
    {"GET", "/api/status", answer_status},
    {"GET", "/api/metrics", answer_metrics},
    {"GET", "/metrics", answer_prometheus},
    {"GET", "/*", answer_file},
    {NULL, NULL, NULL},
};

static void published(void *user)
{
    struct service *service = user;
    listeners_wake(service->listeners);
    http_server_wake(service->server);
}

enum status service_new(const struct service_options *options, struct service **out)
{
    struct service *service = calloc(1, sizeof *service);
    if (!service) {
        return STATUS_NO_MEMORY;
    }
    service->options = *options;
    service->started_ns = clock_now_ns();
    *out = service;
    return STATUS_OK;
}

enum status service_add(struct service *service, const struct station_options *station, struct complaint *complaint)
{
    struct station_options options = *station;
    options.published = published;
    options.user = service;
    if (service->count == STATIONS_MAX || find_station(service, station->name)) {
        instrument_free(options.instrument);
        return complain(complaint, STATUS_INVALID,
                        "station \"%.40s\" cannot be added: names are given once, and there are at most %d",
                        station->name, STATIONS_MAX);
    }
    const enum status status = station_new(&options, &service->stations[service->count], complaint);
    service->count += status == STATUS_OK;
    return status;
}

static enum status start_stations(struct service *service, struct complaint *complaint)
{
    for (size_t i = 0; i < service->count; i++) {
        const enum status status = station_start(service->stations[i]);
        if (status != STATUS_OK) {
            return complain(complaint, status, "station %s does not start: %s", station_name(service->stations[i]),
                            status_text(status));
        }
    }
    return STATUS_OK;
}

enum status service_start(struct service *service, struct complaint *complaint)
{
    const struct listeners_options listeners = {
        .presets = service->options.presets, .stations = service->stations, .station_count = service->count};
    enum status status = listeners_new(&listeners, &service->listeners);
    if (status != STATUS_OK) {
        return complain(complaint, status, "the listeners' thread does not start: %s", status_text(status));
    }
    const struct http_options http = {.address = service->options.address,
                                      .port = service->options.port,
                                      .routes = routes,
                                      .user = service,
                                      .origins = service->options.origins,
                                      .connections = LISTENERS_MAX};
    status = http_server_new(&http, &service->server, complaint);
    return status == STATUS_OK ? start_stations(service, complaint) : status;
}

uint16_t service_port(const struct service *service)
{
    return http_server_port(service->server);
}

void service_free(struct service *service)
{
    if (service) {
        // First those who produce, then those who take: nobody is left with a pointer to what is gone.
        for (size_t i = 0; i < service->count; i++) {
            station_ask_to_stop(service->stations[i]);
        }
        for (size_t i = 0; i < service->count; i++) {
            station_stop(service->stations[i]);
        }
        http_server_free(service->server);
        listeners_free(service->listeners);
        for (size_t i = 0; i < service->count; i++) {
            station_free(service->stations[i]);
        }
        free(service);
    }
}
