// SPDX-License-Identifier: GPL-3.0-or-later
// What the listeners of a load test make of a server's bytes, however these are cut.
#include "cmd/bench_listeners_stream.h"

#include "core/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
// cmocka wants the standard headers above before it.
#include <cmocka.h>

enum { BYTES_MAX = 200000, FIN = 0x80, RATE = 48000, FRAMES = 4800, PACKETS = 40 };

// What a server sends, put together by the tests.
struct wire {
    uint8_t bytes[BYTES_MAX];
    size_t size;
};

static void put(struct wire *wire, const void *bytes, size_t size)
{
    assert_true(wire->size + size <= BYTES_MAX);
    memcpy(wire->bytes + wire->size, bytes, size);
    wire->size += size;
}

static void put_number(struct wire *wire, uint64_t number, int size)
{
    for (int i = 0; i < size; i++) {
        const uint8_t byte = (uint8_t)(number >> (8 * i));
        put(wire, &byte, 1);
    }
}

static void put_frame(struct wire *wire, unsigned first, const void *payload, size_t size)
{
    const uint8_t short_size[] = {(uint8_t)first, (uint8_t)size};
    const uint8_t size_16[] = {(uint8_t)first, 126, (uint8_t)(size >> 8), (uint8_t)size};
    const uint8_t size_64[] = {
        (uint8_t)first,       127,          0, 0, 0, 0, (uint8_t)(size >> 24), (uint8_t)(size >> 16),
        (uint8_t)(size >> 8), (uint8_t)size};
    if (size < 126) {
        put(wire, short_size, sizeof short_size);
    } else if (size <= UINT16_MAX) {
        put(wire, size_16, sizeof size_16);
    } else {
        put(wire, size_64, sizeof size_64);
    }
    put(wire, payload, size);
}

static void put_text(struct wire *wire, const char *text)
{
    put_frame(wire, FIN | FRAME_TEXT, text, strlen(text));
}

static void put_chunk(struct wire *wire, uint32_t sequence, uint64_t frame, int64_t due_us)
{
    struct wire *chunk = calloc(1, sizeof *chunk);
    assert_non_null(chunk);
    put_number(chunk, 1, 1);
    put_number(chunk, 2, 1);
    put_number(chunk, 2, 2);
    put_number(chunk, sequence, 4);
    put_number(chunk, frame, 8);
    put_number(chunk, (uint64_t)due_us, 8);
    put_number(chunk, RATE, 4);
    put_number(chunk, 5, 2);
    put_number(chunk, 100, 2);
    static const uint8_t packets[PACKETS] = {0};
    put(chunk, packets, sizeof packets);
    put_frame(wire, FIN | FRAME_BINARY, chunk->bytes, chunk->size);
    free(chunk);
}

static void put_page(struct wire *wire, int64_t granule, uint32_t serial, uint32_t sequence)
{
    static const uint8_t body[300] = {0};
    put(wire, "OggS", 5);
    put_number(wire, 0, 1);
    put_number(wire, (uint64_t)granule, 8);
    put_number(wire, serial, 4);
    put_number(wire, sequence, 4);
    put_number(wire, 0, 4);
    put(wire, "\x02\xff\x2d", 3);
    put(wire, body, sizeof body);
}

struct outcome {
    struct tally *tally;
    enum status status;
    int firsts; ///< how often it was told of the first chunk
};

// Hears `wire` in pieces of `piece` bytes.
static struct outcome hear(const struct wire *wire, enum format format, size_t piece)
{
    struct random random;
    random_init(&random, 1, 0);
    struct load_stream *stream = load_stream_new(format, &random);
    struct outcome outcome = {.tally = calloc(1, sizeof *outcome.tally), .status = STATUS_AGAIN};
    assert_true(stream && outcome.tally);
    const struct load_ear ear = {.fd = -1, .tally = outcome.tally, .joined_us = 1000};
    for (size_t done = 0; done < wire->size && outcome.status == STATUS_AGAIN; done += piece) {
        const uint8_t *at = wire->bytes + done;
        const uint8_t *end = wire->bytes + (wire->size - done < piece ? wire->size : done + piece);
        while ((outcome.status = load_stream_hear(stream, &ear, &at, end)) == STATUS_OK) {
            outcome.firsts++;
        }
    }
    free(stream);
    return outcome;
}

static void expect(const struct outcome *outcome, enum tally_count count, uint64_t value)
{
    assert_int_equal(tally_get(outcome->tally, count), value);
}

static struct wire *wire_new(void)
{
    struct wire *wire = calloc(1, sizeof *wire);
    assert_non_null(wire);
    return wire;
}

