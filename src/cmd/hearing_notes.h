// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// A listener to notes at work for a command: as hearing.h, of hear_notes.h. One thread.
#pragma once

#include "cmd/hearing.h"
#include "hear/hear_notes.h"

struct hearing_notes {
    struct hear_notes *notes;
    struct hearing hearing;
};

/// Makes a listener of it. As hear_notes_new().
MUST_USE enum status hearing_notes_init(struct hearing_notes *hearing, struct complaint *complaint);
void hearing_notes_done(struct hearing_notes *hearing);

/// hear_notes_step(), measured and counted; \p events has room for HEAR_NOTES_EVENTS.
size_t hearing_notes_step(struct hearing_notes *hearing, struct hear_event *events);

/// Seconds of the steps that were made.
double hearing_notes_seconds(const struct hearing_notes *hearing);

/// Prints the summary, of \p wall_s seconds of work and of \p lost messages that never came to be heard. STATUS_IO
/// where standard output takes no more.
MUST_USE enum status hearing_notes_end(struct hearing_notes *hearing, double wall_s, uint64_t lost,
                                       struct complaint *complaint);
