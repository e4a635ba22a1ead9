// SPDX-License-Identifier: GPL-3.0-or-later
// The melody, measured from the events: its chromatic tones, its leaps, its rests, and how its ideas come back.
#include "compose/melody.h"

#include "band.h"
#include "core/random.h"

#include <stdlib.h>

enum { NOTES = 20000, REST = TICKS_PER_BEAT / 2, LATE = 8, WINDOW = 3, MEMORY = 120 };

/// One note as the ear compares it with others.
struct tone {
    int64_t tick;
    int64_t end;
    int key;
    enum tone_class class;
    struct chord chord;
    struct key scale;
};

struct line {
    size_t count;
    struct tone tones[NOTES];
};

static void line_hear(const struct score *score, struct line *line)
{
    struct walk walk = walk_start(score);
    line->count = 0;
    for (const struct event *note = walk_part(&walk, PART_MELODY); note && line->count < NOTES;
         note = walk_part(&walk, PART_MELODY)) {
        line->tones[line->count++] = (struct tone){.tick = note->tick,
                                                   .end = note->tick + note->note.duration,
                                                   .key = note->note.key,
                                                   .class = melody_tone_class(note->note.key, walk.chord, walk.key),
                                                   .chord = walk.chord,
                                                   .scale = walk.key};
    }
}

static void line_play(const struct band *band, const struct preset *preset, double intensity, uint64_t seed,
                      struct line *line)
{
    const struct controls controls = controls_at(preset, intensity);
    struct score score = {0};
    band_play(band, preset, &controls, seed, 120, &score, NULL);
    line_hear(&score, line);
    score_done(&score);
    assert_true(line->count > 200);
}

static int leap_at(const struct line *line, size_t i)
{
    return line->tones[i].key - line->tones[i - 1].key;
}

/// Whether a new gesture begins with note \p i: silence before it, or at least a note that was let ring.
static bool breathes(const struct line *line, size_t i)
{
    return line->tones[i].tick - line->tones[i - 1].end > REST || line->tones[i].tick < line->tones[i - 1].end - REST;
}

static void tones_are_told_apart(void **state)
{
    (void)state;
    const struct key key = {0, MODE_IONIAN};
    const struct chord seventh = chord_of(7, CHORD_DOMINANT_7);
    assert_int_equal(melody_tone_class(67, seventh, key), TONE_CHORD);
    assert_int_equal(melody_tone_class(77, seventh, key), TONE_CHORD);
    assert_int_equal(melody_tone_class(60, seventh, key), TONE_SCALE);
    assert_int_equal(melody_tone_class(61, seventh, key), TONE_CHROMATIC);
    assert_int_equal(melody_tone_class(68, chord_of(4, CHORD_DOMINANT_7), key), TONE_CHORD);
}

static void chromatic_tones_pass_or_neighbour(void **state)
{
    static struct line line;
    const struct band *band = *state;
    for (size_t p = 0; p < presets_count(band->presets); p++) {
        for (int loud = 0; loud < 2; loud++) {
            int chromatic = 0;
            int resolved = 0;
            line_play(band, presets_at(band->presets, p), loud ? 0.9 : 0.2, 5, &line);
            assert_int_not_equal(line.tones[0].class, TONE_CHROMATIC);
            for (size_t i = 1; i + 1 < line.count; i++) {
                if (line.tones[i].class == TONE_CHROMATIC) {
                    chromatic++;
                    assert_in_range(abs(leap_at(&line, i)), 1, 2);
                    assert_in_range(abs(leap_at(&line, i + 1)), 1, 2);
                    assert_int_not_equal(line.tones[i + 1].class, TONE_CHROMATIC);
                    resolved += abs(leap_at(&line, i + 1)) == 1;
                    // They are in passing: half a beat, and what hands are late by.
                    assert_in_range(line.tones[i + 1].tick - line.tones[i].tick, 1, TICKS_PER_BEAT / 2 + LATE);
                    assert_in_range(line.tones[i].end - line.tones[i].tick, 1, TICKS_PER_BEAT / 2 + LATE);
                }
            }
            assert_true(chromatic > 10);
            assert_true(resolved * 100 >= chromatic * 95);
        }
    }
}

/// What the leaps of a line come to.
struct leaps {
    int all, steps, tritones, wide, repeated, big, recovered;
};

