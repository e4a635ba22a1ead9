// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The zones of all presets, or of all instruments, of a SoundFont, read. Part of synth/soundfont.
#pragma once

#include "core/status.h"
#include "synth/soundfont.h"
#include "synth/soundfont_modulators.h"
#include "synth/soundfont_riff.h"

enum { SOUNDFONT_PRESET_RECORD = 38, SOUNDFONT_INSTRUMENT_RECORD = 22 };

enum soundfont_level { SOUNDFONT_PRESET_LEVEL, SOUNDFONT_INSTRUMENT_LEVEL };

/// A zone with what it has from the global zone of its preset or instrument. A preset's generators are what is added to
/// an instrument's, so 0 where there is none; an instrument's are the values, the default where there is none.
struct soundfont_zone {
    uint8_t key_low, key_high;
    uint8_t velocity_low, velocity_high;
    uint16_t target;     ///< the instrument, or the sample
    uint32_t modulators; ///< number of the list
    int16_t generators[SOUNDFONT_GENERATORS];
};

/// The zones of preset or instrument \c i are those from first[i] to before first[i + 1]; all name a target that is
/// there.
struct soundfont_zones {
    struct soundfont_zone *zone;
    uint32_t *first;
    uint32_t owner_count;
};

/// Reads all zones of \p level, which name one of \p target_count instruments or samples, and adds those that make no
/// sense to \p left_out. STATUS_NO_MEMORY. Time is in proportion to the size of the chunks.
MUST_USE enum status soundfont_zones_read(struct soundfont_zones *zones, const struct soundfont_riff *riff,
                                          enum soundfont_level level, uint32_t target_count,
                                          struct soundfont_modulators *modulators, uint32_t *left_out);

void soundfont_zones_done(struct soundfont_zones *zones);