// A bit of everything that a station sends.
static void put_session(struct wire *wire)
{
    static const char long_text[70000];
    put_text(wire, "{\"type\":\"hello\",\"station\":\"main\"}");
    put_frame(wire, FIN | FRAME_PONG, "", 0);
    put_chunk(wire, 7, 7 * FRAMES, 500);
    put_frame(wire, FRAME_TEXT, "{\"type\":\"sta", 12);
    put_frame(wire, FIN | FRAME_PING, "now", 3);
    put_frame(wire, FRAME_CONTINUATION, "te\",\"sk", 7);
    put_frame(wire, FIN | FRAME_CONTINUATION, "ip\":3,\"bpm\":60}", 15);
    put_frame(wire, FIN | FRAME_TEXT, long_text, sizeof long_text);
    put_chunk(wire, 8, 8 * FRAMES, clock_wall_us());
    put_chunk(wire, 11, 11 * FRAMES, clock_wall_us());
    put_chunk(wire, 12, 13 * FRAMES, clock_wall_us());
    put_text(wire, "{\"type\":\"error\",\"message\":\"no\"}");
    put_frame(wire, FIN | FRAME_CLOSE, "\x03\xf5", 2);
    put_text(wire, "behind the end");
}

static void counts_the_same_however_bytes_are_cut(void **state)
{
    (void)state;
    static const size_t pieces[] = {1, 2, 3, 5, 7, 64, 1000, BYTES_MAX};
    struct wire *wire = wire_new();
    put_session(wire);
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        const struct outcome outcome = hear(wire, FORMAT_OPUS, pieces[i]);
        assert_int_equal(outcome.status, STATUS_CLOSED);
        assert_int_equal(outcome.firsts, 1);
        expect(&outcome, TALLY_CHUNKS, 4);
        expect(&outcome, TALLY_HOLES, 1);
        expect(&outcome, TALLY_CHUNKS_MISSING, 2);
        expect(&outcome, TALLY_FRAME_JUMPS, 1);
        expect(&outcome, TALLY_SKIPS, 1);
        expect(&outcome, TALLY_CHUNKS_SKIPPED, 3);
        expect(&outcome, TALLY_ERRORS, 1);
        expect(&outcome, TALLY_BAD_FRAMES, 0);
        assert_int_equal(outcome.tally->closes[13], 1);
        // The first was due before the listener joined.
        assert_int_equal(histogram_summarize(&outcome.tally->lateness[TALLY_ALWAYS].us).count, 3);
        free(outcome.tally);
    }
    free(wire);
}

static void refuses_what_no_server_may_send(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
    } cases[] = {{"\xc1\x00", 2},
                 {"\x83\x00", 2},
                 {"\x8b\x00", 2},
                 {"\x81\x80", 2},
                 {"\x08\x00", 2},
                 {"\x88\x7e\x00\x80", 4},
                 {"\x80\x00", 2},
                 {"\x01\x00\x01\x00", 4},
                 {"\x01\x00\x82\x00", 4},
                 {"\x82\x7e\x00\x7d", 4},
                 {"\x82\x7f\x00\x00\x00\x00\x00\x00\xff\xff", 10},
                 {"\x82\x7f\x00\x00\x00\x00\x7f\xff\xff\xff", 10},
                 {"\x82\x7f\xff\xff\xff\xff\xff\xff\xff\xff", 10}};
    struct wire *wire = wire_new();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        wire->size = 0;
        put(wire, cases[i].bytes, cases[i].size);
        const struct outcome outcome = hear(wire, FORMAT_OPUS, 1);
        assert_int_equal(outcome.status, STATUS_CORRUPT);
        expect(&outcome, TALLY_BAD_FRAMES, 1);
        free(outcome.tally);
    }
    free(wire);
}

static void counts_headers_that_cannot_be(void **state)
{
    (void)state;
    struct wire *good = wire_new();
    put_chunk(good, 1, 0, 2000);
    // Version, codec, packets (two bytes), rate, duration, due: each in turn becomes what it cannot be.
    static const size_t places[] = {0, 1, 28, 26, 31, 23};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        struct wire *wire = wire_new();
        put(wire, good->bytes, good->size);
        wire->bytes[2 + places[i]] = 0xff;
        const struct outcome outcome = hear(wire, FORMAT_OPUS, BYTES_MAX);
        assert_int_equal(outcome.status, STATUS_AGAIN);
        expect(&outcome, TALLY_BAD_FRAMES, 1);
        expect(&outcome, TALLY_CHUNKS, 0);
        free(outcome.tally);
        free(wire);
    }
    const struct outcome other = hear(good, FORMAT_PCM, BYTES_MAX);
    expect(&other, TALLY_BAD_FRAMES, 1);
    free(other.tally);
    free(good);
}

static void reads_chunks_in_json(void **state)
{
    (void)state;
    struct wire *wire = wire_new();
    put_text(wire, "{\"type\":\"audio\",\"seq\":5,\"timestamp\":900,\"frame\":24000,\"duration_ms\":100,"
                   "\"sample_rate\":48000,\"channels\":2,\"format\":\"pcm_s16le\",\"data\":\"AAAA\"}");
    put_text(wire, "{\"type\":\"audio\",\"seq\":6,\"timestamp\":1700000000000000,\"frame\":28800,\"duration_ms\":100,"
                   "\"sample_rate\":48000,\"channels\":2,\"format\":\"pcm_s16le\",\"data\":\"AAAA\"}");
    put_text(wire, "{\"type\":\"audio\",\"seq\":7}");
    const struct outcome outcome = hear(wire, FORMAT_JSON, 10);
    assert_int_equal(outcome.firsts, 1);
    expect(&outcome, TALLY_CHUNKS, 2);
    expect(&outcome, TALLY_HOLES, 0);
    expect(&outcome, TALLY_FRAME_JUMPS, 0);
    expect(&outcome, TALLY_BAD_FRAMES, 1);
    free(outcome.tally);
    free(wire);
}

