// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Modes, and keys (a tonic with a mode). Pure; any thread.
#pragma once

#include "core/status.h"
#include "music/pitch.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum mode {
    MODE_IONIAN,
    MODE_DORIAN,
    MODE_PHRYGIAN,
    MODE_LYDIAN,
    MODE_MIXOLYDIAN,
    MODE_AEOLIAN,
    MODE_LOCRIAN,
    MODE_COUNT
};

enum { SCALE_DEGREES = 7 };

struct key {
    uint8_t tonic; ///< pitch class, 0 to 11
    enum mode mode;
};

/// "ionian" … "locrian"; static.
const char *mode_name(enum mode mode);

/// Reads a mode's name in any case; "major" is Ionian and "minor" Aeolian. STATUS_UNKNOWN for anything else.
MUST_USE enum status mode_parse(const char *text, enum mode *mode);

/// Semitones of \p degree (0 to 6) above the tonic.
int mode_interval(enum mode mode, int degree);

/// The scale of \p mode as pitch classes above a tonic of C.
pitch_set mode_set(enum mode mode);

/// The scale of \p key.
pitch_set key_set(struct key key);

/// The pitch class of a scale degree; \p degree may be any number, 7 is the tonic again, -1 the degree below it.
int key_degree_class(struct key key, int degree);

/// The scale degree, 0 to 6, of pitch class \p class, or -1 where it is not in the scale.
int key_class_degree(struct key key, int class);

/// The nearest key number that is in the scale, below where two are equally near; never below 0 for one that is not.
int key_nearest(struct key key, int key_number);

/// Notes of the scale counted upwards: 0 is the tonic at or above key number 0, 7 the one an octave higher, and so on
/// without end in both directions. \p key_number must be in the scale.
int key_scale_index(struct key key, int key_number);

/// The key number of the note that key_scale_index() calls \p index; any number, a key or not.
int key_scale_note(struct key key, int index);

/// How many fifths above the tonic (below, if negative) the note \p interval semitones above it is written: the notes
/// of the mode one letter a degree, the others as the major scale's, its second, third, sixth or seventh lowered, or
/// its fourth raised. -6 to 6.
int mode_fifths(enum mode mode, int interval);

/// The key signature: how many sharps, or flats if negative, the scale is written with, -6 to 6. Its spelling uses each
/// letter once, with the fewest accidentals; where six sharps and six flats are even, the tonic with the more usual
/// name decides: F# Ionian, Eb Aeolian.
int key_signature(struct key key);

/// Whether the scale is written with sharps; the one without accidentals is not.
bool key_uses_sharps(struct key key);

/// Where on the line of fifths (pitch_spell()) \p class is written in \p key: scale notes one letter a degree ("E#" in
/// F# Ionian); others without accidental where a white key allows it, else by their place in mode_fifths().
int key_fifths(struct key key, int class);

/// Writes how \p class is spelled in \p key, as key_fifths() places it; one accidental at most. \p size at least 4.
void key_spell(struct key key, int class, char *out, size_t size);

/// Writes "D dorian"; \p size at least 16.
void key_name(struct key key, char *out, size_t size);
