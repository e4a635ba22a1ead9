// SPDX-License-Identifier: GPL-3.0-or-later
#include "station/service.h"

#include "core/clock.h"
#include "core/log.h"
#include "net/addresses.h"
#include "net/http.h"
#include "station/admission.h"
#include "station/health.h"
#include "station/listeners.h"
#include "station/policy.h"
#include "station/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CONNECTIONS = 2000 }; // for pages, and those that are on their way to a WebSocket or a stream

struct service {
    struct service_options options;
    _Atomic uint64_t refused_full;    ///< listeners, for all places were taken
    _Atomic uint64_t refused_address; ///< for their address had as many as it may
    int64_t started_ns;
    struct stations *stations;
    struct addresses *addresses;
    struct policy *policy;
    struct admission *admission;
    int64_t added_ns; ///< when the last shared station was added, on clock_now_ns()
    struct listeners *listeners;
    struct http_server *server;
};

static struct http_reply no_station(const struct service *service, const char *name)
{
    char names[256] = "";
    size_t used = 0;
    for (size_t i = 0; i < stations_count(service->stations) && used < sizeof names; i++) {
        used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", i ? ", " : "",
                                 station_name(stations_at(service->stations, i)));
    }
    return http_reply_error(404, "no station \"%.40s\": there are %s", name, names);
}

