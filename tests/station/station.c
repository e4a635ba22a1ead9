// SPDX-License-Identifier: GPL-3.0-or-later
#include "station/station.h"

#include "core/clock.h"
#include "fixture.h"
#include "station/piece.h"
#include "tone.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const int64_t NS_PER_MS = 1000000;

// A station that was held up for longer than this takes the clock anew, and does not catch up.
static const int64_t PAUSE_NS = 2000000000;

enum { PATIENCE_S = 20, SPEED = 50, TAPE_CHUNKS = 128 };

// What a station published, taken on its own thread, so that nothing leaves the ring unseen.
struct tape {
    struct station *station;
    struct buffer *chunks[FORMAT_COUNT][TAPE_CHUNKS];
    struct buffer *scores[TAPE_CHUNKS];
    int64_t due_ns[TAPE_CHUNKS];
    int64_t taken_ns[TAPE_CHUNKS];
    bool failed;
    _Atomic uint32_t count;
};

static void record(void *user)
{
    struct tape *tape = user;
    const uint32_t at = tape->count;
    if (at == TAPE_CHUNKS) {
        return;
    }
    for (int format = 0; format < FORMAT_COUNT; format++) {
        struct buffer **score = format == FORMAT_PCM ? &tape->scores[at] : NULL;
        const enum status status =
            station_take(tape->station, at, (enum format)format, &tape->chunks[format][at], score, &tape->due_ns[at]);
        tape->failed = tape->failed || status != STATUS_OK;
    }
    tape->taken_ns[at] = clock_now_ns();
    tape->count = at + 1;
}

// Records the first \p count chunks of a station, and frees it.
static struct tape *tape_of(struct station_options options, uint32_t count)
{
    struct tape *tape = calloc(1, sizeof *tape);
    assert_non_null(tape);
    options.published = record;
    options.user = tape;
    tape->station = fixture_make(&options);
    assert_int_equal(station_start(tape->station), STATUS_OK);
    for (int i = 0; i < PATIENCE_S * 1000 && tape->count < count; i++) {
        clock_sleep_until(clock_now_ns() + NS_PER_MS);
    }
    station_stop(tape->station);
    assert_true(tape->count >= count);
    assert_false(tape->failed);
    assert_int_equal(station_head(tape->station), atomic_load(&station_metrics(tape->station)->chunks));
    return tape;
}

static void tape_free(struct tape *tape)
{
    for (int i = 0; i < TAPE_CHUNKS; i++) {
        for (int format = 0; format < FORMAT_COUNT; format++) {
            buffer_unref(tape->chunks[format][i]);
        }
        buffer_unref(tape->scores[i]);
    }
    station_free(tape->station);
    free(tape);
}

static const uint8_t *chunk_of(const struct tape *tape, enum format format, uint32_t sequence, size_t *size)
{
    return frame_payload(tape->chunks[format][sequence], WEBSOCKET_BINARY, size);
}

static int64_t spacing_ns(const struct station_options *options)
{
    return (int64_t)((double)(CHUNK_MS * NS_PER_MS) / options->speed);
}

static void expect_pcm_in_order(const struct tape *tape, const struct station_options *options)
{
    uint64_t last_due_us = 0;
    for (uint32_t i = 0; i < tape->count; i++) {
        size_t size = 0;
        const uint8_t *header = chunk_of(tape, FORMAT_PCM, i, &size);
        assert_int_equal(size, CHUNK_HEADER + options->rate / 10 * 4);
        assert_int_equal(number_at(header + 4, 4), i);
        assert_int_equal(number_at(header + 8, 8), (uint64_t)i * options->rate / 10);
        assert_int_equal(number_at(header + 24, 4), options->rate);
        const uint64_t due_us = number_at(header + 16, 8);
        if (i > 0) {
            const int64_t gap_ns = tape->due_ns[i] - tape->due_ns[i - 1];
            const bool paused = gap_ns > PAUSE_NS;
            assert_true(gap_ns == spacing_ns(options) || paused);
            assert_true(due_us - last_due_us == (uint64_t)gap_ns / 1000 || paused);
            assert_true(due_us > last_due_us);
        }
        last_due_us = due_us;
    }
    assert_true(llabs((int64_t)last_due_us - clock_wall_us()) < PATIENCE_S * 1000000LL);
}

