// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The sparkle: a thin, high figure of chord tones on the eighths that repeats as long as a phrase. Internal to
/// compose.
#pragma once

#include "compose/part.h"

enum { SPARKLE_PLACES = 16 };

/// Embed it; plain data.
struct sparkle {
    struct random random;
    double chance[SPARKLE_PLACES]; ///< an eighth sounds when this is below the density: denser keeps the thinner figure
    uint8_t tone[SPARKLE_PLACES];  ///< which of the chord's tones in the register, from below
    int last;
};

void sparkle_init(struct sparkle *sparkle, uint64_t seed);

/// Plays the moment.
void sparkle_step(struct sparkle *sparkle, struct moment *moment);
