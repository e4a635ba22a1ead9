// SPDX-License-Identifier: GPL-3.0-or-later
// Voice leading over long progressions of every mode, as the pads of every preset ask for it.
#include "compose/voicing.h"

#include "band.h"
#include "core/random.h"

#include <stdlib.h>

enum { CHORDS = 10000, PHRASE = 8 };

struct progression {
    struct chord chords[CHORDS];
};

static void progression_draw(const struct harmony *harmony, struct key key, struct progression *progression)
{
    struct random random;
    random_init(&random, 21, (uint64_t)key.mode);
    for (size_t i = 0; i < CHORDS; i += PHRASE) {
        struct chord *chords = &progression->chords[i];
        harmony_progress(harmony, key, i ? chords - 2 : NULL, i ? chords - 1 : NULL, true, &random, chords, PHRASE);
    }
    for (size_t i = 0; i < CHORDS; i++) {
        const int notes = 3 + (int)random_below(&random, 3);
        progression->chords[i] = chord_extend(progression->chords[i], key, notes);
    }
}

/// What a run of voicings comes to.
struct tally {
    int parallels;
    int wide;          ///< neighbours more than an octave apart
    int without_third; ///< or fourth or second, in a suspended chord
    int without_colour;
    int rootless_below; ///< neither root nor third lowest
    double motion;      ///< semitones a voice and change
    double first_middle, last_middle;
};

static bool has(const struct voicing *voicing, int pitch)
{
    for (int i = 0; i < voicing->count; i++) {
        if (pitch_class(voicing->keys[i]) == pitch_class(pitch)) {
            return true;
        }
    }
    return false;
}

static void tally_content(struct tally *tally, const struct voicing *voicing, struct chord chord)
{
    int intervals[CHORD_NOTES];
    const int notes = chord_quality_intervals(chord.quality, intervals);
    const int lowest = pitch_class(voicing->keys[0] - chord.root);
    tally->without_third += !has(voicing, chord.root + intervals[1]);
    tally->without_colour += notes == 4 && !has(voicing, chord.root + intervals[3]);
    tally->rootless_below += lowest != 0 && lowest != intervals[1];
    for (int i = 1; i < voicing->count; i++) {
        tally->wide += voicing->keys[i] - voicing->keys[i - 1] > PITCH_CLASSES;
    }
}

static double middle_of(const struct voicing *voicing)
{
    double sum = 0.0;
    for (int i = 0; i < voicing->count; i++) {
        sum += voicing->keys[i];
    }
    return sum / voicing->count;
}

static void check_keys(const struct voicing *voicing, struct chord chord, int voices, int low, int high)
{
    assert_int_equal(voicing->count, voices);
    for (int i = 0; i < voices; i++) {
        assert_in_range(voicing->keys[i], low, high);
        assert_true(chord_set(chord) >> pitch_class(voicing->keys[i]) & 1);
        assert_true(i == 0 || voicing->keys[i] > voicing->keys[i - 1]);
    }
}

static struct tally tally_run(const struct progression *progression, int voices, int low, int high)
{
    struct tally tally = {0};
    struct voicing from = {0};
    for (int i = 0; i < CHORDS; i++) {
        const struct voicing to = voicing_lead(&from, progression->chords[i], voices, low, high);
        check_keys(&to, progression->chords[i], voices, low, high);
        tally_content(&tally, &to, progression->chords[i]);
        tally.first_middle += i < CHORDS / 10 ? middle_of(&to) / (CHORDS / 10.0) : 0.0;
        tally.last_middle += i >= CHORDS - CHORDS / 10 ? middle_of(&to) / (CHORDS / 10.0) : 0.0;
        for (int v = 0; i > 0 && v < voices; v++) {
            tally.motion += abs(to.keys[v] - from.keys[v]) / (double)voices / (CHORDS - 1);
        }
        tally.parallels += voicing_parallels(&from, &to);
        from = to;
    }
    return tally;
}

