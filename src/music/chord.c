// SPDX-License-Identifier: GPL-3.0-or-later
// One table says all of a quality: its names and, for each note, the semitones above the root and the fifths above it
// on the line of fifths (pitch.c), which is to say its spelling. Symbols and numerals are read off the same line, where
// degrees repeat every seven places as letters do.
#include "music/chord.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    const char *symbol;  ///< behind the root's letter
    const char *numeral; ///< behind the Roman numeral, whose case tells the third already
    int count;
    int intervals[CHORD_NOTES];
    int fifths[CHORD_NOTES];
} qualities[CHORD_QUALITY_COUNT] = {
    [CHORD_MAJOR] = {"maj", "", "", 3, {0, 4, 7}, {0, 4, 1}},
    [CHORD_MINOR] = {"min", "m", "", 3, {0, 3, 7}, {0, -3, 1}},
    [CHORD_DIMINISHED] = {"dim", "dim", "°", 3, {0, 3, 6}, {0, -3, -6}},
    [CHORD_AUGMENTED] = {"aug", "aug", "+", 3, {0, 4, 8}, {0, 4, 8}},
    [CHORD_SUS2] = {"sus2", "sus2", "sus2", 3, {0, 2, 7}, {0, 2, 1}},
    [CHORD_SUS4] = {"sus4", "sus4", "sus4", 3, {0, 5, 7}, {0, -1, 1}},
    [CHORD_MAJOR_6] = {"maj6", "6", "6", 4, {0, 4, 7, 9}, {0, 4, 1, 3}},
    [CHORD_MINOR_6] = {"min6", "m6", "6", 4, {0, 3, 7, 9}, {0, -3, 1, 3}},
    [CHORD_DOMINANT_7] = {"7", "7", "7", 4, {0, 4, 7, 10}, {0, 4, 1, -2}},
    [CHORD_MAJOR_7] = {"maj7", "maj7", "maj7", 4, {0, 4, 7, 11}, {0, 4, 1, 5}},
    [CHORD_MINOR_7] = {"min7", "m7", "7", 4, {0, 3, 7, 10}, {0, -3, 1, -2}},
    [CHORD_HALF_DIMINISHED_7] = {"hdim7", "ø7", "ø7", 4, {0, 3, 6, 10}, {0, -3, -6, -2}},
    [CHORD_DIMINISHED_7] = {"dim7", "dim7", "°7", 4, {0, 3, 6, 9}, {0, -3, -6, -9}},
    [CHORD_MINOR_MAJOR_7] = {"minmaj7", "m(maj7)", "maj7", 4, {0, 3, 7, 11}, {0, -3, 1, 5}},
    [CHORD_DOMINANT_7_SUS4] = {"7sus4", "7sus4", "7sus4", 4, {0, 5, 7, 10}, {0, -1, 1, -2}},
    [CHORD_ADD9] = {"add9", "add9", "add9", 4, {0, 4, 7, 14}, {0, 4, 1, 2}},
    [CHORD_MINOR_ADD9] = {"minadd9", "m(add9)", "add9", 4, {0, 3, 7, 14}, {0, -3, 1, 2}},
    [CHORD_DOMINANT_9] = {"9", "9", "9", 5, {0, 4, 7, 10, 14}, {0, 4, 1, -2, 2}},
    [CHORD_MAJOR_9] = {"maj9", "maj9", "maj9", 5, {0, 4, 7, 11, 14}, {0, 4, 1, 5, 2}},
    [CHORD_MINOR_9] = {"min9", "m9", "9", 5, {0, 3, 7, 10, 14}, {0, -3, 1, -2, 2}},
};

