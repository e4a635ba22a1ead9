// SPDX-License-Identifier: GPL-3.0-or-later
// A mode is the scale of a major key begun on another of its degrees, so a key's signature is that of its parent major
// key. On the line of fifths (pitch.c) the seven notes of a scale are neighbours: one letter each, whatever the key.
#include "music/scale.h"

#include <stdio.h>
#include <strings.h>

static const struct {
    const char *name;
    int intervals[SCALE_DEGREES];
} modes[MODE_COUNT] = {
    [MODE_IONIAN] = {"ionian", {0, 2, 4, 5, 7, 9, 11}},         [MODE_DORIAN] = {"dorian", {0, 2, 3, 5, 7, 9, 10}},
    [MODE_PHRYGIAN] = {"phrygian", {0, 1, 3, 5, 7, 8, 10}},     [MODE_LYDIAN] = {"lydian", {0, 2, 4, 6, 7, 9, 11}},
    [MODE_MIXOLYDIAN] = {"mixolydian", {0, 2, 4, 5, 7, 9, 10}}, [MODE_AEOLIAN] = {"aeolian", {0, 2, 3, 5, 7, 8, 10}},
    [MODE_LOCRIAN] = {"locrian", {0, 1, 3, 5, 6, 8, 10}},
};

static const struct {
    const char *name;
    enum mode mode;
} aliases[] = {{"major", MODE_IONIAN}, {"minor", MODE_AEOLIAN}};

const char *mode_name(enum mode mode)
{
    return modes[mode].name;
}

enum status mode_parse(const char *text, enum mode *mode)
{
    for (int i = 0; i < MODE_COUNT; i++) {
        if (strcasecmp(text, modes[i].name) == 0) {
            *mode = (enum mode)i;
            return STATUS_OK;
        }
    }
    for (size_t i = 0; i < sizeof aliases / sizeof aliases[0]; i++) {
        if (strcasecmp(text, aliases[i].name) == 0) {
            *mode = aliases[i].mode;
            return STATUS_OK;
        }
    }
    return STATUS_UNKNOWN;
}

int mode_interval(enum mode mode, int degree)
{
    return modes[mode].intervals[degree];
}

pitch_set mode_set(enum mode mode)
{
    unsigned set = 0;
    for (int i = 0; i < SCALE_DEGREES; i++) {
        set |= 1U << mode_interval(mode, i);
    }
    return (pitch_set)set;
}

pitch_set key_set(struct key key)
{
    return pitch_set_transpose(mode_set(key.mode), key.tonic);
}

int key_degree_class(struct key key, int degree)
{
    const int remainder = degree % SCALE_DEGREES;
    return pitch_class(key.tonic + mode_interval(key.mode, remainder < 0 ? remainder + SCALE_DEGREES : remainder));
}

int key_class_degree(struct key key, int class)
{
    const int interval = pitch_class(class - key.tonic);
    for (int i = 0; i < SCALE_DEGREES; i++) {
        if (mode_interval(key.mode, i) == interval) {
            return i;
        }
    }
    return -1;
}

int key_nearest(struct key key, int key_number)
{
    // Every note outside a scale lies between two notes of it, a semitone from both.
    if (key_class_degree(key, pitch_class(key_number)) >= 0) {
        return key_number;
    }
    return key_number == 0 ? 1 : key_number - 1;
}

static int floor_div(int number, int by)
{
    return number / by - (number % by < 0);
}

int key_scale_index(struct key key, int key_number)
{
    const int degree = key_class_degree(key, pitch_class(key_number));
    return SCALE_DEGREES * floor_div(key_number - key.tonic, PITCH_CLASSES) + degree;
}

int key_scale_note(struct key key, int index)
{
    const int octave = floor_div(index, SCALE_DEGREES);
    return key.tonic + PITCH_CLASSES * octave + mode_interval(key.mode, index - SCALE_DEGREES * octave);
}

int mode_fifths(enum mode mode, int interval)
{
    // Seven semitones a fifth, and seven times seven is one more than four octaves: 7 undoes itself.
    const int up = pitch_class(7 * pitch_class(interval));
    if (up == 6) {
        return mode_interval(mode, 4) == 6 ? -6 : 6;
    }
    return up > 6 ? up - PITCH_CLASSES : up;
}

/// Fifths from the tonic of the parent major key up to the tonic of the mode.
static int fifths_above_parent(enum mode mode)
{
    return mode_fifths(MODE_IONIAN, mode_interval(MODE_IONIAN, (int)mode));
}

int key_signature(struct key key)
{
    enum { EVEN = 6, LAST_USUAL_TONIC = 8 /* G#; D#, A# and E# are better known as Eb, Bb and F */ };
    const int parent = mode_fifths(MODE_IONIAN, key.tonic - mode_interval(MODE_IONIAN, (int)key.mode));
    if (parent == EVEN && EVEN + fifths_above_parent(key.mode) > LAST_USUAL_TONIC) {
        return -EVEN;
    }
    return parent;
}

bool key_uses_sharps(struct key key)
{
    return key_signature(key) > 0;
}

int key_fifths(struct key key, int class)
{
    enum { WHITE_FIRST = -1, WHITE_LAST = 5 };
    const int natural = mode_fifths(MODE_IONIAN, class);
    if (natural >= WHITE_FIRST && natural <= WHITE_LAST && key_class_degree(key, class) < 0) {
        return natural;
    }
    return key_signature(key) + fifths_above_parent(key.mode) + mode_fifths(key.mode, class - key.tonic);
}

void key_spell(struct key key, int class, char *out, size_t size)
{
    pitch_spell(key_fifths(key, class), out, size);
}

void key_name(struct key key, char *out, size_t size)
{
    char tonic[4];
    key_spell(key, key.tonic, tonic, sizeof tonic);
    (void)snprintf(out, size, "%s %s", tonic, mode_name(key.mode));
}
