// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Notes down what is played while a chunk is rendered, and makes it the score message that a display follows.
/// One thread owns it. Internal to station.
#pragma once

#include "music/event.h"
#include "station/chunk.h"

#include <stdint.h>

/// Entries of one chunk; more are not shown.
enum { SCORE_LOG_ENTRIES = 256 };

struct score_log;

/// NULL when memory is out.
struct score_log *score_log_new(void);

/// NULL is fine.
void score_log_free(struct score_log *log);

/// \name What happens, in the station's frames
/// @{
void score_log_note(struct score_log *log, const struct event *event, uint64_t frame, uint64_t end);
void score_log_cut(struct score_log *log, int channel, uint64_t frame);
void score_log_chord(struct score_log *log, const struct event *event, uint64_t frame);
/// @}

/// Forgets what was noted of a chunk that is lost.
void score_log_clear(struct score_log *log);

/// Puts the score messages of what was noted since the last call into \p chunk, which get NULL when nothing was or
/// memory is out: a display can do without, the music goes on.
void score_log_take(struct score_log *log, uint32_t rate, struct chunk *chunk);
