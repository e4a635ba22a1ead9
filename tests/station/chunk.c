// SPDX-License-Identifier: GPL-3.0-or-later
#include "station/chunk.h"

#include "fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { RATE = 44100, FRAMES = RATE / 10, SAMPLES = FRAMES * 2 };

static const struct chunk chunk = {
    .sequence = 0x81020304, .frame = 0x1122334455667788, .due_us = 0x0102030405060708, .rate = RATE};

static int16_t sample_at(size_t index)
{
    return (int16_t)(index * 40503 + 17);
}

static struct buffer *pcm_of_all(void)
{
    static int16_t samples[SAMPLES];
    for (size_t i = 0; i < SAMPLES; i++) {
        samples[i] = sample_at(i);
    }
    samples[0] = INT16_MIN;
    samples[1] = INT16_MAX;
    struct buffer *pcm = chunk_pcm(&chunk, samples, FRAMES);
    assert_non_null(pcm);
    return pcm;
}

static void test_writes_the_pcm_header_byte_by_byte(void **state)
{
    (void)state;
    // version, codec, channels; sequence; frame; due; 44100 = 0xac44; packets, milliseconds
    static const uint8_t expected[CHUNK_HEADER] = {1,    1,    2,    0,    0x04, 0x03, 0x02, 0x81, 0x88, 0x77, 0x66,
                                                   0x55, 0x44, 0x33, 0x22, 0x11, 0x08, 0x07, 0x06, 0x05, 0x04, 0x03,
                                                   0x02, 0x01, 0x44, 0xac, 0,    0,    1,    0,    100,  0};
    struct buffer *pcm = pcm_of_all();
    size_t size = 0;
    const uint8_t *payload = frame_payload(pcm, WEBSOCKET_BINARY, &size);
    assert_int_equal(size, CHUNK_HEADER + SAMPLES * 2);
    assert_memory_equal(payload, expected, sizeof expected);
    buffer_unref(pcm);
}

static void test_writes_samples_little_endian(void **state)
{
    (void)state;
    struct buffer *pcm = pcm_of_all();
    size_t size = 0;
    const uint8_t *samples = frame_payload(pcm, WEBSOCKET_BINARY, &size) + CHUNK_HEADER;
    assert_int_equal(number_at(samples, 2), 0x8000);
    assert_int_equal(number_at(samples + 2, 2), 0x7fff);
    for (size_t i = 2; i < SAMPLES; i++) {
        assert_int_equal(number_at(samples + 2 * i, 2), (uint16_t)sample_at(i));
    }
    buffer_unref(pcm);
}

static void test_writes_the_opus_header_at_48_khz(void **state)
{
    (void)state;
    static const uint8_t packets[] = {3, 0, 'a', 'b', 'c', 0, 1};
    static const uint8_t expected[CHUNK_HEADER] = {1,    2,    2,    0,    0x04, 0x03, 0x02, 0x81, 0xf0, 0xde, 0xbc,
                                                   0x9a, 0x78, 0,    0,    0,    0x08, 0x07, 0x06, 0x05, 0x04, 0x03,
                                                   0x02, 0x01, 0x80, 0xbb, 0,    0,    6,    0,    100,  0};
    struct buffer *opus = chunk_opus(&chunk, 0x789abcdef0, packets, sizeof packets, 6);
    size_t size = 0;
    const uint8_t *payload = frame_payload(opus, WEBSOCKET_BINARY, &size);
    assert_int_equal(size, CHUNK_HEADER + sizeof packets);
    assert_memory_equal(payload, expected, sizeof expected);
    assert_memory_equal(payload + CHUNK_HEADER, packets, sizeof packets);
    buffer_unref(opus);
}

static void test_json_holds_the_same_samples(void **state)
{
    (void)state;
    struct buffer *pcm = pcm_of_all();
    size_t size = 0;
    const uint8_t *samples = frame_payload(pcm, WEBSOCKET_BINARY, &size) + CHUNK_HEADER;
    json_t *json = frame_json(chunk_json(&chunk, pcm));
    uint8_t *decoded = malloc(size);
    assert_non_null(decoded);
    assert_int_equal(base64_read(json_string_value(json_object_get(json, "data")), decoded, size), SAMPLES * 2);
    assert_memory_equal(decoded, samples, (size_t)SAMPLES * 2);
    free(decoded);
    assert_string_equal(json_string_value(json_object_get(json, "type")), "audio");
    assert_string_equal(json_string_value(json_object_get(json, "format")), "pcm_s16le");
    assert_int_equal(json_integer_value(json_object_get(json, "seq")), 0x81020304);
    assert_int_equal(json_integer_value(json_object_get(json, "timestamp")), 0x0102030405060708);
    assert_int_equal(json_integer_value(json_object_get(json, "duration_ms")), 100);
    assert_int_equal(json_integer_value(json_object_get(json, "sample_rate")), RATE);
    assert_int_equal(json_integer_value(json_object_get(json, "channels")), 2);
    json_decref(json);
    buffer_unref(pcm);
}

static void test_format_names_are_read_back(void **state)
{
    (void)state;
    for (int i = 0; i < FORMAT_COUNT; i++) {
        enum format format = FORMAT_COUNT;
        assert_int_equal(format_parse(format_name((enum format)i), &format), STATUS_OK);
        assert_int_equal(format, i);
    }
    assert_string_equal(format_name(FORMAT_OPUS), "opus");
    assert_string_equal(format_name(FORMAT_PCM), "pcm");
    assert_string_equal(format_name(FORMAT_JSON), "json");
    assert_string_equal(format_name(FORMAT_OGG), "ogg");
    static const char *const wrong[] = {"", " ", "opus ", "opu", "mp3", "opus\n", "0"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        enum format format = FORMAT_COUNT;
        assert_int_equal(format_parse(wrong[i], &format), STATUS_UNKNOWN);
        assert_int_equal(format, FORMAT_COUNT);
    }
    assert_non_null(format_name(FORMAT_COUNT));
    assert_non_null(format_name((enum format) - 1));
}

static void test_done_drops_every_reference(void **state)
{
    (void)state;
    struct chunk full = chunk;
    struct buffer *held[FORMAT_COUNT + 2];
    for (int i = 0; i < FORMAT_COUNT + 2; i++) {
        held[i] = buffer_new(8);
        assert_non_null(held[i]);
        struct buffer **slot = i < FORMAT_COUNT ? &full.forms[i] : i == FORMAT_COUNT ? &full.score : &full.score_opus;
        *slot = buffer_ref(held[i]);
    }
    chunk_done(&full);
    chunk_done(&full); // as it is empty now
    for (int i = 0; i < FORMAT_COUNT + 2; i++) {
        assert_int_equal(held[i]->references, 1);
        buffer_unref(held[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_writes_the_pcm_header_byte_by_byte), cmocka_unit_test(test_writes_samples_little_endian),
        cmocka_unit_test(test_writes_the_opus_header_at_48_khz),   cmocka_unit_test(test_json_holds_the_same_samples),
        cmocka_unit_test(test_format_names_are_read_back),         cmocka_unit_test(test_done_drops_every_reference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
