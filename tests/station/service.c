// SPDX-License-Identifier: GPL-3.0-or-later
// The whole service over real sockets.
#include "station/service.h"

#include "../net/client.h"
#include "ear.h"
#include "fixture.h"
#include "service_parts.h"
#include "tone.h"

#include <math.h>
#include <opus/opus.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { LISTENERS = 10, CONCERT_MS = 8000, TEXT = 0x81, CLOSE = 0x88 };

// A listener's music as samples, by sequence.
struct music {
    unsigned first, count;
    size_t frames; ///< a chunk
    float *samples;
};

static void add_chunk(struct music *music, uint64_t sequence, const float *samples, size_t frames)
{
    if (music->count == 0) {
        music->first = (unsigned)sequence;
        music->frames = frames;
    }
    // Not one missing, not one twice.
    assert_int_equal(sequence, music->first + music->count);
    assert_int_equal(frames, music->frames);
    music->samples = realloc(music->samples, (music->count + 1) * frames * 2 * sizeof *samples); // NOLINT
    assert_non_null(music->samples);
    memcpy(music->samples + music->count * frames * 2, samples, frames * 2 * sizeof *samples);
    music->count++;
}

static void add_pcm(struct music *music, uint64_t sequence, const uint8_t *bytes, size_t size)
{
    float samples[9600];
    assert_true(size <= sizeof samples / 2);
    for (size_t i = 0; i < size / 2; i++) {
        samples[i] = (int16_t)number_at(bytes + 2 * i, 2);
    }
    add_chunk(music, sequence, samples, size / 4);
}

static void add_opus(struct music *music, const struct ear_message *message, OpusDecoder *decoder)
{
    float samples[9600];
    size_t frames = 0;
    size_t at = CHUNK_HEADER;
    for (unsigned packets = (unsigned)number_at(message->bytes + 28, 2); packets > 0; packets--) {
        const size_t size = number_at(message->bytes + at, 2);
        const int got = opus_decode_float(decoder, message->bytes + at + 2, (opus_int32)size, samples + 2 * frames,
                                          4800 - (int)frames, 0);
        assert_int_equal(got, 960);
        frames += (size_t)got;
        at += 2 + size;
    }
    assert_int_equal(at, message->size);
    for (size_t i = 0; i < frames * 2; i++) {
        samples[i] *= 32768;
    }
    add_chunk(music, number_at(message->bytes + 4, 4), samples, frames);
}

static void add_json(struct music *music, const struct ear_message *message)
{
    uint8_t bytes[19200];
    json_t *json = json_loadb((const char *)message->bytes, message->size, 0, NULL);
    assert_non_null(json);
    if (strcmp(json_string_value(json_object_get(json, "type")), "audio") == 0) {
        const size_t size = base64_read(json_string_value(json_object_get(json, "data")), bytes, sizeof bytes);
        add_pcm(music, (uint64_t)json_integer_value(json_object_get(json, "seq")), bytes, size);
    }
    json_decref(json);
}

static struct music music_of(struct ear *ear)
{
    struct music music = {0};
    int error = OPUS_OK;
    OpusDecoder *decoder = opus_decoder_create(48000, 2, &error);
    assert_non_null(decoder);
    struct ear_message message;
    while (ear_next(ear, &message)) {
        if (message.opcode == EAR_BINARY && message.bytes[1] == 2) {
            add_opus(&music, &message, decoder);
        } else if (message.opcode == EAR_BINARY) {
            add_pcm(&music, number_at(message.bytes + 4, 4), message.bytes + CHUNK_HEADER, message.size - CHUNK_HEADER);
        } else if (message.opcode == EAR_TEXT) {
            add_json(&music, &message);
        }
    }
    opus_decoder_destroy(decoder);
    return music;
}

// The chunks that both have, which there must be most of.
static void overlap(const struct music *one, const struct music *two, unsigned *first, unsigned *end)
{
    const unsigned one_end = one->first + one->count;
    const unsigned two_end = two->first + two->count;
    *first = one->first > two->first ? one->first : two->first;
    *end = one_end < two_end ? one_end : two_end;
    assert_true(*end > *first + CONCERT_MS / CHUNK_MS / 2);
}

static const float *samples_at(const struct music *music, unsigned sequence)
{
    return music->samples + (size_t)(sequence - music->first) * music->frames * 2;
}

static void expect_the_same(const struct music *one, const struct music *two)
{
    unsigned first = 0;
    unsigned end = 0;
    overlap(one, two, &first, &end);
    assert_int_equal(one->frames, two->frames);
    assert_memory_equal(samples_at(one, first), samples_at(two, first),
                        (end - first) * one->frames * 2 * sizeof(float));
}

