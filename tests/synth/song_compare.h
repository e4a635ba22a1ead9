// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Plays a MIDI file on three instruments in step: a reference, one that is tested, and the reference's like at other
/// settings, whose distance from the reference says how much a distance means.
#pragma once

#include "song_measure.h"
#include "synth/instrument.h"

enum { SONG_TESTED, SONG_LIKE, SONG_OTHERS };

struct song_result {
    double seconds;
    struct song_difference differences[SONG_OTHERS]; ///< of the tested and of the like, from the reference
};

/// Plays \p path from its start to 2 s after its end, but \p seconds at most where that is above 0, on new instruments
/// at \p rate. The instruments are reset first. STATUS_IO, what midi_file_read() refuses, STATUS_NO_MEMORY.
MUST_USE enum status song_compare(struct instrument *reference, struct instrument *const others[SONG_OTHERS],
                                  double rate, const char *path, double seconds, struct song_result *result,
                                  struct complaint *complaint);