static void follows_pages_of_ogg(void **state)
{
    (void)state;
    struct wire *wire = wire_new();
    put_page(wire, 0, 1, 0);
    put_page(wire, 0, 1, 1);
    put_page(wire, FRAMES, 1, 90);
    put_page(wire, 2 * FRAMES, 1, 91);
    put_page(wire, -1, 1, 93);
    put_page(wire, 0, 2, 0);
    put_page(wire, FRAMES, 2, 2);
    for (size_t piece = 1; piece < 400; piece += 13) {
        const struct outcome outcome = hear(wire, FORMAT_OGG, piece);
        assert_int_equal(outcome.status, STATUS_AGAIN);
        assert_int_equal(outcome.firsts, 1);
        expect(&outcome, TALLY_CHUNKS, 4);
        expect(&outcome, TALLY_HOLES, 1);
        expect(&outcome, TALLY_CHUNKS_MISSING, 1);
        free(outcome.tally);
    }
    put_text(wire, "not a page");
    const struct outcome outcome = hear(wire, FORMAT_OGG, 100);
    assert_int_equal(outcome.status, STATUS_CORRUPT);
    free(outcome.tally);
    free(wire);
}

static enum status answer(struct load_stream *stream, const char *text, size_t piece, int *code, size_t *left)
{
    const size_t size = strlen(text);
    enum status status = STATUS_AGAIN;
    for (size_t done = 0; done < size && status == STATUS_AGAIN; done += piece) {
        const uint8_t *at = (const uint8_t *)text + done;
        const uint8_t *end = (const uint8_t *)text + (size - done < piece ? size : done + piece);
        status = load_stream_answer(stream, &at, end, code);
        *left = (size_t)((const uint8_t *)text + size - at);
    }
    return status;
}

// What a server answers to the key of RFC 6455 with `accept`, or `line` before that.
static enum status shake(enum format format, const char *line, const char *accept, size_t piece, int *code)
{
    struct random random;
    random_init(&random, 1, 0);
    char text[4096];
    size_t left = 0;
    struct load_stream *stream = load_stream_new(format, &random);
    assert_non_null(stream);
    memcpy(stream->key, "dGhlIHNhbXBsZSBub25jZQ==", sizeof stream->key);
    (void)snprintf(text, sizeof text, "%s\r\nsec-websocket-accept: %s\r\n\r\nrest", line, accept);
    const enum status status = answer(stream, text, piece, code, &left);
    assert_true(status != STATUS_OK || left == strlen("rest"));
    free(stream);
    return status;
}

static void checks_the_answer(void **state)
{
    (void)state;
    static const char right[] = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
    static const char wrong[] = "s3pPLMBiTxaQ9kYGzzhZRbK+xOp=";
    int code = 0;
    for (size_t piece = 1; piece < 100; piece++) {
        assert_int_equal(shake(FORMAT_OPUS, "HTTP/1.1 101 Switching Protocols", right, piece, &code), STATUS_OK);
    }
    assert_int_equal(shake(FORMAT_OPUS, "HTTP/1.1 101 Switching Protocols", wrong, 1, &code), STATUS_UNSUPPORTED);
    assert_int_equal(shake(FORMAT_OPUS, "HTTP/1.1 503 Service Unavailable", right, 1, &code), STATUS_UNSUPPORTED);
    assert_int_equal(code, 503);
    assert_int_equal(shake(FORMAT_OGG, "HTTP/1.0 200 OK", wrong, 3, &code), STATUS_OK);
    assert_int_equal(shake(FORMAT_OGG, "HTTP/1.0 404 Not Found", wrong, 3, &code), STATUS_UNSUPPORTED);
    assert_int_equal(shake(FORMAT_OGG, "ICY 200 OK", wrong, 3, &code), STATUS_UNSUPPORTED);
    assert_int_equal(code, 0);
    static char endless[LOAD_ANSWER_MAX + 100];
    memset(endless, 'x', sizeof endless - 1);
    assert_int_equal(shake(FORMAT_OGG, endless, wrong, 50, &code), STATUS_UNSUPPORTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(counts_the_same_however_bytes_are_cut),
                                       cmocka_unit_test(refuses_what_no_server_may_send),
                                       cmocka_unit_test(counts_headers_that_cannot_be),
                                       cmocka_unit_test(reads_chunks_in_json),
                                       cmocka_unit_test(follows_pages_of_ogg),
                                       cmocka_unit_test(checks_the_answer)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
