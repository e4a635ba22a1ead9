// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Pitches: MIDI key numbers (60 is middle C, "C4"), pitch classes (0 is C, 11 is B) and their names. Pure; any thread.
#pragma once

#include "core/status.h"

#include <stddef.h>
#include <stdint.h>

enum { PITCH_CLASSES = 12, PITCH_KEYS = 128, PITCH_SET_ALL = 0xfff };

/// A set of pitch classes: bit n is pitch class n.
typedef uint16_t pitch_set;

/// The pitch class of \p key, which may be negative: 0 to 11.
int pitch_class(int key);

/// Reads "C", "F#", "Bb", "E♭", "c♯", "Cb": a letter of either case and at most two accidentals (#, b, ♯, ♭).
/// Stores 0 to 11. STATUS_INVALID for anything else, with nothing stored.
MUST_USE enum status pitch_class_parse(const char *text, int *class);

/// Reads such a name at the start of \p text and returns what stands behind it. NULL, with nothing stored, where none
/// stands there.
const char *pitch_class_read(const char *text, int *class);

/// "C", "Db", "D", "Eb", "E", "F", "Gb" or, with \p sharps, "C#" … ; static.
const char *pitch_class_name(int class, int sharps);

/// Writes the note that stands \p fifths fifths above C on the line of fifths … Bb F C G D A E B F# C# …, where each
/// spelling has one place: 6 is "F#", -6 is "Gb". Cut at \p size.
void pitch_spell(int fifths, char *out, size_t size);

/// Frequency in Hz of \p key, which may lie between two keys: equal temperament, key 69 is 440 Hz.
double pitch_hz(double key);

/// Writes a key's name, such as "F#3", into \p out, cut at \p size.
void pitch_name(int key, int sharps, char *out, size_t size);

/// How many pitch classes \p set holds.
int pitch_set_count(pitch_set set);

/// \p set moved up by \p semitones, which may be negative.
pitch_set pitch_set_transpose(pitch_set set, int semitones);