static struct leaps leaps_of(const struct line *line)
{
    struct leaps leaps = {0};
    for (size_t i = 1; i + 1 < line->count; i++) {
        const int leap = leap_at(line, i);
        if (breathes(line, i)) {
            continue;
        }
        leaps.all++;
        leaps.steps += abs(leap) == 1 || abs(leap) == 2;
        leaps.tritones += abs(leap) == 6;
        leaps.wide += abs(leap) > PITCH_CLASSES;
        leaps.repeated += leap == 0 && leap_at(line, i + 1) == 0;
        if (abs(leap) > 5 && !breathes(line, i + 1)) {
            leaps.big++;
            leaps.recovered += leap * leap_at(line, i + 1) < 0;
        }
    }
    return leaps;
}

static void lines_can_be_sung(void **state)
{
    static struct line line;
    const struct band *band = *state;
    for (size_t p = 0; p < presets_count(band->presets); p++) {
        const struct preset *preset = presets_at(band->presets, p);
        line_play(band, preset, 0.6, 9, &line);
        const struct leaps leaps = leaps_of(&line);
        if (leaps.steps * 100 < leaps.all * 30 || leaps.tritones * 100 > leaps.all || leaps.wide * 100 > leaps.all ||
            leaps.repeated * 100 > leaps.all || leaps.recovered * 100 < leaps.big * 55) {
            fail_msg("%s: of %d moves %d are steps, %d tritones, %d wide, %d repeat again; %d of %d leaps turn back",
                     preset->name, leaps.all, leaps.steps, leaps.tritones, leaps.wide, leaps.repeated, leaps.recovered,
                     leaps.big);
        }
    }
}

static void long_notes_rest_on_the_chord(void **state)
{
    static struct line line;
    const struct band *band = *state;
    for (size_t p = 0; p < presets_count(band->presets); p++) {
        int standing = 0;
        int resting = 0;
        line_play(band, presets_at(band->presets, p), 0.5, 3, &line);
        for (size_t i = 0; i < line.count; i++) {
            if (line.tones[i].end - line.tones[i].tick >= (int64_t)3 * TICKS_PER_BEAT) {
                standing++;
                resting += line.tones[i].class == TONE_CHORD;
            }
        }
        if (resting * 100 < standing * 70) {
            fail_msg("%s: %d of %d long notes are of the chord", presets_at(band->presets, p)->name, resting, standing);
        }
    }
}

/// The time that the melody stands, and how much of it a minor second or ninth above a pad or the bass.
static void rub_of(const struct score *score, int64_t *standing, int64_t *rubbing)
{
    struct walk walk = walk_start(score);
    *standing = *rubbing = 0;
    for (const struct event *note = walk_part(&walk, PART_MELODY); note; note = walk_part(&walk, PART_MELODY)) {
        bool rubs = false;
        for (size_t i = walk.next; i-- > 0 && score->events[i].tick > note->tick - 64 * TICKS_PER_BEAT;) {
            const struct event *other = &score->events[i];
            const int above = other->kind == EVENT_NOTE ? note->note.key - other->note.key : 0;
            const bool sounds = other->tick + (other->kind == EVENT_NOTE ? other->note.duration : 0) > note->tick;
            const bool below = other->channel == PART_PAD || other->channel == PART_BASS;
            rubs = rubs || (sounds && below && (above == 1 || above == 1 + PITCH_CLASSES));
        }
        if (note->note.duration >= TICKS_PER_BEAT) {
            *standing += note->note.duration;
            *rubbing += rubs ? note->note.duration : 0;
        }
    }
}

static void held_notes_do_not_rub_against_what_sounds_below(void **state)
{
    const struct band *band = *state;
    for (size_t p = 0; p < presets_count(band->presets); p++) {
        const struct preset *preset = presets_at(band->presets, p);
        for (int loud = 0; loud < 2; loud++) {
            const struct controls controls = controls_at(preset, loud ? 0.9 : 0.3);
            struct score score = {0};
            int64_t standing = 0;
            int64_t rubbing = 0;
            band_play(band, preset, &controls, 6, 60, &score, NULL);
            rub_of(&score, &standing, &rubbing);
            if (rubbing * 100 > standing * 4) {
                fail_msg("%s: held notes rub for %.3f of their time", preset->name, (double)rubbing / (double)standing);
            }
            score_done(&score);
        }
    }
}

/// The beats that lie between a note and one that comes after a rest of at least so many ticks, and the longest line
/// without a rest.
struct breath {
    double silent;  ///< a share of the whole
    double longest; ///< in beats
};

