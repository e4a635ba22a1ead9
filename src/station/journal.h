// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The file in which a station's life is written down as it goes on: DIR/NAME.station, text (station/life.h).
///
/// A line is filled with blanks to a width that divides a page. A change is a line more and the position is overwritten
/// where it stands, so that the file grows with the changes only (2.6 MB at most), that each write is a small one that
/// a killed process has either made or not, and that nothing is ever rewritten while the music plays. Nothing is waited
/// for: a machine that loses its power may lose the last seconds.
///
/// The station's thread writes; the functions are not for two threads at once.
#pragma once

#include "station/life.h"

struct journal;

struct journal_options {
    const char *dir;         ///< made where it is missing (its parent must be there)
    struct life_birth birth; ///< of the life that begins where none can go on
    bool seed_given;         ///< another seed than birth's is then another life
    const struct presets *presets;
};

/// Opens the journal of the station birth.station, and holds it against other processes until it is freed.
///
/// The life in it goes on where it is of this station, this rate and, with \c seed_given, this seed; another renderer
/// plays the same notes. Else the life of \c birth begins: a file that cannot be read is set aside as NAME.station.bad
/// and a life that does not go on as NAME.station.old, over one that is there already, and the log tells of it.
///
/// STATUS_IN_USE when another process has it; STATUS_IO when the folder or the file cannot be read and written;
/// STATUS_RANGE for a path that is too long; STATUS_NO_MEMORY.
MUST_USE enum status journal_open(const struct journal_options *options, struct journal **out,
                                  struct complaint *complaint);

/// Whether a life goes on that was there.
bool journal_resumed(const struct journal *journal);

/// The life as it stands, all changes in it. Valid until the next call.
const struct life *journal_life(const struct journal *journal);

/// Writes down a change that was made. What cannot be written is logged, once, and tried again with what comes next;
/// with LIFE_CHANGES, each further one takes the place of the last, which is logged once too (see life_add()).
void journal_change(struct journal *journal, const struct life_change *change);

/// Writes down where the station is. Not before all changes are written, without which it would mean other music.
void journal_position(struct journal *journal, const struct life_position *position);

/// NULL is fine.
void journal_free(struct journal *journal);
