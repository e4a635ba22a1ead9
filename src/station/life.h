// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The life of a station as text: how it began, what was changed when, and where it stands. From it the music can be
/// composed anew, to the note. Pure but for memory; one owner.
///
/// A line is a JSON object. The first is the beginning, and behind it stand, in the order of time, changes and
/// positions, of which the last position counts. A change has a "preset" too where that was changed:
///
///     {"tutti_station":1,"station":"main","seed":"7","rate":48000,"renderer":"tutti sampler","preset":"focus",
///      "key":"D","mode":"dorian","bpm":60,"intensity":0.4}
///     {"position":480000,"sequence":100,"wall_us":1795238580123456}
///     {"change":96000,"key":"Ab","mode":"lydian","bpm":72.5,"intensity":0.6}
#pragma once

#include "compose/controls.h"
#include "compose/preset.h"
#include "core/status.h"
#include "station/station.h"

#include <stddef.h>
#include <stdint.h>

enum {
    LIFE_VERSION = 1,
    LIFE_CHANGES = 10000,      ///< that are kept of one life
    LIFE_RENDERER_MAX = 32,    ///< bytes of a renderer's name, with its NUL; more is cut off
    LIFE_LINE_MAX = 1024,      ///< bytes of a line, with its end
    LIFE_BYTES_MAX = 8 << 20,  ///< of a whole life
    LIFE_BLOCKS_A_SECOND = 50, ///< a change falls on one of them
    LIFE_AHEAD_S = 2           ///< how far behind the last change the position may be
};

struct life_birth {
    char station[STATION_NAME_MAX];
    char renderer[LIFE_RENDERER_MAX];
    uint64_t seed;
    uint32_t rate;
    const struct preset *preset;
    struct controls controls;
};

/// What piece_change() was given on \c frame.
struct life_change {
    uint64_t frame;
    const struct preset *preset; ///< NULL where it stayed
    struct controls controls;
};

/// The next chunk: its first frame, its number, and when it was due, microseconds since 1970.
struct life_position {
    uint64_t frame;
    uint32_t sequence;
    int64_t wall_us;
};

/// Zeroed memory is an empty life. Read it; change it only through the functions.
struct life {
    struct life_birth birth;
    struct life_position position;
    struct life_change *changes;
    size_t count;
    size_t capacity;
};

/// Reads a life from \p size foreign bytes; give it back with life_done(). What stands behind the last end of a line
/// was cut off in writing and does not count. Presets are found in \p presets, which must outlive the life.
///
/// STATUS_UNSUPPORTED for another version; STATUS_CORRUPT for anything else that is not as above, with the line, and
/// for what cannot be true: values out of range, frames that go back or stand between two blocks, a position that
/// comes before its sequence or more than LIFE_AHEAD_S before the last change, too many changes. STATUS_NO_MEMORY.
MUST_USE enum status life_parse(const char *bytes, size_t size, const struct presets *presets, struct life *life,
                                struct complaint *complaint);

/// Adds \p change, whose frame is not before the last one's. With LIFE_CHANGES it takes the place of the last one
/// instead, and STATUS_FULL says so: what is played from this life then comes to the right preset and controls, but not
/// to the same notes. STATUS_NO_MEMORY, with nothing added.
MUST_USE enum status life_add(struct life *life, const struct life_change *change);

/// The controls that hold, and the preset, behind all changes.
struct life_change life_latest(const struct life *life);

/// \name Writing a line
/// Each writes one line with its end, filled with blanks to \p width bytes, and a NUL behind it. False where it does
/// not fit into \p width; \p out has room for one more.
/// @{
MUST_USE bool life_print_birth(const struct life_birth *birth, size_t width, char *out);
MUST_USE bool life_print_change(const struct life_change *change, size_t width, char *out);
MUST_USE bool life_print_position(const struct life_position *position, size_t width, char *out);
/// @}

/// Gives the memory back; the life is empty again.
void life_done(struct life *life);
