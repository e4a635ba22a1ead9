// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The presets of a SoundFont: each zone of theirs put over each zone of the instrument that it names. Part of
/// synth/soundfont.
#pragma once

#include "core/status.h"
#include "synth/soundfont.h"
#include "synth/soundfont_ranges.h"
#include "synth/soundfont_riff.h"
#include "synth/soundfont_source.h"

/// Regions of one file (66 MB), and pairs of zones that are tried for them; what is beyond is left out.
enum { SOUNDFONT_REGIONS = 500000, SOUNDFONT_PAIRS = 1 << 24 };

struct soundfont_presets {
    struct soundfont_preset *preset; ///< by bank and program
    uint32_t count;
    struct soundfont_region *region;
    struct soundfont_ranges ranges;
    uint32_t region_count, region_room;
    struct soundfont_modulator *modulator;
};

/// Reads the presets, and marks the samples that they use. STATUS_NO_MEMORY.
MUST_USE enum status soundfont_presets_read(struct soundfont_presets *presets, const struct soundfont_riff *riff,
                                            struct soundfont_sources *sources, uint32_t *left_out);

void soundfont_presets_done(struct soundfont_presets *presets);