static void check_tally(const struct tally *tally, const char *what)
{
    if (tally->parallels || tally->without_third || tally->without_colour || tally->rootless_below) {
        fail_msg("%s: %d parallels, %d chords without a third, %d without their seventh, %d on a wrong note", what,
                 tally->parallels, tally->without_third, tally->without_colour, tally->rootless_below);
    }
    if (tally->wide > CHORDS / 200 || tally->motion > 3.0) {
        fail_msg("%s: %d wide gaps, %.2f semitones a voice and change", what, tally->wide, tally->motion);
    }
    assert_float_equal(tally->first_middle, tally->last_middle, 1.5);
}

static void long_progressions_are_led_well(void **state)
{
    const struct band *band = *state;
    static const int voices[MODE_COUNT] = {3, 4, 5, 3, 4, 3, 4};
    static struct progression progression;
    for (int mode = 0; mode < MODE_COUNT; mode++) {
        const struct preset *preset = presets_at(band->presets, (size_t)mode % presets_count(band->presets));
        progression_draw(band->harmony, (struct key){(uint8_t)(mode * 5 % PITCH_CLASSES), (enum mode)mode},
                         &progression);
        const struct tally tally = tally_run(&progression, voices[mode], preset->pad.low, preset->pad.high);
        check_tally(&tally, mode_name((enum mode)mode));
    }
}

static void every_chord_can_be_laid(void **state)
{
    (void)state;
    struct voicing from = {0};
    for (int root = 0; root < PITCH_CLASSES; root++) {
        for (int quality = 0; quality < CHORD_QUALITY_COUNT; quality++) {
            for (int voices = 3; voices <= VOICING_MAX; voices++) {
                const struct chord chord = chord_of(root, (enum chord_quality)quality);
                for (int low = 36; low <= 72; low += 9) {
                    const struct voicing to = voicing_lead(&from, chord, voices, low, low + 24);
                    check_keys(&to, chord, voices, low, low + 24);
                    from = to;
                }
            }
        }
    }
}

static void parallels_are_told(void **state)
{
    (void)state;
    static const struct {
        struct voicing from, to;
        int parallels;
    } cases[] = {
        {{3, {48, 52, 55}}, {3, {50, 53, 57}}, 1}, // fifths, up
        {{3, {48, 52, 60}}, {3, {50, 53, 62}}, 1}, // octaves, up
        {{3, {48, 52, 60}}, {3, {45, 52, 57}}, 1}, // octaves, down
        {{3, {48, 55, 67}}, {3, {50, 57, 69}}, 1}, // twelfths
        {{3, {48, 52, 67}}, {3, {50, 53, 57}}, 0}, // a twelfth to a fifth against the motion
        {{3, {48, 52, 55}}, {3, {48, 53, 55}}, 0}, // nothing moves
        {{3, {48, 52, 55}}, {3, {50, 53, 60}}, 0}, // a fifth to a seventh
        {{3, {48, 52, 57}}, {3, {50, 53, 57}}, 0}, // one stays
        {{0, {0}}, {3, {50, 53, 57}}, 0},          // nothing before
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(voicing_parallels(&cases[i].from, &cases[i].to), cases[i].parallels);
    }
}

static void a_chord_that_stays_does_not_move(void **state)
{
    (void)state;
    for (int root = 0; root < PITCH_CLASSES; root++) {
        const struct chord chord = chord_of(root, CHORD_MINOR_7);
        const struct voicing none = {0};
        const struct voicing from = voicing_lead(&none, chord, 4, 48, 76);
        for (int i = 0; i < 4; i++) {
            const struct voicing to = voicing_lead(&from, chord, 4, 48, 76);
            assert_memory_equal(&to, &from, sizeof to);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(long_progressions_are_led_well),
        cmocka_unit_test(every_chord_can_be_laid),
        cmocka_unit_test(parallels_are_told),
        cmocka_unit_test(a_chord_that_stays_does_not_move),
    };
    return cmocka_run_group_tests(tests, band_setup, band_teardown);
}
