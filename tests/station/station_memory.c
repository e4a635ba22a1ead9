// SPDX-License-Identifier: GPL-3.0-or-later
// What a station does when memory runs out while it plays: a chunk is lost, and it goes on.
#include "core/clock.h"
#include "fixture.h"
#include "station/station.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>

#include <cmocka.h>

enum { FAILURES = 12, CHUNKS = 60, SPEED = 50, PATIENCE_S = 20 };

// NOLINTBEGIN(bugprone-reserved-identifier): the names are the linker's.
struct buffer *__real_buffer_new(size_t size);
struct buffer *__wrap_buffer_new(size_t size);
// NOLINTEND(bugprone-reserved-identifier)

static _Atomic bool failing;
static _Atomic int calls;
static _Atomic int failures;

// Every fifth buffer cannot be had.
struct buffer *__wrap_buffer_new(size_t size)
{
    if (failing && ++calls % 5 == 0 && failures < FAILURES) {
        failures++;
        return NULL;
    }
    return __real_buffer_new(size);
}

struct tape {
    struct station *station;
    uint64_t frames[CHUNKS];
    uint64_t opus_frames[CHUNKS];
    _Atomic uint32_t count;
};

static uint64_t frame_of(struct station *station, uint32_t sequence, enum format format)
{
    struct buffer *chunk = NULL;
    int64_t due_ns = 0;
    if (station_take(station, sequence, format, &chunk, NULL, &due_ns) != STATUS_OK) {
        return UINT64_MAX;
    }
    // Sequence and first frame are 4 and 8 bytes into the header, which is behind that of a frame with 16 or 64 bits.
    const uint8_t *header = chunk->bytes + (chunk->bytes[1] == 127 ? 10 : 4);
    const uint64_t frame = number_at(header + 4, 4) == sequence ? number_at(header + 8, 8) : UINT64_MAX;
    buffer_unref(chunk);
    return frame;
}

static void record(void *user)
{
    struct tape *tape = user;
    const uint32_t at = tape->count;
    if (at < CHUNKS) {
        tape->frames[at] = frame_of(tape->station, at, FORMAT_PCM);
        tape->opus_frames[at] = frame_of(tape->station, at, FORMAT_OPUS);
        tape->count = at + 1;
    }
}

static void test_goes_on_behind_a_lost_chunk(void **state)
{
    static struct tape tape;
    struct station_options options = fixture_station(*state, SPEED);
    options.published = record;
    options.user = &tape;
    assert_int_equal(station_new(&options, &tape.station, NULL), STATUS_OK);
    failing = true;
    assert_int_equal(station_start(tape.station), STATUS_OK);
    for (int i = 0; i < PATIENCE_S * 1000 && tape.count < CHUNKS; i++) {
        clock_sleep_until(clock_now_ns() + 1000000);
    }
    station_stop(tape.station);
    failing = false;
    assert_int_equal(failures, FAILURES);
    assert_int_equal(tape.count, CHUNKS);
    // Sequences are without a hole; the frames say that something is missing, in both forms alike.
    int lost = 0;
    for (int i = 0; i < CHUNKS; i++) {
        assert_int_equal(tape.opus_frames[i], tape.frames[i]);
        const uint64_t before = i > 0 ? tape.frames[i - 1] : 0;
        assert_int_equal(tape.frames[i] % 4800, 0);
        lost += i > 0 && tape.frames[i] != before + 4800;
    }
    assert_true(lost > 0);
    station_free(tape.station);
}

static void test_is_not_made_without_memory(void **state)
{
    failing = true;
    int refused = 0;
    for (int first = 0; first < 5; first++) {
        calls = first;
        failures = 0;
        struct station_options options = fixture_station(*state, 1);
        struct station *station = NULL;
        struct complaint complaint = {""};
        const enum status status = station_new(&options, &station, &complaint);
        // Each time another buffer cannot be had; there is no station without any of them.
        assert_int_equal(status == STATUS_OK, failures == 0);
        if (status != STATUS_OK) {
            refused++;
            assert_int_equal(status, STATUS_NO_MEMORY);
            assert_true(complaint.text[0]);
            assert_null(station);
        }
        station_free(station);
    }
    failing = false;
    assert_true(failures <= 1);
    assert_true(refused > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_goes_on_behind_a_lost_chunk, fixture_end),
        cmocka_unit_test_teardown(test_is_not_made_without_memory, fixture_end),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
