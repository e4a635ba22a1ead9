// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The pads: each chord voiced from the one before, common tones tied over. Internal to compose.
#pragma once

#include "compose/part.h"
#include "compose/voicing.h"

/// Embed it; plain data.
struct pad {
    struct random random;
    struct voicing sounding;
    struct voicing planned; ///< for the chord that comes next, made one chord early; count 0 for none
    struct chord planned_for;
    uint8_t tied[VOICING_MAX]; ///< keys of \c planned that sound on from the chord before
    uint8_t tied_count;
};

void pad_init(struct pad *pad, uint64_t seed);

/// Plays the moment: a chord when one starts, else nothing.
void pad_step(struct pad *pad, struct moment *moment);