static void expect_opus_in_order(const struct tape *tape)
{
    uint64_t frame = 0;
    for (uint32_t i = 0; i < tape->count; i++) {
        size_t size = 0;
        const uint8_t *header = chunk_of(tape, FORMAT_OPUS, i, &size);
        assert_int_equal(number_at(header + 4, 4), i);
        assert_int_equal(number_at(header + 8, 8), frame);
        assert_int_equal(number_at(header + 24, 4), 48000);
        const unsigned packets = (unsigned)number_at(header + 28, 2);
        assert_in_range(packets, 3, 6);
        size_t at = CHUNK_HEADER;
        for (unsigned p = 0; p < packets; p++) {
            assert_true(at + 2 <= size);
            at += 2 + number_at(header + at, 2);
        }
        assert_int_equal(at, size);
        frame += (uint64_t)packets * 960;
        // Pages come with the last chunk that is in them.
        const struct buffer *pages = tape->chunks[FORMAT_OGG][i];
        assert_int_equal(pages != NULL, i % CHUNK_OGG == CHUNK_OGG - 1);
        assert_true(!pages || memcmp(pages->bytes, "OggS", 4) == 0);
        assert_memory_equal(header + 16, chunk_of(tape, FORMAT_PCM, i, &size) + 16, 8);
        // It keeps up with the other form, but for what a resampler holds back.
        assert_in_range(frame, (uint64_t)(i + 1) * 4800 - 1920, (uint64_t)(i + 1) * 4800);
    }
}

static void expect_a_row_of_chunks(const struct station_options *options)
{
    struct tape *tape = tape_of(*options, 60);
    expect_pcm_in_order(tape, options);
    expect_opus_in_order(tape);
    tape_free(tape);
}

static void test_chunks_follow_one_another_at_48000(void **state)
{
    const struct station_options options = fixture_station(*state, SPEED);
    expect_a_row_of_chunks(&options);
}

static void test_chunks_follow_one_another_at_44100(void **state)
{
    struct station_options options = fixture_station(*state, SPEED);
    instrument_free(options.instrument);
    options.rate = 44100;
    options.instrument = tone_new(44100);
    expect_a_row_of_chunks(&options);
}

static void test_real_time_is_not_ahead_of_the_clock(void **state)
{
    struct station *station = fixture_start(*state, 1);
    fixture_wait(station, 3);
    struct buffer *chunk = NULL;
    int64_t due_ns = 0;
    assert_int_equal(station_take(station, 3, FORMAT_PCM, &chunk, NULL, &due_ns), STATUS_OK);
    assert_true(clock_now_ns() >= due_ns);
    buffer_unref(chunk);
    station_free(station);
}

static void test_speed_fifty_gives_fifty_seconds_a_second(void **state)
{
    // What is due when tells the speed; how long a loaded machine takes for it does not.
    struct station_options options = fixture_station(*state, SPEED);
    assert_int_equal(spacing_ns(&options) * SPEED, CHUNK_MS * NS_PER_MS);
    struct tape *tape = tape_of(options, 100);
    int even = 0;
    for (int i = 1; i < 100; i++) {
        even += tape->due_ns[i] - tape->due_ns[i - 1] == spacing_ns(&options);
    }
    assert_true(even > 90);
    // None was published before it was due: that would be faster.
    for (int i = 0; i < 100; i++) {
        assert_true(tape->taken_ns[i] >= tape->due_ns[i]);
    }
    tape_free(tape);
}

static void test_the_same_seed_gives_the_same_chunks(void **state)
{
    struct tape *one = tape_of(fixture_station(*state, SPEED), 40);
    struct tape *two = tape_of(fixture_station(*state, SPEED), 40);
    bool silent = true;
    for (uint32_t i = 0; i < 40; i++) {
        size_t size = 0;
        const uint8_t *samples = chunk_of(one, FORMAT_PCM, i, &size) + CHUNK_HEADER;
        assert_memory_equal(samples, chunk_of(two, FORMAT_PCM, i, &size) + CHUNK_HEADER, size - CHUNK_HEADER);
        silent = silent && samples[0] == 0 && memcmp(samples, samples + 1, size - CHUNK_HEADER - 1) == 0;
    }
    assert_false(silent);
    tape_free(one);
    tape_free(two);
}

