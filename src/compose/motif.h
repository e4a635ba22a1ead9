// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Motifs: the melodic ideas that a phrase states, remembers and varies. Internal to compose.
///
/// A motif is what makes its notes: for each slot the thresholds at which it divides and sounds, and its place on a
/// contour; and, once it has been played, the tune itself, in steps of the scale. So it can come back in another key,
/// over another chord, fuller or thinner, and still be known.
#pragma once

#include "compose/preset.h"
#include "core/random.h"

#include <stdbool.h>
#include <stdint.h>

enum { MOTIF_SLOTS = 16, MOTIF_MEMORY = 6, MOTIF_VARIED = -1 };

enum contour { CONTOUR_ARCH, CONTOUR_VALLEY, CONTOUR_RISE, CONTOUR_FALL, CONTOUR_WAVE, CONTOUR_COUNT };

/// One slot; a divided one has a second half of its own.
struct motif_slot {
    double divides;   ///< divided in two when below the chance of the moment
    double sounds[2]; ///< each half sounds when below the chance of the moment
    double colour[2]; ///< where in the mix of chord, scale and chromatic tones each half falls, 0 to 1
    int8_t offset[2]; ///< semitones off the contour
    bool known[2];    ///< each half has been played
    int8_t step[2];   ///< and then stood so many notes of the scale above the first note
};

struct motif {
    uint8_t count; ///< slots, 1 to MOTIF_SLOTS
    enum contour contour;
    double centre; ///< where the contour lies in the register, 0 to 1
    double span;   ///< semitones that it covers; below 0 for a contour turned over
    int origin;    ///< which of the memory it is, note for note; MOTIF_VARIED where it is a variation
    struct motif_slot slots[MOTIF_SLOTS];
};

/// The ideas of late. Plain data.
struct motif_memory {
    struct motif motifs[MOTIF_MEMORY];
    unsigned stated;
};

/// A new idea, which \p memory then holds in the place of the oldest; or, as often as not, an earlier one, varied.
struct motif motif_take(struct motif_memory *memory, const struct preset *preset, struct random *random);

/// Keeps, in \p motif and where it came from, that half \p half of \p slot was played \p step notes of the scale above
/// the first note; what is known already stays.
void motif_learn(struct motif_memory *memory, struct motif *motif, int slot, int half, int step);

/// Semitones above or below the register's centre at \p progress (0 to 1) through the motif.
double motif_contour_at(const struct motif *motif, double progress);