/// Other ways in use to write a quality.
static const struct {
    const char *text;
    enum chord_quality quality;
} aliases[] = {
    {"M", CHORD_MAJOR},
    {"-", CHORD_MINOR},
    {"mi", CHORD_MINOR},
    {"°", CHORD_DIMINISHED},
    {"o", CHORD_DIMINISHED},
    {"+", CHORD_AUGMENTED},
    {"sus", CHORD_SUS4},
    {"M7", CHORD_MAJOR_7},
    {"Δ", CHORD_MAJOR_7},
    {"Δ7", CHORD_MAJOR_7},
    {"-7", CHORD_MINOR_7},
    {"mi7", CHORD_MINOR_7},
    {"ø", CHORD_HALF_DIMINISHED_7},
    {"m7b5", CHORD_HALF_DIMINISHED_7},
    {"min7b5", CHORD_HALF_DIMINISHED_7},
    {"°7", CHORD_DIMINISHED_7},
    {"o7", CHORD_DIMINISHED_7},
    {"mM7", CHORD_MINOR_MAJOR_7},
    {"mMaj7", CHORD_MINOR_MAJOR_7},
    {"mmaj7", CHORD_MINOR_MAJOR_7},
    {"min(maj7)", CHORD_MINOR_MAJOR_7},
    {"7sus", CHORD_DOMINANT_7_SUS4},
    {"(add9)", CHORD_ADD9},
    {"madd9", CHORD_MINOR_ADD9},
    {"M9", CHORD_MAJOR_9},
    {"-9", CHORD_MINOR_9},
};

struct chord chord_of(int root, enum chord_quality quality)
{
    const uint8_t class = (uint8_t)pitch_class(root);
    return (struct chord){.root = class, .bass = class, .quality = quality};
}

const char *chord_quality_name(enum chord_quality quality)
{
    return qualities[quality].name;
}

enum status chord_quality_parse(const char *text, enum chord_quality *quality)
{
    for (int i = 0; i < CHORD_QUALITY_COUNT; i++) {
        if (strcmp(text, qualities[i].name) == 0) {
            *quality = (enum chord_quality)i;
            return STATUS_OK;
        }
    }
    return STATUS_UNKNOWN;
}

int chord_quality_intervals(enum chord_quality quality, int intervals[CHORD_NOTES])
{
    for (int i = 0; intervals && i < qualities[quality].count; i++) {
        intervals[i] = qualities[quality].intervals[i];
    }
    return qualities[quality].count;
}

/// The pitch classes of \p quality above a root of C.
static pitch_set quality_set(enum chord_quality quality)
{
    unsigned set = 0;
    for (int i = 0; i < qualities[quality].count; i++) {
        set |= 1U << pitch_class(qualities[quality].intervals[i]);
    }
    return (pitch_set)set;
}

bool chord_equal(struct chord a, struct chord b)
{
    return a.root == b.root && a.bass == b.bass && a.quality == b.quality;
}

struct chord chord_transpose(struct chord chord, int semitones)
{
    chord.root = (uint8_t)pitch_class(chord.root + semitones);
    chord.bass = (uint8_t)pitch_class(chord.bass + semitones);
    return chord;
}

pitch_set chord_set(struct chord chord)
{
    return (pitch_set)(pitch_set_transpose(quality_set(chord.quality), chord.root) | 1U << chord.bass);
}

struct chord chord_extend(struct chord chord, struct key key, int notes)
{
    // From the richest down; of those with as many notes, a seventh before a sixth before an added ninth.
    static const enum chord_quality wishes[] = {
        CHORD_DOMINANT_9,    CHORD_MAJOR_9,         CHORD_MINOR_9, CHORD_DOMINANT_7,        CHORD_MAJOR_7,
        CHORD_MINOR_7,       CHORD_DOMINANT_7_SUS4, CHORD_MAJOR_6, CHORD_HALF_DIMINISHED_7, CHORD_DIMINISHED_7,
        CHORD_MINOR_MAJOR_7, CHORD_MINOR_6,         CHORD_ADD9,    CHORD_MINOR_ADD9,
    };
    const unsigned own = quality_set(chord.quality);
    const unsigned scale = pitch_set_transpose(key_set(key), -chord.root);
    for (size_t i = 0; i < sizeof wishes / sizeof wishes[0]; i++) {
        const unsigned wish = quality_set(wishes[i]);
        const int count = qualities[wishes[i]].count;
        const bool grows = count > qualities[chord.quality].count && count <= notes && (own & ~wish) == 0;
        if (grows && (wish & ~own & ~scale) == 0) {
            chord.quality = wishes[i];
            return chord;
        }
    }
    return chord;
}