static void test_the_ring_says_what_is_gone_and_what_is_to_come(void **state)
{
    struct station *station = fixture_start(*state, SPEED);
    fixture_wait(station, STATION_RING + 5);
    station_stop(station);
    const uint32_t head = station_head(station);
    for (int format = 0; format < FORMAT_COUNT; format++) {
        struct buffer *buffer = NULL;
        int64_t due_ns = 0;
        assert_int_equal(station_take(station, head, (enum format)format, &buffer, NULL, &due_ns), STATUS_AGAIN);
        assert_int_equal(station_take(station, UINT32_MAX, (enum format)format, &buffer, NULL, &due_ns), STATUS_AGAIN);
        assert_int_equal(station_take(station, head - STATION_RING - 1, (enum format)format, &buffer, NULL, &due_ns),
                         STATUS_CLOSED);
        assert_int_equal(station_take(station, 0, (enum format)format, &buffer, NULL, &due_ns), STATUS_CLOSED);
        assert_null(buffer);
        assert_int_equal(station_take(station, head - STATION_RING, (enum format)format, &buffer, NULL, &due_ns),
                         STATUS_OK);
        buffer_unref(buffer);
    }
    station_free(station);
}

static void test_json_is_made_once_for_all(void **state)
{
    struct station *station = fixture_start(*state, SPEED);
    fixture_wait(station, 1);
    station_stop(station);
    struct buffer *one = NULL;
    struct buffer *two = NULL;
    int64_t due_ns = 0;
    const uint32_t last = station_head(station) - 1;
    assert_int_equal(station_take(station, last, FORMAT_JSON, &one, NULL, &due_ns), STATUS_OK);
    assert_int_equal(station_take(station, last, FORMAT_JSON, &two, NULL, &due_ns), STATUS_OK);
    assert_ptr_equal(one, two);
    buffer_unref(one);
    buffer_unref(two);
    station_free(station);
}

static void test_stops_and_is_freed_in_any_state(void **state)
{
    const struct station_options options = fixture_station(*state, SPEED);
    struct station *station = fixture_make(&options);
    station_stop(station);
    station_stop(station);
    station_free(station);
    station = fixture_start(*state, SPEED);
    assert_int_equal(station_start(station), STATUS_OK); // runs already
    fixture_wait(station, 2);
    station_stop(station);
    station_stop(station);
    const uint32_t head = station_head(station);
    clock_sleep_until(clock_now_ns() + 20 * NS_PER_MS);
    assert_int_equal(station_head(station), head);
    // It goes on from where it was.
    assert_int_equal(station_start(station), STATUS_OK);
    fixture_wait(station, head);
    station_stop(station);
    size_t size = 0;
    int64_t due_ns = 0;
    const uint32_t last = station_head(station) - 1;
    struct buffer *pcm = NULL;
    assert_int_equal(station_take(station, last, FORMAT_PCM, &pcm, NULL, &due_ns), STATUS_OK);
    const uint8_t *header = frame_payload(pcm, WEBSOCKET_BINARY, &size);
    assert_int_equal(number_at(header + 4, 4), last);
    assert_int_equal(number_at(header + 8, 8), (uint64_t)last * 4800);
    buffer_unref(pcm);
    station_free(station);
    station_free(NULL);
}

static void expect_refused(struct station_options options, enum status expected)
{
    struct station *station = NULL;
    struct complaint complaint = {""};
    assert_int_equal(station_new(&options, &station, &complaint), expected);
    assert_null(station);
    assert_true(complaint.text[0]);
}

static void test_refuses_names_and_numbers(void **state)
{
    const int tones = tone_count();
    static const char *const names[] = {
        "", "Main", "a b", "a/b", "../x", "caf\xc3\xa9", "a.ogg", "abcdefghijklmnopqrstuvwxyz012345", "\xff"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct station_options options = fixture_station(*state, 1);
        options.name = names[i];
        expect_refused(options, STATUS_INVALID);
    }
    static const uint32_t rates[] = {0, 8000, 44101, 96000};
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        struct station_options options = fixture_station(*state, 1);
        options.rate = rates[i];
        expect_refused(options, STATUS_RANGE);
    }
    static const double speeds[] = {0, -1, NAN, 1001};
    for (size_t i = 0; i < sizeof speeds / sizeof *speeds; i++) {
        const struct station_options options = fixture_station(*state, speeds[i]);
        expect_refused(options, STATUS_RANGE);
    }
    struct station_options options = fixture_station(*state, 1);
    options.bitrate = 1;
    expect_refused(options, STATUS_RANGE);
    // Every instrument was taken over, and freed.
    assert_int_equal(tone_count(), tones);
    options = fixture_station(*state, 1);
    options.name = "abcdefghijklmnopqrstuvwxyz-_012";
    struct station *station = fixture_make(&options);
    assert_string_equal(station_name(station), options.name);
    assert_string_equal(station_renderer(station), "tone");
    assert_int_equal(station_rate(station), 48000);
    struct buffer *head = station_ogg_head(station);
    assert_memory_equal(head->bytes, "OggS", 4);
    buffer_unref(head);
    station_free(station);
}

