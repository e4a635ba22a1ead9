// SPDX-License-Identifier: GPL-3.0-or-later
// Intensity is heard: more of it is more notes, louder, in more parts, and never the other way round.
#include "band.h"

enum { LEVELS = 11, SEEDS = 4, MINUTES = 30 };

/// The music of one intensity, added up over all seeds.
struct level {
    double notes;
    double loudness;          ///< velocities
    double sounding;          ///< of the slots of the melody
    int parts;                ///< how many play
    double hard[PART_COUNT];  ///< the velocities of each part
    double count[PART_COUNT]; ///< its notes
};

/// Each part plays its notes harder than before, or does not play.
static void check_velocity(const struct level *before, const struct level *level, const char *what)
{
    for (int part = 0; part < PART_COUNT; part++) {
        if (before->count[part] > 0 &&
            level->hard[part] / level->count[part] <= before->hard[part] / before->count[part]) {
            fail_msg("%s: the %s has a mean velocity of %.2f after %.2f", what, part_name((enum part)part),
                     level->hard[part] / level->count[part], before->hard[part] / before->count[part]);
        }
    }
}

static struct level level_hear(const struct band *band, const struct preset *preset, double intensity)
{
    const struct controls controls = controls_at(preset, intensity);
    struct level level = {0};
    bool plays[PART_COUNT] = {false};
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct score score = {0};
        struct melody_counts counts;
        band_play(band, preset, &controls, seed, MINUTES, &score, &counts);
        struct walk walk = walk_start(&score);
        for (const struct event *note = walk_note(&walk); note; note = walk_note(&walk)) {
            level.notes++;
            level.loudness += note->note.velocity;
            plays[note->channel] = true;
            level.hard[note->channel] += note->note.velocity;
            level.count[note->channel]++;
        }
        level.sounding += counts.slots ? (double)counts.notes / (double)counts.slots / SEEDS : 0.0;
        score_done(&score);
    }
    for (int part = 0; part < PART_COUNT; part++) {
        level.parts += plays[part];
        assert_int_equal(plays[part],
                         intensity >= part_settings(preset, (enum part)part)->enters &&
                             (part != PART_SPARKLE || preset_pair_at(preset->sparkle_density, intensity) > 0.0));
    }
    return level;
}

static void more_intensity_is_more_music(void **state)
{
    const struct band *band = *state;
    for (size_t p = 0; p < presets_count(band->presets); p++) {
        const struct preset *preset = presets_at(band->presets, p);
        struct level before = {0};
        struct level first = {0};
        struct level step = {0}; ///< far enough below that what hands vary does not count
        for (int i = 0; i < LEVELS; i++) {
            const struct level level = level_hear(band, preset, i / (LEVELS - 1.0));
            assert_true(level.sounding == 0.0 || (level.sounding > 0.47 && level.sounding < 0.83));
            if (level.notes <= before.notes || level.loudness <= before.loudness || level.parts < before.parts) {
                fail_msg("%s at %.1f: %.0f notes after %.0f, %.0f loud after %.0f, %d parts after %d", preset->name,
                         i / (LEVELS - 1.0), level.notes, before.notes, level.loudness, before.loudness, level.parts,
                         before.parts);
            }
            first = i == 0 ? level : first;
            if (i == 0 || i == LEVELS - 1 || i == LEVELS / 2) {
                check_velocity(&step, &level, preset->name);
                step = level;
            }
            before = level;
        }
        assert_true(before.notes > 2.0 * first.notes);
        assert_int_equal(before.parts, PART_COUNT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(more_intensity_is_more_music),
    };
    return cmocka_run_group_tests(tests, band_setup, band_teardown);
}
