// SPDX-License-Identifier: GPL-3.0-or-later
// What intensity does to the notes of a piece, of which nothing is rendered.
#include "compose/part.h"
#include "fixture.h"
#include "station/piece.h"
#include "tone.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { RATE = 48000, SECONDS = 120, SEEDS = 2 };

// The notes of each part.
struct onsets {
    long count[PART_COUNT];
    double velocity[PART_COUNT]; ///< the mean
};

static void count_note(void *user, const struct event *event, uint64_t frame, uint64_t end)
{
    struct onsets *onsets = user;
    assert_in_range(event->channel, 0, PART_COUNT - 1);
    onsets->count[event->channel]++;
    onsets->velocity[event->channel] += event->note.velocity;
    assert_true(end > frame);
}

static struct onsets onsets_at(const struct fixture *fixture, const struct preset *preset, double intensity)
{
    struct onsets onsets = {0};
    struct controls controls = preset->defaults;
    controls.intensity = intensity;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        const struct piece_options options = {.harmony = fixture->harmony,
                                              .preset = preset,
                                              .controls = controls,
                                              .seed = seed,
                                              .rate = RATE,
                                              .instrument = tone_new(RATE),
                                              .watch = {.note = count_note, .user = &onsets}};
        struct piece *piece = piece_new(&options);
        assert_non_null(piece);
        assert_int_equal(piece_skip(piece, (uint64_t)SECONDS * RATE), STATUS_OK);
        piece_free(piece);
    }
    for (int part = 0; part < PART_COUNT; part++) {
        onsets.velocity[part] /= onsets.count[part] > 0 ? (double)onsets.count[part] : 1;
    }
    return onsets;
}

static void expect_more(const struct onsets *less, const struct onsets *more)
{
    long before = 0;
    long after = 0;
    for (int part = 0; part < PART_COUNT; part++) {
        before += less->count[part];
        after += more->count[part];
        // The notes that are added may be among the softer ones of their part.
        assert_true(less->count[part] == 0 || more->velocity[part] > less->velocity[part] - 1);
    }
    assert_true(after > before);
}

static void test_more_intensity_is_more_and_harder_notes(void **state)
{
    enum { STEPS = 5 };
    const struct fixture *fixture = *state;
    for (size_t p = 0; p < presets_count(fixture->presets); p++) {
        const struct preset *preset = presets_at(fixture->presets, p);
        struct onsets onsets[STEPS];
        for (int step = 0; step < STEPS; step++) {
            onsets[step] = onsets_at(fixture, preset, step / (STEPS - 1.0));
            for (int part = 0; part < PART_COUNT; part++) {
                print_message("%s %d: %ld notes of the %s, velocity %.1f\n", preset->name, step,
                              onsets[step].count[part], part_name((enum part)part), onsets[step].velocity[part]);
            }
            if (step > 0) {
                expect_more(&onsets[step - 1], &onsets[step]);
            }
        }
        // From where a part is first heard to full intensity, it is harder for certain.
        for (int part = 0; part < PART_COUNT; part++) {
            int first = 0;
            while (first < STEPS - 1 && onsets[first].count[part] == 0) {
                first++;
            }
            assert_true(onsets[STEPS - 1].count[part] > 0);
            assert_true(first == STEPS - 1 || onsets[STEPS - 1].velocity[part] > onsets[first].velocity[part] + 1);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_more_intensity_is_more_and_harder_notes, fixture_end),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
