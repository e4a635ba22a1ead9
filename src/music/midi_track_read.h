// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The events of one track of a MIDI file; private to midi_file_read.c. Pure; any thread.
#pragma once

#include "core/status.h"
#include "music/score.h"

#include <stdbool.h>
#include <stdint.h>

/// How the file counts time: a tick of the file is \c multiply / \c divide ticks of the score.
struct midi_timebase {
    int64_t multiply; ///< below 2^22, so that no product with MIDI_FILE_TICKS overflows
    int64_t divide;
    bool timecode; ///< the file counts seconds, and its tempo map means nothing
};

/// Adds to \p score the events from \p bytes up to the end mark, \p end, or where the track breaks off, and sets
/// \p spoke once something could be read. STATUS_FULL beyond MIDI_FILE_EVENTS; STATUS_NO_MEMORY.
MUST_USE enum status midi_track_read(const uint8_t *bytes, const uint8_t *end, const struct midi_timebase *timebase,
                                     struct score *score, bool *spoke);