struct seen {
    size_t notes, chords;
};

// By how much later than its place in the score something sounds: a note that is played at the end of a chunk sounds in
// the next one.
static size_t look_ahead(const struct fixture *fixture)
{
    const struct station_options station = fixture_station(fixture, 1);
    struct piece *piece = piece_new(&(struct piece_options){.harmony = station.harmony,
                                                            .preset = station.preset,
                                                            .controls = station.controls,
                                                            .rate = station.rate,
                                                            .instrument = station.instrument});
    assert_non_null(piece);
    const size_t delay = piece_delay(piece);
    piece_free(piece);
    return delay;
}

static void look_at(const json_t *event, uint32_t sequence, size_t delay, struct seen *seen)
{
    const json_int_t frame = json_integer_value(json_object_get(event, "frame"));
    assert_in_range(frame, (json_int_t)sequence * 4800, (json_int_t)(sequence + 1) * 4800 - 1 + (json_int_t)delay);
    const char *kind = json_string_value(json_object_get(event, "kind"));
    assert_non_null(kind);
    if (strcmp(kind, "note") == 0) {
        seen->notes++;
        assert_in_range(json_integer_value(json_object_get(event, "key")), 0, 127);
        assert_in_range(json_integer_value(json_object_get(event, "velocity")), 1, 127);
        assert_true(json_integer_value(json_object_get(event, "end")) > frame);
        assert_non_null(json_string_value(json_object_get(event, "part")));
    }
    if (strcmp(kind, "chord") == 0) {
        seen->chords++;
        assert_non_null(json_string_value(json_object_get(event, "symbol")));
        assert_non_null(json_string_value(json_object_get(event, "numeral")));
    }
}

static void look_through(const struct tape *tape, size_t delay, struct seen *seen)
{
    for (uint32_t i = 0; i < tape->count; i++) {
        json_t *json = tape->scores[i] ? frame_json(buffer_ref(tape->scores[i])) : NULL;
        if (json) {
            assert_string_equal(json_string_value(json_object_get(json, "type")), "score");
            const json_t *events = json_object_get(json, "events");
            assert_true(json_array_size(events) > 0);
            for (size_t e = 0; e < json_array_size(events); e++) {
                look_at(json_array_get(events, e), i, delay, seen);
            }
        }
        json_decref(json);
    }
}

static void test_a_score_tells_what_sounds_in_its_chunk(void **state)
{
    const size_t delay = look_ahead(*state);
    for (uint64_t seed = 0; seed < 12; seed++) {
        struct station_options options = fixture_station(*state, 500);
        options.seed = seed;
        struct tape *tape = tape_of(options, 100);
        struct seen seen = {0, 0};
        look_through(tape, delay, &seen);
        assert_true(seen.notes > 0 && seen.chords > 0);
        tape_free(tape);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_chunks_follow_one_another_at_48000, fixture_end),
        cmocka_unit_test_teardown(test_chunks_follow_one_another_at_44100, fixture_end),
        cmocka_unit_test_teardown(test_real_time_is_not_ahead_of_the_clock, fixture_end),
        cmocka_unit_test_teardown(test_speed_fifty_gives_fifty_seconds_a_second, fixture_end),
        cmocka_unit_test_teardown(test_the_same_seed_gives_the_same_chunks, fixture_end),
        cmocka_unit_test_teardown(test_the_ring_says_what_is_gone_and_what_is_to_come, fixture_end),
        cmocka_unit_test_teardown(test_json_is_made_once_for_all, fixture_end),
        cmocka_unit_test_teardown(test_stops_and_is_freed_in_any_state, fixture_end),
        cmocka_unit_test_teardown(test_refuses_names_and_numbers, fixture_end),
        cmocka_unit_test_teardown(test_a_score_tells_what_sounds_in_its_chunk, fixture_end),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
