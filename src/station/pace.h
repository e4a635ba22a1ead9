// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// When a station's chunks are due: evenly, at a phase of the station's own, and never going back. Internal to station;
/// one thread owns it.
#pragma once

#include <stdbool.h>
#include <stdint.h>

/// Read \c period_ns and \c due_ns; change them only through the functions.
struct pace {
    int64_t period_ns; ///< of a chunk
    int64_t phase_ns;
    int64_t due_ns;         ///< of the chunk in the works
    int64_t begun_ns;       ///< since when it is paced
    int64_t wall_offset_us; ///< from clock_now_ns() to the wall's clock
};

/// A pace at \p speed (1 is real time). Chunks are due when the clock, in milliseconds times \p speed, is \p phase_ms
/// past a multiple of a chunk's length.
void pace_init(struct pace *pace, double speed, uint32_t phase_ms);

/// Begins, or begins again, at \p now_ns: \p behind chunks are due already, the last of them less than a chunk's length
/// ago, unless chunks that were paced before were due as late as that. With none behind there is a chunk's length for
/// the first.
void pace_begin(struct pace *pace, int64_t now_ns, unsigned behind);

/// The next chunk. After a pause of the machine of more than two seconds the clock is taken anew, and for how many
/// nanoseconds it has been late is returned; else 0.
int64_t pace_advance(struct pace *pace, int64_t now_ns);

/// Whether the chunk in the works was due before it could be made: in what pace_begin() has behind it.
bool pace_is_behind(const struct pace *pace);

/// When the chunk in the works is due, microseconds since 1970.
int64_t pace_due_us(const struct pace *pace);
