// SPDX-License-Identifier: GPL-3.0-or-later
#include "fixture.h"

#include "core/clock.h"
#include "tone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { PATIENCE_S = 20 };

int fixture_setup(void **state)
{
    struct complaint complaint = {""};
    struct fixture *fixture = calloc(1, sizeof *fixture);
    if (!fixture || harmony_load(&fixture->harmony, &complaint) != STATUS_OK ||
        presets_load(&fixture->presets, &complaint) != STATUS_OK) {
        print_error("%s\n", complaint.text);
        return -1;
    }
    *state = fixture;
    return 0;
}

int fixture_teardown(void **state)
{
    struct fixture *fixture = *state;
    harmony_free(fixture->harmony);
    presets_free(fixture->presets);
    const int left = tone_count() - fixture->tones;
    free(fixture);
    return left;
}

int fixture_end(void **state)
{
    struct fixture *fixture = *state;
    const int left = tone_count() - fixture->tones;
    fixture->tones += left;
    return left;
}

const struct preset *fixture_preset(const struct fixture *fixture, const char *name)
{
    const struct preset *preset = presets_find(fixture->presets, name, NULL);
    assert_non_null(preset);
    return preset;
}

static void nobody_is_told(void *user)
{
    (void)user;
}

struct piece_options fixture_piece(const struct fixture *fixture, const char *preset, uint64_t seed, double rate,
                                   struct instrument *instrument)
{
    return (struct piece_options){.harmony = fixture->harmony,
                                  .preset = fixture_preset(fixture, preset),
                                  .controls = fixture_preset(fixture, preset)->defaults,
                                  .seed = seed,
                                  .rate = rate,
                                  .instrument = instrument};
}

struct station_options fixture_station(const struct fixture *fixture, double speed)
{
    const struct preset *preset = fixture_preset(fixture, "focus");
    return (struct station_options){.name = "main",
                                    .harmony = fixture->harmony,
                                    .presets = fixture->presets,
                                    .preset = preset,
                                    .controls = preset->defaults,
                                    .seed = 7,
                                    .rate = 48000,
                                    .bitrate = 96000,
                                    .speed = speed,
                                    .instrument = tone_new(48000),
                                    .published = nobody_is_told};
}

struct station *fixture_make(const struct station_options *options)
{
    struct station *station = NULL;
    struct complaint complaint = {""};
    if (station_new(options, &station, &complaint) != STATUS_OK) {
        fail_msg("%s", complaint.text);
    }
    return station;
}

struct station *fixture_start(const struct fixture *fixture, double speed)
{
    const struct station_options options = fixture_station(fixture, speed);
    struct station *station = fixture_make(&options);
    assert_int_equal(station_start(station), STATUS_OK);
    return station;
}

void fixture_wait(struct station *station, uint32_t sequence)
{
    for (int i = 0; i < PATIENCE_S * 1000 && station_head(station) <= sequence; i++) {
        clock_sleep_until(clock_now_ns() + 1000000);
    }
    assert_true(station_head(station) > sequence);
}

uint64_t number_at(const uint8_t *bytes, int size)
{
    uint64_t number = 0;
    for (int i = size - 1; i >= 0; i--) {
        number = number << 8 | bytes[i];
    }
    return number;
}

const uint8_t *frame_payload(const struct buffer *buffer, enum websocket_opcode opcode, size_t *size)
{
    assert_non_null(buffer);
    assert_true(buffer->size >= 2);
    assert_int_equal(buffer->bytes[0], 0x80 | opcode);
    size_t length = buffer->bytes[1];
    assert_true(length < 128);
    const size_t extended = length == 127 ? 8 : length == 126 ? 2 : 0;
    if (extended > 0) {
        length = 0;
        for (size_t i = 0; i < extended; i++) {
            length = length << 8 | buffer->bytes[2 + i];
        }
    }
    assert_int_equal(buffer->size, 2 + extended + length);
    *size = length;
    return buffer->bytes + 2 + extended;
}

json_t *frame_json(struct buffer *buffer)
{
    size_t size = 0;
    const uint8_t *text = frame_payload(buffer, WEBSOCKET_TEXT, &size);
    json_t *json = json_loadb((const char *)text, size, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(json);
    buffer_unref(buffer);
    return json;
}

size_t base64_read(const char *text, uint8_t *out, size_t capacity)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const size_t length = strlen(text);
    assert_int_equal(length % 4, 0);
    const size_t padding = length > 0 ? (text[length - 1] == '=') + (size_t)(text[length - 2] == '=') : 0;
    uint32_t bits = 0;
    size_t size = 0;
    for (size_t i = 0; i < length - padding; i++) {
        const char *digit = strchr(digits, text[i]);
        assert_non_null(digit);
        bits = bits << 6 | (uint32_t)(digit - digits);
        if (i % 4 > 0) {
            assert_true(size < capacity);
            out[size++] = (uint8_t)(bits >> (6 - 2 * (i % 4)));
        }
    }
    return size;
}