// A WebSocket that is being opened.
struct opening {
    struct service *service;
    struct listeners_join join;
    bool is_fresh;            ///< its private station was made for it
    struct complaint refusal; ///< where it is opened only to say this
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

static void drop(struct service *service, const struct listeners_join *join)
{
    stations_entry_unref(join->entry);
    addresses_leave(service->addresses, &join->address);
}

// A private station that was made for it is of no use to anybody.
static void not_opened(void *user)
{
    struct opening *opening = user;
    if (opening->is_fresh) {
        stations_entry_forget(opening->join.entry);
        opening->join.entry = NULL;
    }
    drop(opening->service, &opening->join);
    free(opening);
}

// \p join's entry goes over; without one, \p refusal says why.
static struct http_reply upgrade(struct service *service, const struct listeners_join *join, bool is_fresh,
                                 const struct complaint *refusal)
{
    struct opening *opening = malloc(sizeof *opening);
    if (!opening) {
        drop(service, join);
        return http_reply_error(503, "out of memory: try again later");
    }
    *opening = (struct opening){.service = service, .join = *join, .is_fresh = is_fresh, .refusal = *refusal};
    opening->join.socket = -1;
    opening->join.refusal = opening->refusal.text;
    if (join->entry) {
        station_wake(join->entry->station);
    }
    return (struct http_reply){.kind = HTTP_REPLY_UPGRADE, .upgraded = opened, .refused = not_opened, .user = opening};
}

static struct http_reply answer_private(struct service *service, const struct http_request *request,
                                        struct listeners_join join)
{
    struct complaint refusal = {""};
    bool is_fresh = false;
    join.controls = true;
    const enum status status =
        admission_open(service->admission, http_request_argument(request, "resume"),
                       http_request_argument(request, "preset"), &join.entry, &is_fresh, &refusal);
    if (status == STATUS_UNKNOWN || status == STATUS_INVALID) {
        drop(service, &join);
        return http_reply_error(400, "%s", refusal.text);
    }
    if (status != STATUS_OK) {
        log_write(LOG_LEVEL_INFO, "private_station_refused", "reason=%s", refusal.text);
    }
    return upgrade(service, &join, is_fresh, &refusal);
}

static struct http_reply answer_shared(struct service *service, const struct http_request *request, const char *name,
                                       struct listeners_join join)
{
    const char *resume = http_request_argument(request, "resume");
    char *end = NULL;
    join.entry = stations_hold(service->stations, name);
    if (!join.entry) {
        drop(service, &join);
        return no_station(service, name ? name : "");
    }
    join.controls = policy_may_control(service->policy, http_request_argument(request, "token"));
    join.resume = resume ? (uint32_t)strtoul(resume, &end, 10) : 0;
    join.resumes = resume && end != resume && *end == '\0';
    return upgrade(service, &join, false, &(struct complaint){""});
}

static bool is_station(struct service *service, const char *name)
{
    struct stations_entry *entry = stations_hold(service->stations, name);
    stations_entry_unref(entry);
    return entry;
}

// Counts a listener in at its address, where there is room; else why not.
static bool enter(struct service *service, const struct http_request *request, struct listeners_join *join,
                  struct http_reply *refusal)
{
    if (listeners_room(service->listeners) == 0) {
        atomic_fetch_add_explicit(&service->refused_full, 1, memory_order_relaxed);
        *refusal = http_reply_error(503, "all places are taken: try again later");
        return false;
    }
    const struct sockaddr *peer = http_request_peer(request);
    join->address = peer ? address_of(peer) : join->address;
    if (!addresses_enter(service->addresses, &join->address)) {
        atomic_fetch_add_explicit(&service->refused_address, 1, memory_order_relaxed);
        *refusal = http_reply_error(429, "too many listeners from this address: close some first");
        return false;
    }
    return true;
}

static struct http_reply answer_stream(void *user, const struct http_request *request)
{
    struct service *service = user;
    const char *name = http_request_argument(request, "station");
    const char *form = http_request_argument(request, "format");
    const char *score = http_request_argument(request, "score");
    struct listeners_join join = {.format = FORMAT_OPUS, .score = score && strcmp(score, "1") == 0};
    if (form && (format_parse(form, &join.format) != STATUS_OK || join.format == FORMAT_OGG)) {
        return http_reply_error(400, "no format \"%.40s\": give opus, pcm or json", form);
    }
    const bool is_private = name && strcmp(name, "private") == 0;
    struct http_reply refusal;
    if (!enter(service, request, &join, &refusal)) {
        return refusal;
    }
    if (!http_request_is_upgrade(request)) {
        addresses_leave(service->addresses, &join.address);
        return is_private || is_station(service, name) ? (struct http_reply){.kind = HTTP_REPLY_UPGRADE}
                                                       : no_station(service, name ? name : "");
    }
    return is_private ? answer_private(service, request, join) : answer_shared(service, request, name, join);
}

static void streams(void *user, int socket, struct http_stream *stream)
{
    struct opening *opening = user;
    opening->join.socket = socket;
    opening->join.stream = stream;
    listeners_add(opening->service->listeners, &opening->join);
    free(opening);
}

static struct http_reply stream(struct service *service, const struct listeners_join *join)
{
    struct opening *opening = malloc(sizeof *opening);
    if (!opening) {
        drop(service, join);
        return http_reply_error(503, "out of memory: try again later");
    }
    *opening = (struct opening){.service = service, .join = *join};
    return (struct http_reply){.kind = HTTP_REPLY_STREAM,
                               .content_type = "audio/ogg",
                               .streams = streams,
                               .refused = not_opened,
                               .user = opening};
}

// The name in "NAME.ogg"; false where there is none.
static bool name_of_ogg(const char *file, char name[static STATION_NAME_MAX])
{
    static const char suffix[] = ".ogg";
    const size_t length = strlen(file);
    const size_t stem = length > sizeof suffix - 1 ? length - (sizeof suffix - 1) : 0;
    if (stem == 0 || stem >= STATION_NAME_MAX || strcmp(file + stem, suffix) != 0) {
        return false;
    }
    memcpy(name, file, stem);
    name[stem] = '\0';
    return true;
}

static struct http_reply answer_ogg(void *user, const struct http_request *request)
{
    struct service *service = user;
    const char *file = http_request_rest(request);
    char name[STATION_NAME_MAX];
    const bool is_ogg = name_of_ogg(file, name);
    struct listeners_join join = {.format = FORMAT_OGG,
                                  .entry = is_ogg ? stations_hold(service->stations, name) : NULL};
    if (!join.entry) {
        return no_station(service, is_ogg ? name : file);
    }
    struct http_reply refusal;
    if (!enter(service, request, &join, &refusal)) {
        stations_entry_unref(join.entry);
        return refusal;
    }
    return stream(service, &join);
}

static struct report_subject subject_of(struct service *service)
{
    return (struct report_subject){.stations = service->stations,
                                   .soundfont = service->options.soundfont,
                                   .started_ns = service->started_ns,
                                   .private_left = admission_room(service->admission),
                                   .private_refused = admission_refused(service->admission),
                                   .refused_full = atomic_load(&service->refused_full),
                                   .refused_address = atomic_load(&service->refused_address)};
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
    {.method = "GET", .path = "/ws/stream", .handler = answer_stream, .upgrades = true},
    {.method = "GET", .path = "/stream/*", .handler = answer_ogg},
    {.method = "GET", .path = "/api/status", .handler = answer_status},
    {.method = "GET", .path = "/api/metrics", .handler = answer_metrics},
    {.method = "GET", .path = "/metrics", .handler = answer_prometheus},
    {.method = "GET", .path = "/*", .handler = answer_file},
    {.method = NULL},
};

static void published(void *user, uint32_t shards)
{
    struct service *service = user;
    listeners_wake(service->listeners, shards);
}

static bool allows_origin(void *user, const char *origin)
{
    const struct service *service = user;
    return policy_allows_origin(service->policy, origin);
}

static struct policy_rules rules_of(const struct service_options *options)
{
    return (struct policy_rules){.origins = options->origins,
                                 .control_token = options->control_token,
                                 .private_max = options->private_max,
                                 .per_address = options->per_address};
}

enum status service_new(const struct service_options *options, struct service **out)
{
    struct service *service = calloc(1, sizeof *service);
    if (!service) {
        return STATUS_NO_MEMORY;
    }
    service->options = *options;
    service->started_ns = clock_now_ns();
    service->stations = stations_new(
        &(struct stations_options){.published = published, .user = service, .forget_ms = options->forget_ms});
    service->addresses = addresses_new(options->per_address);
    const struct policy_rules rules = rules_of(options);
    enum status status =
        service->stations && service->addresses ? policy_new(&rules, &service->policy) : STATUS_NO_MEMORY;
    if (status == STATUS_OK) {
        const struct admission_options admission = {.stations = service->stations,
                                                    .policy = service->policy,
                                                    .make = options->make_private,
                                                    .user = options->make_user};
        status = admission_new(&admission, &service->admission);
    }
    if (status != STATUS_OK) {
        service_free(service);
        return status;
    }
    *out = service;
    return STATUS_OK;
}

enum status service_add(struct service *service, const struct station_options *station, struct complaint *complaint)
{
    const enum status status = stations_add(service->stations, station, complaint);
    service->added_ns = status == STATUS_OK ? clock_now_ns() : service->added_ns;
    return status;
}

static unsigned streams_max(const struct service_options *options)
{
    return options->streams_max > 0     ? options->streams_max
           : options->listeners_max > 0 ? options->listeners_max
                                        : LISTENERS_MAX;
}

enum status service_start(struct service *service, struct complaint *complaint)
{
    const struct listeners_options listeners = {.presets = service->options.presets,
                                                .stations = service->stations,
                                                .addresses = service->addresses,
                                                .most = service->options.listeners_max,
                                                .shards = service->options.shards,
                                                .singly = service->options.singly};
    enum status status = listeners_new(&listeners, &service->listeners);
    if (status != STATUS_OK) {
        return complain(complaint, status, "the listeners' threads do not start: %s", status_text(status));
    }
    const struct http_options http = {.address = service->options.address,
                                      .port = service->options.port,
                                      .routes = routes,
                                      .user = service,
                                      .allows_origin = allows_origin,
                                      .connections = CONNECTIONS,
                                      .streams = streams_max(&service->options)};
    status = http_server_new(&http, &service->server, complaint);
    return status == STATUS_OK ? stations_start(service->stations, complaint) : status;
}

enum status service_reload(struct service *service, const struct service_options *options, struct complaint *complaint)
{
    const struct policy_rules rules = rules_of(options);
    if (policy_set(service->policy, &rules) != STATUS_OK) {
        return complain(complaint, STATUS_NO_MEMORY, "out of memory");
    }
    addresses_limit(service->addresses, options->per_address);
    return STATUS_OK;
}

enum status service_health(struct service *service, struct complaint *complaint)
{
    struct station *stations[STATIONS_SHARED_MAX];
    const size_t count = stations_count(service->stations);
    for (size_t i = 0; i < count; i++) {
        stations[i] = stations_at(service->stations, i);
    }
    return health_check(stations, count, service->added_ns, service->server, &health_limits_usual, complaint);
}

void service_count(struct service *service, size_t *stations, size_t *listeners)
{
    *stations = stations_count(service->stations);
    *listeners = stations_private(service->stations).held;
    for (size_t i = 0; i < *stations; i++) {
        *listeners += metrics_listeners(station_metrics(stations_at(service->stations, i)));
    }
}

uint16_t service_port(const struct service *service)
{
    return http_server_port(service->server);
}

void service_tend(struct service *service)
{
    size_t stations = 0;
    size_t listeners = 0;
    service_count(service, &stations, &listeners);
    admission_measure(service->admission, listeners);
    stations_tend(service->stations);
    http_server_tend(service->server);
}

void service_free(struct service *service)
{
    if (service) {
        // First those who produce, then those who take: nobody is left with a pointer to what is gone.
        if (service->stations) {
            stations_stop(service->stations);
        }
        http_server_free(service->server);
        listeners_free(service->listeners);
        stations_free(service->stations);
        addresses_free(service->addresses);
        admission_free(service->admission);
        policy_free(service->policy);
        free(service);
    }
}
