// SPDX-License-Identifier: GPL-3.0-or-later
// Phrases: their length, their rhythm of chords, their first chord, and how they come back.
#include "compose/phrase.h"

#include "band.h"

#include <string.h>

enum { PHRASES = 2000 };

static bool offers(const struct preset_choices *choices, int value)
{
    for (unsigned i = 0; i < choices->count; i++) {
        if (choices->values[i] == value) {
            return true;
        }
    }
    return false;
}

static void check_phrase(const struct phrase *phrase, const struct preset *preset, struct key key)
{
    int bars = 0;
    assert_in_range(phrase->count, 1, PHRASE_CHORDS);
    for (unsigned i = 0; i < phrase->count; i++) {
        const struct phrase_chord *chord = &phrase->chords[i];
        // The last chord takes what is left.
        assert_true(offers(&preset->harmony.chord_bars, chord->bars) || i + 1 == phrase->count);
        assert_int_equal(chord_set(chord->chord) & ~key_set(key), 0);
        assert_true(chord_quality_intervals(chord->chord.quality, NULL) <= 5);
        bars += chord->bars;
    }
    assert_true(offers(&preset->harmony.phrase_bars, bars));
    assert_in_range(bars, 8, 16);
    assert_int_equal(phrase->key.tonic, key.tonic);
    assert_int_equal(phrase_chord_start(phrase, phrase->count, preset->meter),
                     phrase->start + (int64_t)bars * meter_bar_ticks(preset->meter));
}

static bool same_progression(const struct phrase *a, const struct phrase *b)
{
    if (a->count != b->count) {
        return false;
    }
    for (unsigned i = 0; i < a->count; i++) {
        const struct phrase_chord *x = &a->chords[i];
        const struct phrase_chord *y = &b->chords[i];
        if (x->bars != y->bars || x->chord.quality != y->chord.quality ||
            pitch_class(x->chord.root - a->key.tonic) != pitch_class(y->chord.root - b->key.tonic)) {
            return false;
        }
    }
    return true;
}

static void phrases_are_as_the_preset_says(void **state)
{
    const struct band *band = *state;
    for (size_t p = 0; p < presets_count(band->presets); p++) {
        const struct preset *preset = presets_at(band->presets, p);
        struct phrase_maker maker;
        struct phrase before;
        int returns = 0;
        int loops = 0;
        struct phrase last[PHRASE_MEMORY] = {0};
        phrase_maker_init(&maker, band->harmony, 3);
        for (int i = 0; i < PHRASES; i++) {
            // The key wanders, the mode stays, so that every phrase may come back.
            const struct key key = {(uint8_t)(i / 5 % PITCH_CLASSES), preset->defaults.key.mode};
            struct phrase phrase;
            phrase_make(&maker, preset, key, i ? &before : NULL, false, (int64_t)i * 1920, &phrase);
            assert_int_equal(phrase.start, (int64_t)i * 1920);
            check_phrase(&phrase, preset, key);
            bool known = false;
            for (int j = 0; j < PHRASE_MEMORY; j++) {
                known = known || same_progression(&last[j], &phrase);
            }
            returns += known;
            loops += i > 0 && same_progression(&before, &phrase);
            if (!known) {
                memmove(last, last + 1, sizeof last - sizeof last[0]);
                last[PHRASE_MEMORY - 1] = phrase;
            }
            before = phrase;
        }
        const double share = (double)returns / PHRASES;
        if (loops > PHRASES / 50) {
            fail_msg("%s: %d phrases repeat the one before", preset->name, loops);
        }
        if (share < preset->harmony.recall - 0.04 || share > preset->harmony.recall + 0.06) {
            fail_msg("%s: %.3f of the phrases come back", preset->name, share);
        }
    }
}