/// Finds how many fifths above the root the note \p interval semitones above it is written. False for no chord note.
static bool chord_note_fifths(enum chord_quality quality, int interval, int *fifths)
{
    for (int i = 0; i < qualities[quality].count; i++) {
        if (pitch_class(qualities[quality].intervals[i]) == pitch_class(interval)) {
            *fifths = qualities[quality].fifths[i];
            return true;
        }
    }
    return false;
}

void chord_symbol(struct chord chord, struct key key, char *out, size_t size)
{
    enum { ONE_FLAT_FIRST = -8, ONE_SHARP_LAST = 12 };
    char root[4];
    char bass[4] = "";
    const int fifths = key_fifths(key, chord.root);
    pitch_spell(fifths, root, sizeof root);
    if (chord.bass != chord.root) {
        int above = 0;
        const bool inside = chord_note_fifths(chord.quality, chord.bass - chord.root, &above);
        const bool readable = fifths + above >= ONE_FLAT_FIRST && fifths + above <= ONE_SHARP_LAST;
        pitch_spell(inside && readable ? fifths + above : key_fifths(key, chord.bass), bass, sizeof bass);
    }
    (void)snprintf(out, size, "%s%s%s%s", root, qualities[chord.quality].symbol, *bass ? "/" : "", bass);
}

/// Writes the degree \p fifths fifths above the first, with accidentals against the major scale, as one of \p names,
/// which stand in the order of the line of fifths.
static void degree_spell(int fifths, const char *const names[SCALE_DEGREES], char *out, size_t size)
{
    char letter[8];
    pitch_spell(fifths, letter, sizeof letter);
    const char *const letters = "FCGDAEB";
    (void)snprintf(out, size, "%s%s", letter + 1, names[strchr(letters, letter[0]) - letters]);
}

void chord_numeral(struct chord chord, struct key key, char *out, size_t size)
{
    static const char *const upper[SCALE_DEGREES] = {"IV", "I", "V", "II", "VI", "III", "VII"};
    static const char *const lower[SCALE_DEGREES] = {"iv", "i", "v", "ii", "vi", "iii", "vii"};
    static const char *const digits[SCALE_DEGREES] = {"4", "1", "5", "2", "6", "3", "7"};
    char root[8];
    char bass[8] = "";
    const bool minor = qualities[chord.quality].intervals[1] == 3;
    degree_spell(mode_fifths(key.mode, chord.root - key.tonic), minor ? lower : upper, root, sizeof root);
    if (chord.bass != chord.root) {
        int above = 0;
        if (!chord_note_fifths(chord.quality, chord.bass - chord.root, &above)) {
            above = mode_fifths(MODE_IONIAN, chord.bass - chord.root);
        }
        degree_spell(above, digits, bass, sizeof bass);
    }
    (void)snprintf(out, size, "%s%s%s%s", root, qualities[chord.quality].numeral, *bass ? "/" : "", bass);
}

static bool text_is(const char *text, size_t length, const char *word)
{
    return strlen(word) == length && memcmp(text, word, length) == 0;
}

static bool quality_read(const char *text, size_t length, enum chord_quality *quality)
{
    for (int i = 0; i < CHORD_QUALITY_COUNT; i++) {
        if (text_is(text, length, qualities[i].symbol) || text_is(text, length, qualities[i].name)) {
            *quality = (enum chord_quality)i;
            return true;
        }
    }
    for (size_t i = 0; i < sizeof aliases / sizeof aliases[0]; i++) {
        if (text_is(text, length, aliases[i].text)) {
            *quality = aliases[i].quality;
            return true;
        }
    }
    return false;
}

enum status chord_parse(const char *text, struct chord *chord)
{
    int root = 0;
    const char *quality_text = pitch_class_read(text, &root);
    if (!quality_text) {
        return STATUS_INVALID;
    }
    const char *slash = strchrnul(quality_text, '/');
    int bass = root;
    enum chord_quality quality = CHORD_MAJOR;
    if ((*slash && pitch_class_parse(slash + 1, &bass)) ||
        !quality_read(quality_text, (size_t)(slash - quality_text), &quality)) {
        return STATUS_INVALID;
    }
    *chord = chord_of(root, quality);
    chord->bass = (uint8_t)bass;
    return STATUS_OK;
}
