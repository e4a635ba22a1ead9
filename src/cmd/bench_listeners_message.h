// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What a station tells a listener, read from the beginning of a message (docs/architecture.md). Any thread.
#pragma once

#include "cmd/bench_listeners_frames.h"
#include "station/chunk.h"

#include <stdint.h>

enum heard_kind {
    HEARD_OTHER, ///< hello, score and whatever else there may be
    HEARD_CHUNK,
    HEARD_STATE,
    HEARD_ERROR,
    HEARD_BAD ///< a chunk whose header cannot be
};

struct heard {
    enum heard_kind kind;
    // Of a chunk:
    uint32_t sequence;
    uint32_t rate;
    uint32_t duration_ms;
    uint64_t frame;
    int64_t due_us; ///< since 1970
    // Of a state:
    uint64_t skipped; ///< chunks
};

/// Reads a text or binary \p message that a listener in \p format (not FORMAT_OGG) got.
struct heard heard_message(const struct frame_message *message, enum format format);
