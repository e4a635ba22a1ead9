// SPDX-License-Identifier: GPL-3.0-or-later
// What the music is like: hours of it, measured from the events alone.
#include "band.h"

#include <math.h>

static const double intensities[] = {0.1, 0.5, 0.9};

/// What an hour of one preset's music comes to.
struct tally {
    uint64_t notes;   ///< of all parts
    uint64_t foreign; ///< neither of the chord nor of the key
    uint64_t outside; ///< the register of the part
    uint64_t melody[TONE_CLASSES];
    uint64_t parts;  ///< bit n: part n played
    double loudness; ///< the velocities of all notes added up
};

static struct tally tally_of(const struct score *score, const struct preset *preset)
{
    struct tally tally = {0};
    struct walk walk = walk_start(score);
    for (const struct event *note = walk_note(&walk); note; note = walk_note(&walk)) {
        const struct preset_part *part = part_settings(preset, (enum part)note->channel);
        const enum tone_class tone = melody_tone_class(note->note.key, walk.chord, walk.key);
        assert_true(note->channel < PART_COUNT);
        assert_in_range(note->note.velocity, 20, 100);
        assert_true(walk.chord_tick >= 0);
        tally.notes++;
        tally.foreign += tone == TONE_CHROMATIC;
        tally.outside += note->note.key < part->low || note->note.key > part->high;
        tally.melody[tone] += note->channel == PART_MELODY;
        tally.parts |= 1U << note->channel;
        tally.loudness += note->note.velocity;
    }
    return tally;
}

static void check_mix(const struct tally *tally, const struct melody_counts *counts, const char *what)
{
    static const double mix[TONE_CLASSES] = {[TONE_CHORD] = 0.70, [TONE_SCALE] = 0.25, [TONE_CHROMATIC] = 0.05};
    uint64_t notes = 0;
    for (int i = 0; i < TONE_CLASSES; i++) {
        notes += tally->melody[i];
        assert_int_equal(tally->melody[i], counts->tones[i]);
    }
    assert_int_equal(notes, counts->notes + counts->resolutions);
    assert_true(notes > 150);
    for (int i = 0; i < TONE_CLASSES; i++) {
        const double share = (double)tally->melody[i] / (double)notes;
        if (fabs(share - mix[i]) > 0.02) {
            fail_msg("%s: class %d has a share of %.3f", what, i, share);
        }
    }
}

static double check_hour(const struct band *band, const struct preset *preset, struct controls controls)
{
    struct score score = {0};
    struct melody_counts counts;
    band_play(band, preset, &controls, 7, 60, &score, &counts);
    const struct tally tally = tally_of(&score, preset);
    const double sounding = (double)counts.notes / (double)counts.slots;
    if ((double)tally.foreign > 0.05 * (double)tally.notes || tally.outside > 0) {
        fail_msg("%s in %s: %d of %d notes are foreign, %d out of the register", preset->name,
                 mode_name(controls.key.mode), (int)tally.foreign, (int)tally.notes, (int)tally.outside);
    }
    check_mix(&tally, &counts, preset->name);
    if (sounding < 0.5 || sounding > 0.8) {
        fail_msg("%s at %.1f: %.3f of the slots sound", preset->name, controls.intensity, sounding);
    }
    score_done(&score);
    return sounding;
}

static void an_hour_keeps_to_chord_and_key(void **state)
{
    const struct band *band = *state;
    for (size_t i = 0; i < presets_count(band->presets); i++) {
        const struct preset *preset = presets_at(band->presets, i);
        double before = 0.0;
        for (size_t j = 0; j < sizeof intensities / sizeof *intensities; j++) {
            const double sounding = check_hour(band, preset, controls_at(preset, intensities[j]));
            assert_true(sounding > before);
            before = sounding;
        }
    }
}

static void an_hour_of_every_mode(void **state)
{
    const struct band *band = *state;
    const struct preset *preset = presets_find(band->presets, "focus", NULL);
    for (int mode = 0; mode < MODE_COUNT; mode++) {
        struct controls controls = controls_at(preset, 0.5);
        controls.key = (struct key){(uint8_t)(5 * mode % PITCH_CLASSES), (enum mode)mode};
        (void)check_hour(band, preset, controls);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_hour_keeps_to_chord_and_key),
        cmocka_unit_test(an_hour_of_every_mode),
    };
    return cmocka_run_group_tests(tests, band_setup, band_teardown);
}
