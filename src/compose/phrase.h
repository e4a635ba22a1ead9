// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The harmony of one phrase: 8 to 16 bars of chords, new or taken up from an earlier phrase. Internal to compose.
#pragma once

#include "compose/harmony.h"
#include "compose/preset.h"
#include "core/random.h"
#include "music/chord.h"

#include <stdint.h>

enum { PHRASE_CHORDS = 32, PHRASE_MEMORY = 4 };

struct phrase_chord {
    struct chord chord; ///< as it is played: a seventh or a ninth where the preset likes it
    struct chord plain; ///< as the chain drew it, which is what the chain goes on from
    uint8_t bars;
};

/// Chords that follow each other without a gap, starting on a bar line.
struct phrase {
    struct key key;
    int64_t start; ///< tick
    unsigned count;
    struct phrase_chord chords[PHRASE_CHORDS];
};

/// Makes phrases and remembers the last few. Embed it; plain data.
struct phrase_maker {
    const struct harmony *harmony;
    struct random random;
    struct phrase memory[PHRASE_MEMORY]; ///< a ring; the keys tell in which mode a progression makes sense
    unsigned remembered;
    unsigned latest; ///< index of the phrase that was made last
};

void phrase_maker_init(struct phrase_maker *maker, const struct harmony *harmony, uint64_t seed);

/// Forgets the progressions so far: their rhythm belongs to a preset that plays no longer.
void phrase_maker_forget(struct phrase_maker *maker);

/// Writes the phrase that follows \p previous (NULL at the very start), beginning at tick \p start in \p key. Most
/// phrases lead home and the next begins on the tonic chord; some go elsewhere, as the chain has it. With \p afresh it
/// begins on the tonic chord whatever came before, so that a new key is heard for what it is.
void phrase_make(struct phrase_maker *maker, const struct preset *preset, struct key key, const struct phrase *previous,
                 bool afresh, int64_t start, struct phrase *phrase);

/// The tick at which chord \p index begins; that of index count is the phrase's end.
int64_t phrase_chord_start(const struct phrase *phrase, unsigned index, struct meter meter);
