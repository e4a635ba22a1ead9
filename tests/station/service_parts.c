// SPDX-License-Identifier: GPL-3.0-or-later
#include "service_parts.h"

#include "../net/client.h"
#include "tone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const unsigned char page[] = "<!doctype html>";
static const unsigned char script[] = "export {}";
const struct embed service_files[] = {
    {"/", page, page + sizeof page - 1},
    {"/debug", page, page + sizeof page - 1},
    {"/js/player.js", script, script + sizeof script - 1},
    {"/style.css", script, script + sizeof script - 1},
    {"/icon.svg", script, script + sizeof script - 1},
    {"/silence.mp3", script, script + sizeof script - 1},
    {"/empty.js", script, script},
    {NULL, NULL, NULL},
};

static const char *const origins[] = {"https://radio.example", NULL};

struct service *service_make(const struct fixture *fixture, uint16_t port)
{
    const struct service_options options = {.address = "127.0.0.1",
                                            .port = port,
                                            .origins = origins,
                                            .presets = fixture->presets,
                                            .files = service_files,
                                            .soundfont = "none"};
    struct service *service = NULL;
    assert_int_equal(service_new(&options, &service), STATUS_OK);
    return service;
}

enum status add(struct service *service, const struct fixture *fixture, const char *name, uint32_t rate)
{
    struct station_options options = fixture_station(fixture, 1);
    instrument_free(options.instrument);
    options.instrument = tone_new(rate);
    options.name = name;
    options.rate = rate;
    struct complaint complaint = {""};
    const enum status status = service_add(service, &options, &complaint);
    assert_true((status == STATUS_OK) == (complaint.text[0] == '\0'));
    return status;
}

// Stations "main" at 48 kHz and "other" at 44.1 kHz, running.
struct service *service_run(void **state)
{
    struct service *service = service_make(*state, 0);
    assert_int_equal(add(service, *state, "main", 48000), STATUS_OK);
    assert_int_equal(add(service, *state, "other", 44100), STATUS_OK);
    struct complaint complaint = {""};
    if (service_start(service, &complaint) != STATUS_OK) {
        fail_msg("%s", complaint.text);
    }
    return service;
}

char reply[REPLY_MAX];

int get(const struct service *service, const char *method, const char *path)
{
    char request[512];
    (void)snprintf(request, sizeof request, "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", method,
                   path);
    return client_ask(service_port(service), request, reply, sizeof reply);
}

const char *body(void)
{
    const char *end = strstr(reply, "\r\n\r\n");
    assert_non_null(end);
    return end + 4;
}

json_t *body_json(void)
{
    json_t *json = json_loads(body(), 0, NULL);
    assert_non_null(json);
    return json;
}
