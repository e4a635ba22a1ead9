// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Which key a note of the melody takes. Internal to compose/melody.
#pragma once

#include "compose/melody.h"

enum { MELODY_NO_KEY = -1, MELODY_BESIDE = -1, MELODY_RESOLVES_TICKS = TICKS_PER_BEAT / 2 };

/// Where in its gesture a note falls.
struct melody_place {
    int slot; ///< MELODY_BESIDE for a note that falls on none: the resolution of a chromatic tone
    int half;
    int64_t next; ///< when the next note of the gesture sounds if the intensity stays; its end when there is none
};

/// What share each class is to have of the notes in the long run.
extern const double melody_mix[TONE_CLASSES];

/// The key for a note at \p place. A pending resolution, which must be of the chord or the key, is taken; beside a slot
/// there must be one. A chromatic tone leaves one to come within MELODY_RESOLVES_TICKS. What a motif's place sounds for
/// the first time, the motif remembers.
int melody_key_choose(struct melody *melody, const struct moment *moment, const struct melody_place *place);
