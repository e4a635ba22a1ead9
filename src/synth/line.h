// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// A delay line: the one kind of state that is large, written only at its head, and so copied in pieces while it runs.
///
/// The cursor lies in the module's hot state and the frames in the rack's cold memory, without pointers between them:
/// \c at of a line is an offset in frames from the module's own cold memory. A snapshot copies the frames piece by
/// piece over many blocks and then, at one block's edge, those that were written meanwhile, which it knows from \c
/// written.
#pragma once

#include "core/realtime.h"

#include <stdint.h>

/// Zeroed memory with \c at and \c size set is an empty line whose frames are expected to be zeroed too.
struct line {
    uint64_t written; ///< frames since the start; the head is at written % size
    uint32_t at;      ///< its first frame, from the start of the module's cold memory
    uint32_t size;    ///< frames, a power of two
};

/// Writes \p x at the head of \p line in \p cold, the module's cold memory.
static inline void line_write(struct line *line, float *cold, float x) REALTIME
{
    cold[line->at + (uint32_t)(line->written & (line->size - 1))] = x;
    line->written++;
}

/// The frame that was written \p ago frames before the one that is written next: 1 is the newest, size the oldest.
static inline float line_read(const struct line *line, const float *cold, uint32_t ago) REALTIME
{
    return cold[line->at + (uint32_t)((line->written - ago) & (line->size - 1))];
}
