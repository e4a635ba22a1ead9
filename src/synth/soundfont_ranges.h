// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Which regions are for a note: the key and velocity ranges of all regions, laid out so that many are compared at
/// once. Part of synth/soundfont.
#pragma once

#include "core/status.h"
#include "synth/soundfont.h"

enum {
    SOUNDFONT_KEYS = 128,
    SOUNDFONT_NO_KEYS = 0x7fffffff, ///< `keys` of a preset that is not among the larger ones
};

/// Those of eight regions in a row; all are below 128, and for no note where there is no region.
struct soundfont_eight {
    uint8_t key_low[8], key_high[8];
    uint8_t velocity_low[8], velocity_high[8];
};

struct soundfont_ranges {
    struct soundfont_eight *eights;   ///< of each preset, from its `eights` on
    uint64_t (*keys)[SOUNDFONT_KEYS]; ///< of the larger presets, see soundfont_ranges.c
};

/// Lays out the ranges of \p regions for \p count presets, and sets the presets' own `eights` and `keys`.
/// soundfont_ranges_done() frees them, after a failure too. STATUS_NO_MEMORY. One owner.
MUST_USE enum status soundfont_ranges_make(struct soundfont_ranges *ranges, const struct soundfont_region *regions,
                                           struct soundfont_preset *presets, uint32_t count);

void soundfont_ranges_done(struct soundfont_ranges *ranges);

/// As soundfont_match(). Any thread.
uint64_t soundfont_ranges_match(const struct soundfont_ranges *ranges, const struct soundfont_preset *preset,
                                uint32_t first, int key, int velocity) REALTIME;

/// As soundfont_match_soon(). Any thread.
void soundfont_ranges_match_soon(const struct soundfont_ranges *ranges, const struct soundfont_preset *preset, int key,
                                 int step) REALTIME;
