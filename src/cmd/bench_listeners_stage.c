// SPDX-License-Identifier: GPL-3.0-or-later
#include "cmd/bench_listeners_stage.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char OWN_STATIONS[] = "s1,s2,s3,s4,s5,s6,s7,s8";
static const char PRIVATE[] = "private";
static const char PLACE[] = "{station}";

enum { LIST_SIZE = 16384 };

static enum status add_station(struct load_stage *stage, const char *name, struct complaint *complaint)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    if (!*name || strlen(name) >= STAGE_STATION_SIZE || strspn(name, allowed) != strlen(name)) {
        return complain(complaint, STATUS_INVALID, "\"%.60s\" is no name of a station: give letters, digits, - and _",
                        name);
    }
    if (stage->station_count == STAGE_STATIONS) {
        return complain(complaint, STATUS_FULL, "--stations takes at most %d", STAGE_STATIONS);
    }
    (void)snprintf(stage->stations[stage->station_count++], STAGE_STATION_SIZE, "%s", name);
    return STATUS_OK;
}

static enum status read_list(struct load_stage *stage, const char *list, struct complaint *complaint)
{
    char *copy = strdup(list);
    if (!copy) {
        return complain(complaint, STATUS_NO_MEMORY, "out of memory");
    }
    enum status status = STATUS_OK;
    char *rest = NULL;
    for (char *item = strtok_r(copy, ", ", &rest); item && status == STATUS_OK; item = strtok_r(NULL, ", ", &rest)) {
        status = add_station(stage, item, complaint);
    }
    free(copy);
    if (status == STATUS_OK && stage->station_count == 0) {
        status = complain(complaint, STATUS_INVALID, "--stations is empty: give a name, such as main");
    }
    return status;
}

// The stations that the server at the URL says it has.
static enum status ask_stations(struct load_stage *stage, struct complaint *complaint)
{
    char *text = load_url_get(&stage->url, "/api/status", complaint);
    if (!text) {
        return STATUS_CLOSED;
    }
    json_t *json = json_loads(text, 0, NULL);
    free(text);
    enum status status = STATUS_OK;
    size_t index = 0;
    json_t *station = NULL;
    json_array_foreach(json_object_get(json, "stations"), index, station)
    {
        const char *name = json_string_value(json_object_get(station, "station"));
        if (status == STATUS_OK && name) {
            status = add_station(stage, name, complaint);
        }
    }
    json_decref(json);
    if (status == STATUS_OK && stage->station_count == 0) {
        return complain(complaint, STATUS_UNSUPPORTED, "the server names no stations: name them with --stations");
    }
    return status;
}

// The stations of --stations that are shared, or one.
static void list_shared(const struct load_stage *stage, char list[LIST_SIZE])
{
    size_t length = 0;
    list[0] = '\0';
    for (size_t i = 0; i < stage->station_count; i++) {
        const char *name = stage->stations[i];
        if (strcmp(name, PRIVATE) != 0 && length + strlen(name) + 2 < LIST_SIZE) {
            length += (size_t)snprintf(list + length, LIST_SIZE - length, "%s%s", length > 0 ? "," : "", name);
        }
    }
    if (length == 0) {
        (void)snprintf(list, LIST_SIZE, "main");
    }
}

// "Tutti plays at http://127.0.0.1:8080/".
static enum status start_server(struct load_stage *stage, struct complaint *complaint)
{
    static const char scheme[] = "http://";
    char list[LIST_SIZE];
    char line[256] = "";
    list_shared(stage, list);
    const char *const argv[] = {
        "/proc/self/exe", "serve", "--address",   "127.0.0.1", "--port", "0", "--stations", list,
        "--speed",        "1",     "--log-level", "warning",   NULL};
    const enum status status = child_start(argv, line, sizeof line, &stage->server, complaint);
    if (status != STATUS_OK) {
        return status;
    }
    char *address = strstr(line, scheme);
    if (!address) {
        return complain(complaint, STATUS_CORRUPT, "the server says no address, but \"%.100s\"", line);
    }
    address += strlen(scheme);
    address[strcspn(address, "/")] = '\0';
    (void)snprintf(stage->address, sizeof stage->address, "ws://%s/ws/stream", address);
    return STATUS_OK;
}

static enum status find_server(struct load_stage *stage, const struct load_stage_options *options,
                               struct complaint *complaint)
{
    const char *given = options->url;
    const char *list = options->stations;
    struct load_url *url = &stage->url;
    enum status status = given ? load_url_parse(given, url, complaint) : STATUS_OK;
    if (status == STATUS_OK && (list || !given)) {
        status = read_list(stage, list ? list : OWN_STATIONS, complaint);
    }
    if (status == STATUS_OK && !given) {
        status = start_server(stage, complaint);
        status = status == STATUS_OK ? load_url_parse(stage->address, url, complaint) : status;
    }
    if (status == STATUS_OK) {
        status = load_url_reach(url, complaint);
    }
    const bool asks = url->websocket || strstr(url->target, PLACE);
    return status == STATUS_OK && stage->station_count == 0 && asks ? ask_stations(stage, complaint) : status;
}

// What a listener of `station` asks for; false where it is too long.
static bool make_target(const struct load_stage *stage, const char *format, const char *station,
                        char target[URL_TARGET_SIZE])
{
    const struct load_url *url = &stage->url;
    const char *path = strcmp(url->target, "/") == 0 ? "/ws/stream" : url->target;
    const char *place = strstr(url->target, PLACE);
    const int before = (int)(place ? place - url->target : (long)strlen(url->target));
    int size = 0;
    if (url->websocket) {
        size = snprintf(target, URL_TARGET_SIZE, "%s%cstation=%s&format=%s", path, strchr(url->target, '?') ? '&' : '?',
                        station, format);
    } else {
        size = snprintf(target, URL_TARGET_SIZE, "%.*s%s%s", before, url->target, place ? station : "",
                        place ? place + strlen(PLACE) : "");
    }
    return size < URL_TARGET_SIZE;
}

static enum status make_targets(struct load_stage *stage, const char *format, struct complaint *complaint)
{
    // An Ogg stream may be none of a station's.
    stage->target_count = stage->station_count > 0 ? stage->station_count : 1;
    for (size_t i = 0; i < stage->target_count; i++) {
        if (!make_target(stage, format, stage->stations[i], stage->targets[i])) {
            return complain(complaint, STATUS_INVALID, "--url is too long: give at most %d bytes", URL_TARGET_SIZE / 2);
        }
    }
    return STATUS_OK;
}

bool load_stage_private(const struct load_stage *stage)
{
    return stage->url.websocket && stage->station_count == 1 && strcmp(stage->stations[0], PRIVATE) == 0;
}

enum status load_stage_new(const struct load_stage_options *options, struct load_stage **out,
                           struct complaint *complaint)
{
    struct load_stage *stage = calloc(1, sizeof *stage);
    if (!stage) {
        return complain(complaint, STATUS_NO_MEMORY, "out of memory");
    }
    stage->server.output = -1;
    enum status status = find_server(stage, options, complaint);
    if (status == STATUS_OK) {
        status = make_targets(stage, options->format, complaint);
    }
    if (status != STATUS_OK) {
        load_stage_free(stage);
        return status;
    }
    *out = stage;
    return STATUS_OK;
}

void load_stage_free(struct load_stage *stage)
{
    if (stage) {
        child_stop(&stage->server);
        free(stage);
    }
}