// Opus is late by its preskip and not exact, but the same music.
static void expect_alike(const struct music *opus, const struct music *pcm)
{
    enum { PRESKIP = 312 };
    unsigned first = 0;
    unsigned end = 0;
    overlap(opus, pcm, &first, &end);
    // The decoder takes a moment to find its way into a stream, and the preskip reaches over the end.
    const float *a = samples_at(opus, first + 3) + (size_t)2 * PRESKIP;
    const float *b = samples_at(pcm, first + 3);
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (size_t i = 0; i < (size_t)(end - first - 4) * 4800 * 2; i++) {
        ab += (double)a[i] * b[i];
        aa += (double)a[i] * a[i];
        bb += (double)b[i] * b[i];
    }
    assert_true(bb > 1);
    const double correlation = ab / sqrt(aa * bb);
    if (!(correlation > 0.98)) {
        fail_msg("correlation %g", correlation);
    }
}

static void expect_ogg_pages(const struct ear *ear)
{
    unsigned pages = 0;
    for (size_t i = 0; i + 4 <= ear->size; i++) {
        pages += memcmp(ear->bytes + i, "OggS", 4) == 0;
    }
    assert_true(pages > CONCERT_MS / CHUNK_MS / CHUNK_OGG / 2 + 2);
    assert_non_null(memmem(ear->bytes, ear->size, "OpusHead", 8));
    assert_non_null(memmem(ear->bytes, ear->size, "TITLE=main", 10));
}

static void test_ten_listeners_hear_the_same_music(void **state)
{
    static const char *const paths[LISTENERS] = {"/ws/stream?station=main&format=pcm",
                                                 "/ws/stream?station=main&format=pcm",
                                                 "/ws/stream?station=main&format=json",
                                                 "/ws/stream?station=main&format=json&score=1",
                                                 "/ws/stream?station=main&format=opus",
                                                 "/ws/stream?station=main",
                                                 "/ws/stream",
                                                 "/ws/stream?format=opus&score=1",
                                                 "/stream/main.ogg",
                                                 "/stream/main.ogg"};
    struct service *service = service_run(state);
    struct ear *ears[LISTENERS];
    for (int i = 0; i < LISTENERS; i++) {
        const bool ogg = strstr(paths[i], ".ogg") != NULL;
        assert_int_equal(ear_open(&ears[i], service_port(service), paths[i], !ogg, ""), ogg ? 200 : 101);
    }
    ears_listen(ears, LISTENERS, CONCERT_MS);
    service_free(service);
    ears_wait_end(ears, LISTENERS);
    struct music music[8];
    for (int i = 0; i < 8; i++) {
        music[i] = music_of(ears[i]);
        assert_true(music[i].count > CONCERT_MS / CHUNK_MS / 2);
    }
    for (int i = 1; i < 4; i++) {
        expect_the_same(&music[0], &music[i]);
    }
    for (int i = 4; i < 8; i++) {
        expect_alike(&music[i], &music[0]);
    }
    for (int i = 0; i < 8; i++) {
        free(music[i].samples);
        ears[i]->at = 0;
        assert_int_equal(ear_close_code(ears[i]), 1001);
    }
    expect_ogg_pages(ears[8]);
    expect_ogg_pages(ears[9]);
    for (int i = 0; i < LISTENERS; i++) {
        ear_free(ears[i]);
    }
}

static void test_refuses_what_is_not_there(void **state)
{
    static const struct {
        const char *path;
        const char *more;
        int status;
    } cases[] = {
        {"/ws/stream?station=nowhere", "", 404},
        {"/ws/stream?station=", "", 404},
        {"/ws/stream?station=%00%ff%22", "", 404},
        {"/ws/stream?format=mp3", "", 400},
        {"/ws/stream?format=ogg", "", 400},
        {"/ws/stream?format=", "", 400},
        {"/ws/stream", "Origin: https://evil.example\r\n", 403},
        {"/ws/stream", "Origin: null\r\n", 403},
        {"/ws/stream", "Origin: https://radio.example\r\n", 101},
        {"/ws/stream?station=other&format=JSON", "", 101},
        {"/ws/other", "", 404},
    };
    struct service *service = service_run(state);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ear *ear = NULL;
        const int status = ear_open(&ear, service_port(service), cases[i].path, true, cases[i].more);
        if (status != cases[i].status) {
            fail_msg("%s: %d", cases[i].path, status);
        }
        ear_free(ear);
    }
    static const char *const nothing[] = {
        "/stream/nowhere.ogg",  "/stream/main",        "/stream/main.mp3", "/stream/", "/stream/.ogg",
        "/stream/main.ogg.ogg", "/stream/../main.ogg", "/nothing",         "/js/",     "/js/../style.css",
        "/stream/%00.ogg",      "/%2e%2e/etc/passwd"};
    for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++) {
        if (get(service, "GET", nothing[i]) != 404) {
            fail_msg("%s: %.80s", nothing[i], reply);
        }
        json_t *json = body_json();
        assert_string_equal(json_string_value(json_object_get(json, "type")), "error");
        json_decref(json);
    }
    assert_int_equal(get(service, "GET", "/ws/stream?station=main"), 426);
    assert_int_equal(get(service, "GET", "/ws/stream?station=nowhere"), 404);
    assert_non_null(strstr(body(), "main, other"));
    service_free(service);
}

