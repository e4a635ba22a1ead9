// SPDX-License-Identifier: GPL-3.0-or-later
// The parts beside the melody, as they are heard: what the pads hold, where the bass walks, what the sparkle repeats.
#include "band.h"

#include "compose/voicing.h"

#include <stdlib.h>
#include <string.h>

enum { MINUTES = 30, CHORDS = 4000 };

/// The chords of some music, with the bars that they last.
struct changes {
    size_t count;
    struct event chords[CHORDS];
};

static void changes_hear(const struct score *score, struct changes *changes)
{
    changes->count = 0;
    for (size_t i = 0; i < score->count && changes->count < CHORDS; i++) {
        if (score->events[i].kind == EVENT_CHORD) {
            changes->chords[changes->count++] = score->events[i];
        }
    }
    assert_true(changes->count > 20);
}

static struct score play(const struct band *band, const struct preset *preset, double intensity)
{
    const struct controls controls = controls_at(preset, intensity);
    struct score score = {0};
    band_play(band, preset, &controls, 21, MINUTES, &score, NULL);
    return score;
}

static void chords_last_as_the_preset_says(void **state)
{
    static struct changes changes;
    const struct band *band = *state;
    for (size_t p = 0; p < presets_count(band->presets); p++) {
        const struct preset *preset = presets_at(band->presets, p);
        const int64_t bar = meter_bar_ticks(preset->meter);
        struct score score = play(band, preset, 0.5);
        double mean = 0.0;
        double wanted = 0.0;
        changes_hear(&score, &changes);
        for (size_t i = 0; i + 1 < changes.count; i++) {
            const int64_t length = changes.chords[i + 1].tick - changes.chords[i].tick;
            assert_int_equal(length % bar, 0);
            assert_in_range(length / bar, 1, 4);
            mean += (double)length / (double)bar / (double)(changes.count - 1);
        }
        for (unsigned i = 0; i < preset->harmony.chord_bars.count; i++) {
            wanted += (double)preset->harmony.chord_bars.values[i] / preset->harmony.chord_bars.count;
        }
        // What is left at the end of a phrase makes some chords shorter.
        if (mean < 0.75 * wanted || mean > 1.15 * wanted) {
            fail_msg("%s: a chord lasts %.2f bars, not %.2f", preset->name, mean, wanted);
        }
        score_done(&score);
    }
}

/// How many notes of \p part sound at \p tick, and which pitch classes they are.
static int sounding_at(const struct score *score, enum part part, int64_t tick, pitch_set *set)
{
    int count = 0;
    *set = 0;
    for (size_t i = 0; i < score->count && score->events[i].tick <= tick; i++) {
        const struct event *event = &score->events[i];
        if (event->kind == EVENT_NOTE && event->channel == part && event->tick + event->note.duration > tick) {
            *set |= (pitch_set)(1U << pitch_class(event->note.key));
            count++;
        }
    }
    return count;
}

static void pads_hold_every_chord(void **state)
{
    static struct changes changes;
    const struct band *band = *state;
    for (size_t p = 0; p < presets_count(band->presets); p++) {
        const struct preset *preset = presets_at(band->presets, p);
        struct score score = play(band, preset, p % 2 ? 0.9 : 0.1);
        int heard = 0;
        int full = 0;
        changes_hear(&score, &changes);
        for (size_t i = 0; i + 1 < changes.count && i < 60; i++) {
            const struct event *chord = &changes.chords[i];
            const int64_t middle = (chord->tick + changes.chords[i + 1].tick) / 2;
            pitch_set set;
            const int voices = sounding_at(&score, PART_PAD, middle, &set);
            assert_in_range(voices, 3, 5);
            assert_int_equal(set & ~chord_set(chord->harmony.chord), 0);
            full += pitch_set_count(set) >= 3;
            heard++;
            assert_true(pitch_set_count(set) >= 2);
        }
        // In three voices the fifth is what may be missing, now and then.
        if (full * 100 < heard * 90) {
            fail_msg("%s: %d of %d chords are full", preset->name, full, heard);
        }
        score_done(&score);
    }
}

/// The keys that the pads hold at \p tick, from low to high.
static struct voicing voicing_at(const struct score *score, int64_t tick)
{
    bool held[PITCH_KEYS] = {false};
    struct voicing voicing = {0};
    for (size_t i = 0; i < score->count && score->events[i].tick <= tick; i++) {
        const struct event *event = &score->events[i];
        if (event->kind == EVENT_NOTE && event->channel == PART_PAD && event->tick + event->note.duration > tick) {
            held[event->note.key] = true;
        }
    }
    for (int key = 0; key < PITCH_KEYS; key++) {
        if (held[key]) {
            assert_true(voicing.count < VOICING_MAX);
            voicing.keys[voicing.count++] = (uint8_t)key;
        }
    }
    return voicing;
}