static struct breath breath_of(const struct line *line, int64_t rest)
{
    int64_t silent = 0;
    int64_t since = line->tones[0].tick;
    int64_t longest = 0;
    for (size_t i = 1; i < line->count; i++) {
        const int64_t gap = line->tones[i].tick - line->tones[i - 1].tick;
        if (gap >= rest) {
            silent += gap;
            since = line->tones[i].tick;
        }
        longest = line->tones[i].tick - since > longest ? line->tones[i].tick - since : longest;
    }
    return (struct breath){(double)silent / (double)line->tones[line->count - 1].tick,
                           (double)longest / TICKS_PER_BEAT};
}

/// A rest is heard for what it is where the same music without breath has far fewer.
static void the_melody_breathes(void **state)
{
    static struct line line;
    const struct band *band = *state;
    for (size_t p = 0; p < presets_count(band->presets); p++) {
        const struct preset *preset = presets_at(band->presets, p);
        // Two slots without a note.
        const int64_t rest = (int64_t)(preset->slot_beats * 3 * TICKS_PER_BEAT) - LATE;
        struct preset breathless = *preset;
        breathless.breath_beats = (struct preset_pair){{0.0, 0.0}};
        line_play(band, &breathless, 0.1, 3, &line);
        const double panting = breath_of(&line, rest).silent;
        line_play(band, preset, 0.1, 3, &line);
        const struct breath calm = breath_of(&line, rest);
        line_play(band, preset, 1.0, 3, &line);
        const struct breath full = breath_of(&line, rest);
        const double longest = breath_of(&line, rest / 2).longest;
        if (calm.silent < 1.5 * panting || full.silent >= calm.silent || longest > 64.0) {
            fail_msg("%s: %.3f silent when calm, %.3f when full, %.3f without breath; the longest line is %.1f beats",
                     preset->name, calm.silent, full.silent, panting, longest);
        }
    }
}

/// A move of the melody: how long after the note before, in eighths of a beat, and how far.
struct move {
    int64_t time;
    int leap;
};

static bool window_equal(const struct move *a, const struct move *b)
{
    for (int i = 0; i < WINDOW; i++) {
        if (a[i].time != b[i].time || (a[i].leap > 0) != (b[i].leap > 0) || abs(a[i].leap - b[i].leap) > 1) {
            return false;
        }
    }
    return true;
}

/// The share of places where the next moves are much like some that were heard shortly before.
static double share_known(const struct move *moves, size_t count)
{
    size_t known = 0;
    for (size_t i = WINDOW; i + WINDOW < count; i++) {
        const size_t first = i > MEMORY ? i - MEMORY : 0;
        for (size_t j = first; j + WINDOW <= i; j++) {
            if (window_equal(&moves[i], &moves[j])) {
                known++;
                break;
            }
        }
    }
    return (double)known / (double)count;
}

static void ideas_come_back(void **state)
{
    static struct line line;
    static struct move moves[NOTES];
    const struct band *band = *state;
    for (size_t p = 0; p < presets_count(band->presets); p++) {
        struct random random;
        random_init(&random, p, 0);
        line_play(band, presets_at(band->presets, p), 0.6, 4, &line);
        const size_t count = line.count - 1;
        for (size_t i = 0; i < count; i++) {
            const int64_t time = line.tones[i + 1].tick - line.tones[i].tick;
            moves[i] = (struct move){(time + 30) / 60, leap_at(&line, i + 1)};
        }
        const double music = share_known(moves, count);
        for (size_t i = count - 1; i > 0; i--) {
            const size_t j = random_below(&random, (uint32_t)i + 1);
            const struct move swap = moves[i];
            moves[i] = moves[j];
            moves[j] = swap;
        }
        const double shuffled = share_known(moves, count);
        if (music < 3.5 * shuffled || music < 0.035) {
            fail_msg("%s: %.3f of the moves are known, %.3f when shuffled", presets_at(band->presets, p)->name, music,
                     shuffled);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tones_are_told_apart),
        cmocka_unit_test(chromatic_tones_pass_or_neighbour),
        cmocka_unit_test(lines_can_be_sung),
        cmocka_unit_test(long_notes_rest_on_the_chord),
        cmocka_unit_test(held_notes_do_not_rub_against_what_sounds_below),
        cmocka_unit_test(the_melody_breathes),
        cmocka_unit_test(ideas_come_back),
    };
    return cmocka_run_group_tests(tests, band_setup, band_teardown);
}
