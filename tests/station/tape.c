// SPDX-License-Identifier: GPL-3.0-or-later
#include "tape.h"

#include "core/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { PATIENCE_S = 20 };

static void copy_journal(const struct tape *tape)
{
    size_t size = 0;
    char *bytes = folder_read(tape->from, "main.station", &size);
    folder_write(tape->to, "main.station", bytes, size);
    free(bytes);
}

static void follow_plan(struct tape *tape, uint32_t sequence)
{
    for (const struct tape_change *step = tape->plan; step && step->sequence > 0; step++) {
        if (step->sequence == sequence) {
            tape->failed = tape->failed || station_command(tape->station, &step->change, NULL) != STATUS_OK;
        }
    }
    if (tape->from && sequence == tape->copy_at) {
        copy_journal(tape);
    }
}

static void record(void *user)
{
    struct tape *tape = user;
    const uint32_t at = tape->count;
    if (at == TAPE_MAX) {
        return;
    }
    const uint32_t sequence = tape->first + at;
    if (station_take(tape->station, sequence, FORMAT_PCM, &tape->pcm[at], &tape->scores[at], &tape->due_ns[at]) !=
            STATUS_OK ||
        station_take(tape->station, sequence, FORMAT_OPUS, &tape->opus[at], NULL, &tape->due_ns[at]) != STATUS_OK) {
        tape->failed = true;
    }
    follow_plan(tape, sequence);
    tape->count = at + 1;
}

struct tape *tape_new(struct station_options options)
{
    struct tape *tape = calloc(1, sizeof *tape);
    assert_non_null(tape);
    options.published = record;
    options.user = tape;
    tape->station = fixture_make(&options);
    tape->first = station_head(tape->station);
    return tape;
}

void tape_wait(struct tape *tape, uint32_t count)
{
    assert_true(count <= TAPE_MAX);
    uint32_t before = UINT32_MAX;
    for (int i = 0; i < PATIENCE_S * 1000 && tape->count < count; i++) {
        i = tape->count == before ? i : 0;
        before = tape->count;
        clock_sleep_until(clock_now_ns() + 1000000);
    }
    assert_true(tape->count >= count);
    assert_false(tape->failed);
}

void tape_free(struct tape *tape)
{
    station_free(tape->station);
    for (uint32_t i = 0; i < tape->count; i++) {
        buffer_unref(tape->pcm[i]);
        buffer_unref(tape->opus[i]);
        buffer_unref(tape->scores[i]);
    }
    free(tape);
}

const uint8_t *tape_pcm(const struct tape *tape, uint32_t sequence, size_t *size, uint64_t *frame)
{
    assert_in_range(sequence, tape->first, tape->first + tape->count - 1);
    const uint8_t *chunk = frame_payload(tape->pcm[sequence - tape->first], WEBSOCKET_BINARY, size);
    assert_int_equal(number_at(chunk + 4, 4), sequence);
    *frame = number_at(chunk + 8, 8);
    return chunk;
}

static void expect_same_score(const struct buffer *one, const struct buffer *two, uint32_t sequence)
{
    if (!one != !two || (one && (one->size != two->size || memcmp(one->bytes, two->bytes, one->size) != 0))) {
        fail_msg("chunk %u: %.*s\nand %.*s", sequence, one ? (int)one->size : 0, one ? (const char *)one->bytes : "",
                 two ? (int)two->size : 0, two ? (const char *)two->bytes : "");
    }
}

static int sample_at(const uint8_t *bytes)
{
    return (int16_t)number_at(bytes, 2);
}

void tape_expect_same(const struct tape *one, const struct tape *two, uint32_t first, uint32_t last, uint32_t alike)
{
    int most = 0;
    int loudest = 0;
    for (uint32_t sequence = first; sequence < last; sequence++) {
        size_t sizes[2];
        uint64_t frames[2];
        const uint8_t *a = tape_pcm(one, sequence, &sizes[0], &frames[0]);
        const uint8_t *b = tape_pcm(two, sequence, &sizes[1], &frames[1]);
        assert_int_equal(sizes[0], sizes[1]);
        assert_int_equal(frames[0], frames[1]);
        expect_same_score(one->scores[sequence - one->first], two->scores[sequence - two->first], sequence);
        for (size_t i = CHUNK_HEADER; sequence >= alike && i < sizes[0]; i += 2) {
            const int difference = abs(sample_at(a + i) - sample_at(b + i));
            most = difference > most ? difference : most;
            loudest = abs(sample_at(a + i)) > loudest ? abs(sample_at(a + i)) : loudest;
        }
    }
    assert_true(loudest > 300 && most < 33);
}
