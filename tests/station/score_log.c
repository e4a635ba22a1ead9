// SPDX-License-Identifier: GPL-3.0-or-later
#include "station/score_log.h"

#include "compose/part.h"
#include "fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

// What is noted down so far, as the listeners of a station at \p rate get it.
static struct chunk taken(struct score_log *log, uint32_t rate)
{
    struct chunk chunk = {0};
    score_log_take(log, rate, &chunk);
    return chunk;
}

static json_t *events_of(struct buffer *message)
{
    json_t *json = frame_json(message);
    assert_string_equal(json_string_value(json_object_get(json, "type")), "score");
    json_t *events = json_incref(json_object_get(json, "events"));
    assert_true(json_is_array(events));
    json_decref(json);
    return events;
}

static json_int_t number_of(const json_t *events, size_t at, const char *name)
{
    const json_t *number = json_object_get(json_array_get(events, at), name);
    assert_true(json_is_integer(number));
    return json_integer_value(number);
}

static const char *text_of(const json_t *events, size_t at, const char *name)
{
    const char *text = json_string_value(json_object_get(json_array_get(events, at), name));
    assert_non_null(text);
    return text;
}

static void test_tells_what_was_noted_in_order(void **state)
{
    (void)state;
    struct score_log *log = score_log_new();
    assert_non_null(log);
    const struct chord chord = {0};
    const struct event harmony = event_chord(0, chord, (struct key){2, MODE_DORIAN});
    const struct event note = event_note(0, PART_BASS, 38, 90, 480);
    score_log_chord(log, &harmony, 100);
    score_log_cut(log, PART_PAD, 200);
    score_log_note(log, &note, 300, 24300);
    struct chunk chunk = taken(log, 48000);
    assert_null(chunk.score_opus); // the same serves
    json_t *events = events_of(chunk.score);
    assert_int_equal(json_array_size(events), 3);
    assert_string_equal(text_of(events, 0, "kind"), "chord");
    assert_int_equal(number_of(events, 0, "frame"), 100);
    assert_string_equal(text_of(events, 0, "mode"), "dorian");
    assert_string_equal(text_of(events, 1, "kind"), "cut");
    assert_int_equal(number_of(events, 1, "frame"), 200);
    assert_string_equal(text_of(events, 1, "part"), "pad");
    assert_string_equal(text_of(events, 2, "kind"), "note");
    assert_int_equal(number_of(events, 2, "frame"), 300);
    assert_int_equal(number_of(events, 2, "end"), 24300);
    assert_int_equal(number_of(events, 2, "key"), 38);
    assert_int_equal(number_of(events, 2, "velocity"), 90);
    assert_string_equal(text_of(events, 2, "part"), "bass");
    json_decref(events);
    score_log_free(log);
    score_log_free(NULL);
}

static void test_tells_the_frames_of_opus_too(void **state)
{
    (void)state;
    struct score_log *log = score_log_new();
    const struct event note = event_note(0, PART_MELODY, 62, 70, 480);
    score_log_note(log, &note, 44100, 88200);
    struct chunk chunk = taken(log, 44100);
    json_t *events = events_of(chunk.score);
    assert_int_equal(number_of(events, 0, "frame"), 44100);
    assert_int_equal(number_of(events, 0, "end"), 88200);
    json_decref(events);
    events = events_of(chunk.score_opus);
    assert_int_equal(number_of(events, 0, "frame"), 48000);
    assert_int_equal(number_of(events, 0, "end"), 96000);
    json_decref(events);
    score_log_free(log);
}

static void test_more_than_fits_is_not_shown(void **state)
{
    (void)state;
    struct score_log *log = score_log_new();
    const struct event note = event_note(0, PART_SPARKLE, 80, 50, 10);
    for (uint64_t i = 0; i < SCORE_LOG_ENTRIES + 10; i++) {
        score_log_note(log, &note, i, i + 1);
    }
    score_log_cut(log, PART_SPARKLE, 0);
    struct chunk chunk = taken(log, 48000);
    json_t *events = events_of(chunk.score);
    assert_int_equal(json_array_size(events), SCORE_LOG_ENTRIES);
    for (size_t i = 0; i < SCORE_LOG_ENTRIES; i++) {
        assert_int_equal(number_of(events, i, "frame"), i);
    }
    json_decref(events);
    // The next chunk has room again.
    score_log_cut(log, PART_BASS, 7);
    chunk = taken(log, 48000);
    events = events_of(chunk.score);
    assert_int_equal(json_array_size(events), 1);
    json_decref(events);
    score_log_free(log);
}

static void test_nothing_noted_is_no_message(void **state)
{
    (void)state;
    struct score_log *log = score_log_new();
    struct chunk chunk = taken(log, 44100);
    assert_null(chunk.score);
    assert_null(chunk.score_opus);
    // Nor is what was noted of a lost chunk, or told already.
    score_log_cut(log, PART_BASS, 1);
    score_log_clear(log);
    assert_null(taken(log, 44100).score);
    score_log_cut(log, PART_BASS, 2);
    chunk = taken(log, 48000);
    assert_non_null(chunk.score);
    buffer_unref(chunk.score);
    assert_null(taken(log, 48000).score);
    score_log_free(log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tells_what_was_noted_in_order),
        cmocka_unit_test(test_tells_the_frames_of_opus_too),
        cmocka_unit_test(test_more_than_fits_is_not_shown),
        cmocka_unit_test(test_nothing_noted_is_no_message),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
