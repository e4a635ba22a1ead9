// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Chords as sounding keys, each chord led from the one before with the least motion. Pure; any thread.
///
/// Rules after Tymoczko, "A Geometry of Music" (2011), ch. 2 (least total motion) and the textbook ones for outer
/// voices (no parallel fifths or octaves).
#pragma once

#include "music/chord.h"

#include <stdint.h>

enum { VOICING_MAX = 5 };

/// Keys from low to high; count 0 is "nothing before".
struct voicing {
    uint8_t count;
    uint8_t keys[VOICING_MAX];
};

/// The voicing of \p chord in \p voices (3 to VOICING_MAX) keys from \p low to \p high (at least two octaves apart)
/// that follows \p from best: every voice moves as little as it can, the root (or the first inversion) lies lowest, the
/// third and the colour are present, neighbours stand no more than an octave apart and no closer than their register
/// bears, and the outer voices never go in parallel fifths or octaves.
struct voicing voicing_lead(const struct voicing *from, struct chord chord, int voices, int low, int high);

/// Whether the outer voices move in the same direction from one perfect fifth to another, or one octave to another.
int voicing_parallels(const struct voicing *from, const struct voicing *to);
