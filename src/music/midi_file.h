// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Standard MIDI files (RP-001, 1.0), formats 0 and 1, from bytes to a score and back. Pure; any thread.
#pragma once

#include "core/status.h"
#include "music/meter.h"
#include "music/score.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Most events that are read, and the last tick that is read or written (36 years at 120 BPM).
enum { MIDI_FILE_EVENTS = 16000000 };
static const int64_t MIDI_FILE_TICKS = (int64_t)1 << 40;

/// Reads \p size bytes into \p score (empty before): all tracks merged, in ticks of TICKS_PER_BEAT whatever the file's
/// own division, as EVENT_MIDI for channel messages (note on with velocity 0 becomes note off), EVENT_TEMPO for the
/// tempo map and EVENT_RESET for the messages of midi_reset.h. Running status is understood; other system-exclusive and
/// unknown meta events and chunks are read over. SMPTE
/// divisions are converted at 120 BPM, which then is the only tempo. A track that is cut short or breaks off (a status
/// byte where data belongs) gives what it had, like the players in use do. Ticks stop at MIDI_FILE_TICKS.
/// STATUS_CORRUPT where no track can be read or the time division is nonsense; STATUS_UNSUPPORTED for format 2 and
/// above; STATUS_FULL beyond MIDI_FILE_EVENTS; STATUS_NO_MEMORY. After a failure \p score is empty.
MUST_USE enum status midi_file_read(const void *bytes, size_t size, struct score *score, struct complaint *complaint);

/// Whether the file ends before its chunks do, or has fewer tracks than it says: midi_file_read() gives what is there,
/// and a person may want to know.
bool midi_file_cut_short(const void *bytes, size_t size);

/// What stands in the file besides the score's events.
struct midi_file_options {
    const char *title;                ///< track name of the first track; NULL for none
    const char *const *channel_names; ///< 16 track names, some or all NULL; NULL for none
    double bpm;                       ///< tempo until the first EVENT_TEMPO
    uint8_t beats, unit;              ///< time signature
};

/// Writes \p score (sorted) as a file of format 1 with TICKS_PER_BEAT: a tempo track with a key signature wherever the
/// key changes, a marker for each chord symbol and the message of each EVENT_RESET, then a track for each channel in
/// use. EVENT_NOTE becomes note on and off, before whatever else stands on its last tick; a note that starts while its
/// key sounds ends the earlier one. EVENT_CUT ends the notes that sound. EVENT_MIDI goes out as it is: a note-on
/// without its note-off stays so. A tempo or time signature that a file cannot hold is left out or made the nearest
/// that it can. \p bytes is the caller's to free(). STATUS_NO_MEMORY, with nothing stored.
MUST_USE enum status midi_file_write(const struct score *score, const struct midi_file_options *options,
                                     uint8_t **bytes, size_t *size);
