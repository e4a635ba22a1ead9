// SPDX-License-Identifier: GPL-3.0-or-later
// The same seed and the same timed changes give the same events, however the composer is asked for them.
#include "band.h"

#include "core/random.h"

enum { LENGTH = 60 * 4 * TICKS_PER_BEAT };

static const struct preset *focus_of(const struct band *band)
{
    return presets_find(band->presets, "focus", NULL);
}

static void play_whole(const struct band *band, const char *name, uint64_t seed, struct score *score)
{
    const struct preset *preset = presets_find(band->presets, name, NULL);
    const struct controls controls = controls_at(preset, 0.8);
    band_play(band, preset, &controls, seed, (double)LENGTH / TICKS_PER_BEAT / controls.bpm, score, NULL);
}

static void same_seed_gives_the_same_events(void **state)
{
    const struct band *band = *state;
    for (size_t i = 0; i < presets_count(band->presets); i++) {
        struct score scores[3] = {0};
        const char *name = presets_at(band->presets, i)->name;
        play_whole(band, name, 1234, &scores[0]);
        play_whole(band, name, 1234, &scores[1]);
        play_whole(band, name, 1235, &scores[2]);
        assert_true(scores[0].count > 100);
        assert_true(score_equal(&scores[0], &scores[1]));
        assert_false(score_equal(&scores[0], &scores[2]));
        for (int j = 0; j < 3; j++) {
            score_done(&scores[j]);
        }
    }
}

/// What is changed on which tick.
static const struct {
    int64_t tick;
    struct controls controls;
    const char *preset;
} changes[] = {{3841, {{9, MODE_AEOLIAN}, 72, 0.8}, NULL},    {3850, {{4, MODE_AEOLIAN}, 72, 0.8}, NULL},
               {9599, {{4, MODE_AEOLIAN}, 40, 0.2}, NULL},    {20000, {{4, MODE_LYDIAN}, 40, 0.9}, "bright"},
               {40001, {{4, MODE_LYDIAN}, 200, 0.9}, NULL},   {60060, {{11, MODE_LOCRIAN}, 31, 0.5}, "sleep"},
               {60061, {{11, MODE_IONIAN}, 31, 0.5}, "focus"}};

enum { CHANGES = sizeof changes / sizeof *changes };

/// Plays with the changes, asking in portions of at most \p portion ticks; 0 is as many as may be.
static void play_changed(const struct band *band, int64_t portion, struct score *score)
{
    const struct controls first = controls_at(focus_of(band), 0.8);
    struct composer *composer = composer_new(band->harmony, focus_of(band), &first, 99);
    assert_non_null(composer);
    int64_t now = 0;
    for (size_t i = 0; i <= CHANGES; i++) {
        const int64_t end = i < CHANGES ? changes[i].tick : LENGTH;
        while (now < end) {
            now = portion > 0 && now + portion < end ? now + portion : end;
            assert_int_equal(composer_advance(composer, now, score), STATUS_OK);
        }
        if (i < CHANGES) {
            const struct preset *preset =
                changes[i].preset ? presets_find(band->presets, changes[i].preset, NULL) : NULL;
            assert_int_equal(composer_change(composer, preset, &changes[i].controls, now, score), STATUS_OK);
        }
    }
    composer_free(composer);
}

static void portions_make_no_difference(void **state)
{
    static const int64_t portions[] = {1, 7, STEP_TICKS, TICKS_PER_BEAT, (int64_t)4 * TICKS_PER_BEAT, 4001};
    struct score whole = {0};
    play_changed(*state, 0, &whole);
    for (size_t i = 0; i < sizeof portions / sizeof *portions; i++) {
        struct score parts = {0};
        play_changed(*state, portions[i], &parts);
        assert_true(score_equal(&whole, &parts));
        score_done(&parts);
    }
    score_done(&whole);
}

static void advancing_to_the_past_adds_nothing(void **state)
{
    const struct band *band = *state;
    const struct controls controls = controls_at(focus_of(band), 0.5);
    struct composer *composer = composer_new(band->harmony, focus_of(band), &controls, 1);
    struct score score = {0};
    assert_int_equal(composer_advance(composer, 0, &score), STATUS_OK);
    assert_int_equal(composer_advance(composer, -5, &score), STATUS_OK);
    assert_int_equal(score.count, 0);
    assert_int_equal(composer_advance(composer, 5000, &score), STATUS_OK);
    const size_t count = score.count;
    assert_true(count > 0);
    assert_int_equal(composer_advance(composer, 5000, &score), STATUS_OK);
    assert_int_equal(composer_advance(composer, 1, &score), STATUS_OK);
    assert_int_equal(score.count, count);
    score_done(&score);
    composer_free(composer);
    composer_free(NULL);
}

static void it_begins_by_setting_up_its_parts(void **state)
{
    const struct band *band = *state;
    const struct preset *preset = focus_of(band);
    const struct controls controls = controls_at(preset, 0.5);
    struct composer *composer = composer_new(band->harmony, preset, &controls, 1);
    struct score score = {0};
    assert_int_equal(composer_advance(composer, 1, &score), STATUS_OK);
    int heard[PART_COUNT][4] = {{0}};
    for (size_t i = 0; i < score.count && score.events[i].kind == EVENT_MIDI; i++) {
        const struct event *event = &score.events[i];
        const struct preset_part *part = part_settings(preset, (enum part)event->channel);
        const struct {
            int status, number, value;
        } wanted[4] = {{0xc0, part->program, 0}, {0xb0, 7, part->volume}, {0xb0, 10, part->pan}, {0xb0, 11, -1}};
        for (int j = 0; j < 4; j++) {
            heard[event->channel][j] += event->midi.status == wanted[j].status &&
                                        event->midi.data[0] == wanted[j].number &&
                                        (wanted[j].value < 0 || event->midi.data[1] == wanted[j].value);
        }
    }
    for (int part = 0; part < PART_COUNT; part++) {
        for (int j = 0; j < 4; j++) {
            assert_int_equal(heard[part][j], 1);
        }
    }
    score_done(&score);
    composer_free(composer);
}

static void parts_have_names(void **state)
{
    (void)state;
    assert_string_equal(part_name(PART_MELODY), "melody");
    assert_string_equal(part_name(PART_SPARKLE), "sparkle");
    assert_string_equal(part_name(PART_COUNT), "unknown");
    assert_string_equal(part_name((enum part)200), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_seed_gives_the_same_events),
        cmocka_unit_test(portions_make_no_difference),
        cmocka_unit_test(advancing_to_the_past_adds_nothing),
        cmocka_unit_test(it_begins_by_setting_up_its_parts),
        cmocka_unit_test(parts_have_names),
    };
    return cmocka_run_group_tests(tests, band_setup, band_teardown);
}
