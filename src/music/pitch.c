// SPDX-License-Identifier: GPL-3.0-or-later
// Spelling rests on the line of fifths, … Bb F C G D A E B F# …: every spelled note has one place on it, its letter
// repeats every seven places with one more accidental, and its pitch class every twelve.
#include "music/pitch.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ACCIDENTALS = 2 };

static const char *const sharp_names[PITCH_CLASSES] = {"C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"};
static const char *const flat_names[PITCH_CLASSES] = {"C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B"};

static const struct {
    const char *text;
    int semitones;
} accidentals[] = {{"#", 1}, {"b", -1}, {"\u266f", 1}, {"\u266d", -1}};

int pitch_class(int key)
{
    const int remainder = key % PITCH_CLASSES;
    return remainder < 0 ? remainder + PITCH_CLASSES : remainder;
}

/// Steps over one accidental and adds it; stays where none stands.
static const char *accidental_read(const char *text, int *semitones)
{
    for (size_t i = 0; i < sizeof accidentals / sizeof accidentals[0]; i++) {
        const size_t length = strlen(accidentals[i].text);
        if (strncmp(text, accidentals[i].text, length) == 0) {
            *semitones += accidentals[i].semitones;
            return text + length;
        }
    }
    return text;
}

const char *pitch_class_read(const char *text, int *class)
{
    static const int letters[] = {9, 11, 0, 2, 4, 5, 7};
    const int letter = tolower((unsigned char)*text) - 'a';
    if (letter < 0 || letter > 6) {
        return NULL;
    }
    int semitones = letters[letter];
    text++;
    for (int i = 0; i < MOST_ACCIDENTALS; i++) {
        text = accidental_read(text, &semitones);
    }
    *class = pitch_class(semitones);
    return text;
}

enum status pitch_class_parse(const char *text, int *class)
{
    int found = 0;
    const char *rest = pitch_class_read(text, &found);
    if (!rest || *rest) {
        return STATUS_INVALID;
    }
    *class = found;
    return STATUS_OK;
}

const char *pitch_class_name(int class, int sharps)
{
    return (sharps ? sharp_names : flat_names)[pitch_class(class)];
}

void pitch_spell(int fifths, char *out, size_t size)
{
    // F is the first letter of the row that has no accidentals.
    const int64_t place = (int64_t)fifths + 1;
    const int64_t column = (place % 7 + 7) % 7;
    const int64_t row = (place - column) / 7;
    char signs[8] = "";
    for (int64_t i = 0; i < llabs(row) && i < (int)sizeof signs - 1; i++) {
        signs[i] = row > 0 ? '#' : 'b';
    }
    (void)snprintf(out, size, "%c%s", "FCGDAEB"[column], signs);
}

double pitch_hz(double key)
{
    return 440.0 * exp2((key - 69.0) / 12.0);
}

void pitch_name(int key, int sharps, char *out, size_t size)
{
    const int class = pitch_class(key);
    const int octave = (key - class) / PITCH_CLASSES - 1;
    (void)snprintf(out, size, "%s%d", pitch_class_name(class, sharps), octave);
}

int pitch_set_count(pitch_set set)
{
    return __builtin_popcount(set & PITCH_SET_ALL);
}

pitch_set pitch_set_transpose(pitch_set set, int semitones)
{
    const unsigned bits = set & PITCH_SET_ALL;
    const int up = pitch_class(semitones);
    return (pitch_set)((bits << up | bits >> (PITCH_CLASSES - up)) & PITCH_SET_ALL);
}