/// The chain goes on over the bounds of phrases, so that no chord comes twice, plain or as it is played; and most
/// phrases that are not recalled begin at home.
static void phrases_follow_on_from_each_other(void **state)
{
    const struct band *band = *state;
    for (int mode = 0; mode < MODE_COUNT; mode++) {
        struct preset preset = *presets_at(band->presets, (size_t)mode % presets_count(band->presets));
        const struct key key = {(uint8_t)mode, (enum mode)mode};
        const struct chord tonic = harmony_tonic(band->harmony, key);
        struct phrase_maker maker;
        struct phrase before;
        int at_home = 0;
        int away = 0;
        int repeats = 0;
        int chords = 0;
        phrase_maker_init(&maker, band->harmony, 5);
        preset.harmony.recall = mode % 2 ? 0.5 : 0.0;
        phrase_make(&maker, &preset, key, NULL, true, 0, &before);
        for (int i = 0; i < PHRASES; i++) {
            struct phrase phrase;
            phrase_make(&maker, &preset, key, &before, false, 0, &phrase);
            const struct phrase_chord *last = &before.chords[before.count - 1];
            for (unsigned j = 0; j < phrase.count; j++) {
                assert_false(chord_equal(phrase.chords[j].plain, last->plain));
                repeats += chord_equal(phrase.chords[j].chord, last->chord);
                chords++;
                last = &phrase.chords[j];
            }
            at_home += chord_equal(phrase.chords[0].plain, tonic);
            away += !chord_equal(before.chords[before.count - 1].plain, tonic);
            before = phrase;
        }
        // A diminished triad and its seventh grow into nothing else.
        assert_in_range(repeats, 0, chords / 100);
        assert_in_range(at_home, away * 70 / 100, away);
    }
}

static void afresh_begins_on_the_tonic(void **state)
{
    const struct band *band = *state;
    struct phrase_maker maker;
    struct phrase before = {0};
    phrase_maker_init(&maker, band->harmony, 3);
    for (int i = 0; i < PHRASES; i++) {
        const struct preset *preset = presets_at(band->presets, (size_t)i % presets_count(band->presets));
        const struct key key = {(uint8_t)(i % PITCH_CLASSES), (enum mode)(i % MODE_COUNT)};
        struct phrase phrase;
        phrase_make(&maker, preset, key, i ? &before : NULL, true, 0, &phrase);
        check_phrase(&phrase, preset, key);
        assert_int_equal(phrase.chords[0].chord.root, key.tonic);
        assert_int_equal(phrase.chords[0].chord.bass, key.tonic);
        before = phrase;
    }
}

static void another_preset_recalls_nothing(void **state)
{
    const struct band *band = *state;
    const struct preset *bright = presets_find(band->presets, "bright", NULL);
    const struct preset *sleep = presets_find(band->presets, "sleep", NULL);
    const struct key key = {0, MODE_IONIAN};
    struct phrase_maker maker;
    struct phrase phrase;
    phrase_maker_init(&maker, band->harmony, 3);
    for (int i = 0; i < 200; i++) {
        for (int j = 0; j < PHRASE_MEMORY; j++) {
            phrase_make(&maker, bright, key, NULL, true, 0, &phrase);
        }
        phrase_maker_forget(&maker);
        phrase_make(&maker, sleep, key, NULL, false, 0, &phrase);
        check_phrase(&phrase, sleep, key);
    }
}

static void progressions_stay_in_their_mode(void **state)
{
    const struct band *band = *state;
    const struct preset *preset = presets_find(band->presets, "focus", NULL);
    struct phrase_maker maker;
    struct phrase before = {0};
    phrase_maker_init(&maker, band->harmony, 8);
    for (int i = 0; i < PHRASES; i++) {
        const struct key key = {(uint8_t)(i % PITCH_CLASSES), (enum mode)(i % MODE_COUNT)};
        struct phrase phrase;
        phrase_make(&maker, preset, key, i ? &before : NULL, false, 0, &phrase);
        check_phrase(&phrase, preset, key);
        before = phrase;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(phrases_are_as_the_preset_says),  cmocka_unit_test(phrases_follow_on_from_each_other),
        cmocka_unit_test(afresh_begins_on_the_tonic),      cmocka_unit_test(another_preset_recalls_nothing),
        cmocka_unit_test(progressions_stay_in_their_mode),
    };
    return cmocka_run_group_tests(tests, band_setup, band_teardown);
}
