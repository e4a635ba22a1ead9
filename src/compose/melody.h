// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The melody: gestures with a contour and a breath after each, their notes chosen under constraints.
/// Internal to compose but for the counts.
///
/// 70% chord tones, 25% other scale tones, 5% chromatic passing and neighbour tones that resolve by semitone within
/// half a beat; a note falls on a slot with a chance of 50% to 80% by intensity.
#pragma once

#include "compose/motif.h"
#include "compose/part.h"

#include <stdint.h>

enum tone_class { TONE_CHORD, TONE_SCALE, TONE_CHROMATIC, TONE_CLASSES };

/// What has been played since the start.
struct melody_counts {
    uint64_t slots;               ///< places where a note could fall
    uint64_t notes;               ///< notes that fell there
    uint64_t resolutions;         ///< notes between the places: what follows a chromatic tone
    uint64_t tones[TONE_CLASSES]; ///< of which kind all of them were
};

/// Embed it; plain data.
struct melody {
    struct random random;
    struct motif_memory memory;
    struct motif motif; ///< the gesture in the works
    int64_t slot_ticks; ///< the length of its slots
    int64_t gesture_start;
    int64_t gesture_end;
    int64_t breath_end;        ///< then the next gesture may start
    int last;                  ///< the last key played in this gesture, -1 before its first
    int leap;                  ///< the semitones that led to it
    int resolution;            ///< the key that a chromatic tone asks for next, -1 for none
    int64_t resolves;          ///< the tick on which it comes at the latest
    bool placed;               ///< a note has said where the motif's tune lies
    int base;                  ///< and this is the tune's first note, as key_scale_index() counts
    double owed[TONE_CLASSES]; ///< notes of each class that are due (error feedback)
    struct melody_counts counts;
};

void melody_init(struct melody *melody, uint64_t seed);

/// Forgets the motifs so far: their length belongs to a preset that plays no longer.
void melody_forget(struct melody *melody);

/// Plays the moment.
void melody_step(struct melody *melody, struct moment *moment);

/// Whether \p key is a tone of the chord, of the key or of neither. Pure.
enum tone_class melody_tone_class(int key, struct chord chord, struct key scale);
