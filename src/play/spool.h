// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Bytes on their way into a file whose disk may be full: what does not fit is held until it does, or given up.
///
/// One thread at a time. Its memory does not grow.
#pragma once

#include "core/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct spool {
    int fd;
    int error;             ///< errno of what failed last; 0 when the last went well
    uint64_t at;           ///< bytes in the file
    uint64_t frames;       ///< that were put
    uint64_t whole_at;     ///< bytes of the file up to the end of what was put as a whole
    uint64_t whole_frames; ///< the frames in these
    uint8_t *held;         ///< what was put and is not in the file
    size_t held_at, held_end, room;
};

/// Writes into an empty file, whose \p descriptor belongs to the spool from now on; up to \p room bytes are held.
/// STATUS_NO_MEMORY, and it is still the caller's.
MUST_USE enum status spool_open(struct spool *spool, int descriptor, size_t room, struct complaint *complaint);
/// Ends what spool_open() began, and closes the file. False where the system could not write what it had taken; \c
/// error says why.
bool spool_close(struct spool *spool);

/// Puts \p size bytes, which end \p frames frames, at the end of the file, or holds them. False, and nothing is taken,
/// where they find no room: not while spool_flush() is true before and no more than the room is put.
MUST_USE bool spool_put(struct spool *spool, const void *bytes, size_t size, uint32_t frames);
/// Writes what is held. True when nothing is any more.
bool spool_flush(struct spool *spool);
/// Gives up what is held, and what of the file is a part of it.
void spool_cut(struct spool *spool);
/// Writes over \p size bytes at \p at. False where the system refuses.
MUST_USE bool spool_patch(struct spool *spool, uint64_t at, const void *bytes, size_t size);
