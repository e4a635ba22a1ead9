// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// A script: messages in a file, each with its time, that a session plays to the frame.
///
///     # a chord, and its end
///     0.0  /tutti/synth/note/on keys 60 100
///     0.0  /tutti/synth/note/on keys 64 100
///     1.5  /tutti/synth/note/off * 60
///
/// A line is the time in seconds, an address, and arguments as net/osc_text.h reads them. Lines may stand in any order;
/// those of one time are taken in the order of the file.
#pragma once

#include "core/status.h"
#include "session/request.h"

struct script;

struct script_line {
    double seconds;
    size_t place; ///< among the lines of the file
    struct request request;
};

/// Reads all of \p text; \p shown opens every complaint: "song.tutti:12: ...". STATUS_INVALID, STATUS_UNKNOWN,
/// STATUS_RANGE, STATUS_FULL (a million lines), STATUS_NO_MEMORY. Any thread.
MUST_USE enum status script_parse(const char *text, size_t size, const char *shown, struct script **out,
                                  struct complaint *complaint);
/// The file at \p path; also STATUS_IO.
MUST_USE enum status script_load(const char *path, struct script **out, struct complaint *complaint);
/// NULL is fine.
void script_free(struct script *script);

/// \name Reading, one thread
/// @{
/// The next line, or NULL at the end; script_step() goes past it.
const struct script_line *script_next(const struct script *script);
void script_step(struct script *script);
size_t script_count(const struct script *script);
/// Lines that are still to come.
size_t script_left(const struct script *script);
/// Frames from second 0 to \p line.
uint64_t script_frame(const struct script_line *line, double rate);
/// @}
