// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// A MIDI file as a command reads it, with complaints that name the file. Any thread.
#pragma once

#include "core/status.h"
#include "music/score.h"

#include <stdbool.h>

/// Reads the MIDI file at \p path, or standard input for "-", into \p score (empty before); \p cut_short says whether
/// the file ends too early (it may be NULL). STATUS_IO with the system's reason, STATUS_FULL beyond 256 MiB, and as
/// midi_file_read(). After a failure \p score is empty.
MUST_USE enum status input_read_midi(const char *path, struct score *score, bool *cut_short,
                                     struct complaint *complaint);
