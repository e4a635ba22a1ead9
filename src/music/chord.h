// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Chords: a root, a quality from triads to ninths, and a bass; their notes, spelling and symbols. Pure; any thread.
#pragma once

#include "core/status.h"
#include "music/pitch.h"
#include "music/scale.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum chord_quality {
    CHORD_MAJOR,
    CHORD_MINOR,
    CHORD_DIMINISHED,
    CHORD_AUGMENTED,
    CHORD_SUS2,
    CHORD_SUS4,
    CHORD_MAJOR_6,
    CHORD_MINOR_6,
    CHORD_DOMINANT_7,
    CHORD_MAJOR_7,
    CHORD_MINOR_7,
    CHORD_HALF_DIMINISHED_7,
    CHORD_DIMINISHED_7,
    CHORD_MINOR_MAJOR_7,
    CHORD_DOMINANT_7_SUS4,
    CHORD_ADD9,
    CHORD_MINOR_ADD9,
    CHORD_DOMINANT_9,
    CHORD_MAJOR_9,
    CHORD_MINOR_9,
    CHORD_QUALITY_COUNT
};

/// Most notes that a chord has.
enum { CHORD_NOTES = 5 };

struct chord {
    uint8_t root; ///< pitch class
    uint8_t bass; ///< pitch class; equals the root unless the chord is inverted or a slash chord
    enum chord_quality quality;
};

/// A chord in root position.
struct chord chord_of(int root, enum chord_quality quality);

/// The short name used in tables and in Harte notation where that has one: "maj", "min", "dim", "aug", "sus2", "sus4",
/// "maj6", "min6", "7", "maj7", "min7", "hdim7", "dim7", "minmaj7", "7sus4", "add9", "minadd9", "9", "maj9", "min9".
const char *chord_quality_name(enum chord_quality quality);

/// Reads a name of chord_quality_name(). STATUS_UNKNOWN for anything else.
MUST_USE enum status chord_quality_parse(const char *text, enum chord_quality *quality);

/// How many notes the quality has (3 to CHORD_NOTES), and their semitones above the root, ascending (a ninth is 14),
/// in \p intervals where that is not NULL.
int chord_quality_intervals(enum chord_quality quality, int intervals[CHORD_NOTES]);

bool chord_equal(struct chord a, struct chord b);

/// \p chord moved up by \p semitones, which may be negative.
struct chord chord_transpose(struct chord chord, int semitones);

/// The chord's pitch classes, its bass included.
pitch_set chord_set(struct chord chord);

/// The richest chord on the same root that has \p chord's notes, adds only notes of \p key, and has at most \p notes
/// notes (3 to 5): a triad grows to its diatonic seventh and ninth. A chord that cannot grow comes back as it is.
struct chord chord_extend(struct chord chord, struct key key, int notes);

/// Writes the symbol as musicians do: "C", "Dm7", "Gsus4", "Bdim", "Bø7", "C#dim7", "Faug", "C/E", "Fmaj9", "Em(maj7)",
/// "Am(add9)". The root is spelled in \p key, a bass that is a note of the chord from the root ("E/G#" also where the
/// key has Ab), any other bass in the key. Accidentals are # and b; the only byte above 127 is in "ø". \p size at
/// least 16.
void chord_symbol(struct chord chord, struct key key, char *out, size_t size);

/// Writes the Roman numeral in \p key: "i7", "IV", "bVII", "vii°", "viiø7", "bIII+", "imaj7"; lower case has a minor
/// third; accidentals are against the major scale on the tonic. A bass that is not the root follows as the degree above
/// the root, as in Harte notation: "V/3" is G/B in C, "i/b3". \p size at least 16.
void chord_numeral(struct chord chord, struct key key, char *out, size_t size);

/// Reads what chord_symbol() writes, with any spelling, the names of chord_quality_name(), and the other ways in use
/// ("Ebm", "D#min7", "Bb/D", "CM7", "F#°7", "B♭-7", "Bm7b5", "G+", "Asus"). STATUS_INVALID for anything else, with
/// nothing stored.
MUST_USE enum status chord_parse(const char *text, struct chord *chord);