static void test_a_service_without_stations_says_so(void **state)
{
    struct service *service = service_make(*state, 0);
    assert_int_equal(service_start(service, NULL), STATUS_OK);
    struct ear *ear = NULL;
    assert_int_equal(ear_open(&ear, service_port(service), "/ws/stream", true, ""), 404);
    ear_free(ear);
    assert_int_equal(get(service, "GET", "/api/status"), 200);
    assert_int_equal(get(service, "GET", "/metrics"), 200);
    service_free(service);
}

static void test_serves_the_page(void **state)
{
    static const struct {
        const char *path;
        const char *type;
        const char *body;
    } cases[] = {
        {"/", "text/html; charset=utf-8", "<!doctype html>"},
        {"/debug", "text/html; charset=utf-8", "<!doctype html>"},
        {"/js/player.js", "text/javascript; charset=utf-8", "export {}"},
        {"/style.css", "text/css; charset=utf-8", "export {}"},
        {"/icon.svg", "image/svg+xml", "export {}"},
        {"/silence.mp3", "audio/mpeg", "export {}"},
        {"/empty.js", "text/javascript; charset=utf-8", ""},
    };
    struct service *service = service_run(state);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char type[128];
        (void)snprintf(type, sizeof type, "Content-Type: %s\r\n", cases[i].type);
        assert_int_equal(get(service, "GET", cases[i].path), 200);
        assert_non_null(strstr(reply, type));
        assert_string_equal(body(), cases[i].body);
        assert_int_equal(get(service, "HEAD", cases[i].path), 200);
        assert_non_null(strstr(reply, type));
        assert_string_equal(body(), "");
    }
    assert_int_equal(get(service, "POST", "/"), 405);
    service_free(service);
}

static void expect_station(const json_t *station, const char *name, int rate)
{
    assert_string_equal(json_string_value(json_object_get(station, "station")), name);
    assert_string_equal(json_string_value(json_object_get(station, "preset")), "focus");
    assert_string_equal(json_string_value(json_object_get(station, "renderer")), "tone");
    assert_int_equal(json_integer_value(json_object_get(station, "sample_rate")), rate);
    static const char *const numbers[] = {"bpm", "intensity", "frame", "listeners", "sequence", "position_seconds"};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        assert_true(json_is_number(json_object_get(station, numbers[i])));
    }
}

static void test_tells_its_status(void **state)
{
    struct service *service = service_run(state);
    struct ear *ear = NULL;
    assert_int_equal(ear_open(&ear, service_port(service), "/ws/stream?format=pcm", true, ""), 101);
    json_decref(ear_wait_json(ear, "state"));
    // Until it has more than a whole chunk, which is five blocks.
    for (int i = 0; i < 2000 && ear->size < 40000; i++) {
        ears_listen(&ear, 1, 10);
    }
    assert_true(ear->size >= 40000);
    assert_int_equal(get(service, "GET", "/api/status"), 200);
    assert_non_null(strstr(reply, "Content-Type: application/json"));
    json_t *json = body_json();
    assert_string_equal(json_string_value(json_object_get(json, "version")), TUTTI_VERSION);
    assert_string_equal(json_string_value(json_object_get(json, "soundfont")), "none");
    assert_true(json_number_value(json_object_get(json, "uptime_seconds")) > 0);
    assert_true(json_integer_value(json_object_get(json_object_get(json, "machine"), "cores")) > 0);
    const json_t *stations = json_object_get(json, "stations");
    assert_int_equal(json_array_size(stations), 2);
    expect_station(json_array_get(stations, 0), "main", 48000);
    expect_station(json_array_get(stations, 1), "other", 44100);
    assert_int_equal(json_integer_value(json_object_get(json_array_get(stations, 0), "listeners")), 1);
    json_decref(json);
    assert_int_equal(get(service, "GET", "/api/metrics"), 200);
    json = body_json();
    const json_t *main = json_array_get(json_object_get(json, "stations"), 0);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(main, "listeners"), "pcm")), 1);
    assert_true(json_integer_value(json_object_get(main, "chunks")) > 0);
    assert_true(json_integer_value(json_object_get(main, "sent_bytes")) > 19200);
    assert_true(json_integer_value(json_object_get(json_object_get(main, "render_ms"), "count")) >= 5);
    assert_true(json_integer_value(json_object_get(json, "resident_bytes")) > 1 << 20);
    json_decref(json);
    ear_free(ear);
    service_free(service);
}

