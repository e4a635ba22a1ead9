// SPDX-License-Identifier: GPL-3.0-or-later
// A station that is steered while it runs.
#include "station/station.h"

#include "core/clock.h"
#include "core/random.h"
#include "fixture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>

#include <cmocka.h>

static const int64_t NS_PER_MS = 1000000;

enum { PATIENCE_S = 20, SPEED = 50 };

static void wait_for_version(struct station *station, uint64_t version, struct station_state *out)
{
    for (int i = 0; i < PATIENCE_S * 1000; i++) {
        *out = station_state(station);
        if (out->version >= version && out->controls.intensity == 0.875) {
            return;
        }
        clock_sleep_until(clock_now_ns() + NS_PER_MS);
    }
    fail_msg("the change is not taken");
}

static void test_a_change_takes_effect(void **state)
{
    const struct fixture *fixture = *state;
    struct station *station = fixture_start(*state, SPEED);
    const struct station_state before = station_state(station);
    const struct station_change change = {.preset = fixture_preset(fixture, "sleep"),
                                          .set_tonic = true,
                                          .tonic = 8,
                                          .set_intensity = true,
                                          .intensity = 0.875};
    assert_int_equal(station_command(station, &change, NULL), STATUS_OK);
    struct station_state after;
    wait_for_version(station, before.version + 1, &after);
    assert_ptr_equal(after.preset, change.preset);
    assert_int_equal(after.controls.key.tonic, 8);
    assert_int_equal(after.controls.key.mode, change.preset->defaults.key.mode);
    assert_true(after.controls.bpm == change.preset->defaults.bpm);
    fixture_wait(station, station_head(station) + 20);
    after = station_state(station);
    assert_true(after.has_chord);
    assert_int_equal(after.chord_key.tonic, 8);
    assert_true(histogram_summarize(&station_metrics(station)->control).count == 1);
    station_free(station);
}

// The milliseconds from a change of key to its sound, in a station that plays as fast as it is heard.
static double reaction_ms(const struct fixture *fixture)
{
    struct station *station = fixture_start(fixture, 1);
    fixture_wait(station, 2);
    const struct station_change change = {.set_tonic = true, .tonic = 8};
    assert_int_equal(station_command(station, &change, NULL), STATUS_OK);
    struct histogram_summary summary = {0};
    for (int i = 0; i < PATIENCE_S * 1000 && summary.count == 0; i++) {
        clock_sleep_until(clock_now_ns() + NS_PER_MS);
        summary = histogram_summarize(&station_metrics(station)->control);
    }
    assert_int_equal(summary.count, 1);
    station_free(station);
    return (double)summary.max / 1000;
}

static void test_a_change_is_in_the_sound_within_300_ms(void **state)
{
    // The promise is one of a machine that has time for it; one that is busy gets three tries.
    double best = INFINITY;
    for (int i = 0; i < 3 && !(best < 300); i++) {
        best = fmin(best, reaction_ms(*state));
    }
    if (!(best < 300)) {
        fail_msg("it takes %g ms", best);
    }
}

static void test_refuses_values_out_of_range(void **state)
{
    const struct station_change wrong[] = {
        {.set_bpm = true, .bpm = NAN},
        {.set_bpm = true, .bpm = 29.9},
        {.set_bpm = true, .bpm = 200.1},
        {.set_bpm = true, .bpm = INFINITY},
        {.set_bpm = true, .bpm = -60},
        {.set_intensity = true, .intensity = NAN},
        {.set_intensity = true, .intensity = -0.01},
        {.set_intensity = true, .intensity = 1.01},
        {.set_tonic = true, .tonic = 12},
        {.set_mode = true, .mode = MODE_COUNT},
    };
    const struct station_options options = fixture_station(*state, SPEED);
    struct station *station = fixture_make(&options);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct complaint complaint = {""};
        assert_int_equal(station_command(station, &wrong[i], &complaint), STATUS_RANGE);
        assert_true(complaint.text[0]);
    }
    station_free(station);
}

static void test_says_when_too_many_changes_wait(void **state)
{
    const struct station_options options = fixture_station(*state, SPEED);
    struct station *station = fixture_make(&options);
    const struct station_change change = {.set_intensity = true, .intensity = 0.875};
    for (int i = 0; i < STATION_COMMANDS; i++) {
        assert_int_equal(station_command(station, &change, NULL), STATUS_OK);
    }
    struct complaint complaint = {""};
    assert_int_equal(station_command(station, &change, &complaint), STATUS_FULL);
    assert_true(complaint.text[0]);
    assert_int_equal(atomic_load(&station_metrics(station)->refused_commands), 1);
    // All that wait are taken when it runs.
    assert_int_equal(station_start(station), STATUS_OK);
    struct station_state after;
    wait_for_version(station, 2, &after);
    assert_int_equal(station_command(station, &change, NULL), STATUS_OK);
    station_free(station);
}

static void test_a_thousand_random_changes(void **state)
{
    const struct fixture *fixture = *state;
    struct station *station = fixture_start(*state, SPEED);
    struct random random;
    random_init(&random, 99, 0);
    for (int i = 0; i < 1000; i++) {
        const unsigned what = random_below(&random, 32);
        const struct station_change change = {
            .preset = what == 31 ? presets_at(fixture->presets,
                                              random_below(&random, (uint32_t)presets_count(fixture->presets)))
                                 : NULL,
            .set_tonic = what & 1,
            .set_mode = what & 2,
            .set_bpm = what & 4,
            .set_intensity = what & 8,
            .tonic = (uint8_t)random_below(&random, PITCH_CLASSES),
            .mode = (enum mode)random_below(&random, MODE_COUNT),
            .bpm = 30 + random_below(&random, 171),
            .intensity = random_below(&random, 101) / 100.0};
        while (station_command(station, &change, NULL) == STATUS_FULL) {
            clock_sleep_until(clock_now_ns() + NS_PER_MS);
        }
        if (i % 16 == 0) {
            clock_sleep_until(clock_now_ns() + 2 * NS_PER_MS);
        }
    }
    const struct station_change last = {.set_intensity = true, .intensity = 0.875};
    while (station_command(station, &last, NULL) == STATUS_FULL) {
        clock_sleep_until(clock_now_ns() + NS_PER_MS);
    }
    struct station_state after;
    wait_for_version(station, 2, &after);
    fixture_wait(station, station_head(station) + 2);
    station_stop(station);
    // Not a chunk was lost over it.
    const uint32_t sequence = station_head(station) - 1;
    struct buffer *chunk = NULL;
    int64_t due_ns = 0;
    size_t size = 0;
    assert_int_equal(station_take(station, sequence, FORMAT_PCM, &chunk, NULL, &due_ns), STATUS_OK);
    assert_int_equal(number_at(frame_payload(chunk, WEBSOCKET_BINARY, &size) + 8, 8), (uint64_t)sequence * 4800);
    buffer_unref(chunk);
    station_free(station);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_a_change_takes_effect, fixture_end),
        cmocka_unit_test_teardown(test_a_change_is_in_the_sound_within_300_ms, fixture_end),
        cmocka_unit_test_teardown(test_refuses_values_out_of_range, fixture_end),
        cmocka_unit_test_teardown(test_says_when_too_many_changes_wait, fixture_end),
        cmocka_unit_test_teardown(test_a_thousand_random_changes, fixture_end),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
