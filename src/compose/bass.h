// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The bass: the root under each chord, moving more as the music grows. Internal to compose.
#pragma once

#include "compose/part.h"

/// Embed it; plain data.
struct bass {
    struct random random;
    int key; ///< the last one played, 0 before the first
};

void bass_init(struct bass *bass, uint64_t seed);

/// Plays the moment.
void bass_step(struct bass *bass, struct moment *moment);
