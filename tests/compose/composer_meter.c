// SPDX-License-Identifier: GPL-3.0-or-later
// Presets in other meters than those that are built in, and changes between them in the middle of a bar.
#include "band.h"

static const struct meter meters[] = {{4, 4}, {3, 4}, {2, 4}, {6, 8}, {12, 8}};
static const double slots[] = {0.5, 1.0, 2.0};

enum { METERS = sizeof meters / sizeof *meters, SLOTS = sizeof slots / sizeof *slots };

static struct preset preset_in(const struct band *band, size_t meter, size_t slot)
{
    const struct preset *model = presets_at(band->presets, (meter + slot) % presets_count(band->presets));
    struct preset preset = *model;
    preset.meter = meters[meter];
    preset.slot_beats = slots[slot];
    return preset;
}

/// Every part keeps to the chords.
static void check_music(const struct score *score)
{
    struct walk walk = walk_start(score);
    uint64_t notes = 0;
    for (const struct event *note = walk_note(&walk); note; note = walk_note(&walk)) {
        const enum tone_class tone = melody_tone_class(note->note.key, walk.chord, walk.key);
        assert_true(note->channel == PART_MELODY || tone == TONE_CHORD);
        notes++;
    }
    assert_true(notes > 100);
}

static void every_meter_keeps_its_bars(void **state)
{
    const struct band *band = *state;
    for (size_t i = 0; i < (size_t)METERS * SLOTS; i++) {
        const struct preset preset = preset_in(band, i % METERS, i / METERS);
        const int64_t bar = meter_bar_ticks(preset.meter);
        const struct controls controls = controls_at(&preset, 0.7);
        struct score score = {0};
        struct melody_counts counts;
        band_play(band, &preset, &controls, i, 30, &score, &counts);
        check_music(&score);
        for (size_t j = 0; j < score.count; j++) {
            assert_true(score.events[j].kind != EVENT_CHORD || score.events[j].tick % bar == 0);
        }
        const double share = (double)counts.tones[TONE_CHORD] / (double)(counts.notes + counts.resolutions);
        // Where chords change as fast as notes, there is no room for chromatic tones, and their share goes to the rest.
        if (share < 0.67 || share > 0.76) {
            fail_msg("%s in %d/%d with slots of %g: %.3f chord tones", preset.name, preset.meter.beats,
                     preset.meter.unit, preset.slot_beats, share);
        }
        score_done(&score);
    }
}

static void meters_change_in_the_middle_of_a_bar(void **state)
{
    const struct band *band = *state;
    for (size_t i = 0; i < (size_t)METERS * METERS; i++) {
        const struct preset from = preset_in(band, i % METERS, i % SLOTS);
        const struct preset to = preset_in(band, i / METERS, (i + 1) % SLOTS);
        const struct controls controls = controls_at(&from, 0.7);
        const int64_t now = 20000 + 137 * (int64_t)i;
        struct composer *composer = composer_new(band->harmony, &from, &controls, i);
        struct score score = {0};
        assert_non_null(composer);
        assert_int_equal(composer_advance(composer, now, &score), STATUS_OK);
        assert_int_equal(composer_change(composer, &to, &controls, now, &score), STATUS_OK);
        assert_int_equal(composer_advance(composer, now + (int64_t)400 * TICKS_PER_BEAT, &score), STATUS_OK);
        assert_int_equal(score_sort(&score), STATUS_OK);
        check_music(&score);
        int64_t last = -1;
        int chords = 0;
        for (size_t j = 0; j < score.count; j++) {
            if (score.events[j].kind == EVENT_CHORD && score.events[j].tick > now + STEP_TICKS) {
                assert_true(last < 0 || (score.events[j].tick - last) % meter_bar_ticks(to.meter) == 0);
                last = score.events[j].tick;
                chords++;
            }
        }
        assert_true(chords > 5);
        composer_free(composer);
        score_done(&score);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_meter_keeps_its_bars),
        cmocka_unit_test(meters_change_in_the_middle_of_a_bar),
    };
    return cmocka_run_group_tests(tests, band_setup, band_teardown);
}