static void test_prometheus_can_read_the_metrics(void **state)
{
    struct service *service = service_run(state);
    assert_int_equal(get(service, "GET", "/metrics"), 200);
    service_free(service);
    assert_non_null(strstr(reply, "Content-Type: text/plain; version=0.0.4"));
    assert_non_null(strstr(body(), "tutti_listeners{station=\"main\"} 0\n"));
    assert_non_null(strstr(body(), "tutti_render_seconds_bucket{station=\"other\",le=\"+Inf\"} "));
    if (access("/usr/bin/promtool", X_OK) != 0) {
        skip();
    }
    FILE *promtool = popen("/usr/bin/promtool check metrics", "w"); // NOLINT(cert-env33-c): a constant
    assert_non_null(promtool);
    assert_true(fputs(body(), promtool) >= 0);
    assert_int_equal(pclose(promtool), 0);
}

static void test_one_listeners_messages_reach_its_station_only(void **state)
{
    static const char change[] = "{\"type\":\"preset\",\"name\":\"sleep\"}";
    struct service *service = service_run(state);
    struct ear *ear = NULL;
    assert_int_equal(ear_open(&ear, service_port(service), "/ws/stream?station=other", true, ""), 101);
    json_t *json = ear_wait_json(ear, "hello");
    assert_string_equal(json_string_value(json_object_get(json, "station")), "other");
    assert_int_equal(json_integer_value(json_object_get(json, "sample_rate")), 48000);
    json_decref(json);
    assert_true(ear_say(ear, TEXT, change, strlen(change)));
    bool changed = false;
    while (!changed) {
        json = ear_wait_json(ear, "state");
        changed = strcmp(json_string_value(json_object_get(json, "preset")), "sleep") == 0;
        json_decref(json);
    }
    assert_int_equal(get(service, "GET", "/api/status"), 200);
    json = body_json();
    expect_station(json_array_get(json_object_get(json, "stations"), 0), "main", 48000);
    json_decref(json);
    assert_true(ear_say(ear, CLOSE, "\x03\xe8", 2));
    ears_wait_end(&ear, 1);
    assert_int_equal(ear_close_code(ear), 1000);
    ear_free(ear);
    service_free(service);
}

static void test_a_port_is_used_once(void **state)
{
    struct service *service = service_run(state);
    struct service *second = service_make(*state, service_port(service));
    assert_int_equal(add(second, *state, "main", 48000), STATUS_OK);
    struct complaint complaint = {""};
    assert_int_equal(service_start(second, &complaint), STATUS_IN_USE);
    assert_true(complaint.text[0]);
    service_free(second);
    assert_int_equal(get(service, "GET", "/"), 200);
    service_free(service);
}

static void test_names_are_given_once(void **state)
{
    const int tones = tone_count();
    struct service *service = service_make(*state, 0);
    assert_int_equal(add(service, *state, "main", 48000), STATUS_OK);
    assert_int_equal(add(service, *state, "main", 48000), STATUS_INVALID);
    assert_int_equal(add(service, *state, "Main", 48000), STATUS_INVALID);
    service_free(service); // never started
    service_free(NULL);
    assert_int_equal(tone_count(), tones);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_ten_listeners_hear_the_same_music, fixture_end),
        cmocka_unit_test_teardown(test_refuses_what_is_not_there, fixture_end),
        cmocka_unit_test_teardown(test_a_service_without_stations_says_so, fixture_end),
        cmocka_unit_test_teardown(test_serves_the_page, fixture_end),
        cmocka_unit_test_teardown(test_tells_its_status, fixture_end),
        cmocka_unit_test_teardown(test_prometheus_can_read_the_metrics, fixture_end),
        cmocka_unit_test_teardown(test_one_listeners_messages_reach_its_station_only, fixture_end),
        cmocka_unit_test_teardown(test_a_port_is_used_once, fixture_end),
        cmocka_unit_test_teardown(test_names_are_given_once, fixture_end),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