static void pads_are_led_smoothly_as_they_are_heard(void **state)
{
    static struct changes changes;
    const struct band *band = *state;
    for (size_t p = 0; p < presets_count(band->presets); p++) {
        const struct preset *preset = presets_at(band->presets, p);
        struct score score = play(band, preset, 0.5);
        struct voicing from = {0};
        double motion = 0.0;
        int moves = 0;
        int foreign_bass = 0;
        int rubs = 0;
        changes_hear(&score, &changes);
        for (size_t i = 0; i + 1 < changes.count && i < 200; i++) {
            const struct event *chord = &changes.chords[i];
            const struct voicing to = voicing_at(&score, (chord->tick + changes.chords[i + 1].tick) / 2);
            int intervals[CHORD_NOTES];
            (void)chord_quality_intervals(chord->harmony.chord.quality, intervals);
            const int lowest = pitch_class(to.keys[0] - chord->harmony.chord.root);
            foreign_bass += lowest != 0 && lowest != intervals[1];
            assert_false(voicing_parallels(&from, &to));
            for (int v = 0; v < to.count; v++) {
                motion += from.count == to.count ? abs(to.keys[v] - from.keys[v]) : 0;
                moves += from.count == to.count;
                rubs += v > 0 && to.keys[v] - to.keys[v - 1] == 1;
                for (int w = 0; w < v; w++) {
                    rubs += to.keys[v] - to.keys[w] == 1 + PITCH_CLASSES;
                }
            }
            from = to;
        }
        if (motion > 2.5 * moves || foreign_bass > 0 || rubs * 100 > (int)changes.count * 3) {
            fail_msg("%s: %.2f semitones a voice and change, %d chords on a wrong note, %d rubs", preset->name,
                     motion / moves, foreign_bass, rubs);
        }
        score_done(&score);
    }
}

/// Common tones are tied: some of the pads' notes last longer than a chord, but not most.
static void pads_tie_common_tones(void **state)
{
    const struct band *band = *state;
    struct score score = play(band, presets_find(band->presets, "bright", NULL), 0.5);
    int notes = 0;
    int tied = 0;
    struct walk walk = walk_start(&score);
    for (const struct event *note = walk_part(&walk, PART_PAD); note; note = walk_part(&walk, PART_PAD)) {
        size_t next = walk.next;
        while (next < score.count && score.events[next].kind != EVENT_CHORD) {
            next++;
        }
        notes++;
        tied += next < score.count && note->tick + note->note.duration > score.events[next].tick;
    }
    assert_true(tied * 100 > notes * 8 && tied * 100 < notes * 60);
    score_done(&score);
}

static void the_bass_stands_under_every_chord(void **state)
{
    const struct band *band = *state;
    for (size_t p = 0; p < presets_count(band->presets); p++) {
        const struct preset *preset = presets_at(band->presets, p);
        struct score score = play(band, preset, 0.9);
        int64_t chord_tick = -1;
        int last = 0;
        double motion = 0.0;
        int notes = 0;
        struct walk walk = walk_start(&score);
        for (const struct event *note = walk_part(&walk, PART_BASS); note; note = walk_part(&walk, PART_BASS)) {
            const int above = pitch_class(note->note.key - walk.chord.bass);
            if (walk.chord_tick != chord_tick) {
                assert_int_equal(note->tick, walk.chord_tick);
                assert_int_equal(above, 0);
            }
            assert_true(above == 0 || above == 7);
            assert_true(note->note.duration >= TICKS_PER_BEAT);
            motion += last ? abs(note->note.key - last) : 0;
            last = note->note.key;
            chord_tick = walk.chord_tick;
            notes++;
        }
        assert_true(notes > 100);
        assert_true(motion / notes < 6.0);
        score_done(&score);
    }
}

/// At the middle intensity the bass has only long roots; nothing of it is heard below where it enters.
static void the_bass_is_still_when_calm(void **state)
{
    const struct band *band = *state;
    const struct preset *preset = presets_find(band->presets, "focus", NULL);
    struct score score = play(band, preset, 0.35);
    int64_t end = 0;
    struct walk walk = walk_start(&score);
    for (const struct event *note = walk_part(&walk, PART_BASS); note; note = walk_part(&walk, PART_BASS)) {
        assert_int_equal(note->tick, walk.chord_tick);
        assert_true(note->tick >= end);
        assert_true(note->tick - end < TICKS_PER_BEAT);
        end = note->tick + note->note.duration;
    }
    score_done(&score);
    score = play(band, preset, preset->bass.enters - 0.01);
    walk = walk_start(&score);
    assert_null(walk_part(&walk, PART_BASS));
    score_done(&score);
}

/// The eighths of two bars are either hit again and again within a phrase or not at all.
static void the_sparkle_repeats_its_figure(void **state)
{
    enum { PLACES = 16, EIGHTH = TICKS_PER_BEAT / 2 };
    const struct band *band = *state;
    const struct preset *preset = presets_find(band->presets, "bright", NULL);
    struct score score = play(band, preset, 0.6);
    const int64_t bar = meter_bar_ticks(preset->meter);
    bool bars[2][PLACES] = {{false}};
    int64_t pair = 0;
    int same = 0;
    int pairs = 0;
    struct walk walk = walk_start(&score);
    for (const struct event *note = walk_part(&walk, PART_SPARKLE); note; note = walk_part(&walk, PART_SPARKLE)) {
        const int64_t now = note->tick / (2 * bar);
        if (now != pair) {
            same += memcmp(bars[0], bars[1], sizeof bars[0]) == 0;
            pairs++;
            memcpy(bars[0], bars[1], sizeof bars[0]);
            memset(bars[1], 0, sizeof bars[1]);
            pair = now;
        }
        assert_true(note->tick % EIGHTH < EIGHTH / 8);
        bars[1][note->tick / EIGHTH % PLACES] = true;
    }
    // Phrases of 8 to 16 bars are 4 to 8 pairs, and one of them changes the figure.
    assert_true(pairs > 50);
    assert_true(same * 100 > pairs * 60 && same < pairs);
    score_done(&score);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chords_last_as_the_preset_says),
        cmocka_unit_test(pads_hold_every_chord),
        cmocka_unit_test(pads_tie_common_tones),
        cmocka_unit_test(pads_are_led_smoothly_as_they_are_heard),
        cmocka_unit_test(the_bass_stands_under_every_chord),
        cmocka_unit_test(the_bass_is_still_when_calm),
        cmocka_unit_test(the_sparkle_repeats_its_figure),
    };
    return cmocka_run_group_tests(tests, band_setup, band_teardown);
}
