// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// How long changes take to be heard: from their arrival to the moment when their sound is due. The station's thread
/// owns it. Internal to station.
#pragma once

#include "core/histogram.h"
#include "station/station.h"

#include <stdbool.h>
#include <stdint.h>

/// A change that has been made and is not counted yet.
struct reaction {
    int64_t arrived_ns;
    bool sounds; ///< known where: a new key waits for its chord
    uint64_t frame;
};

/// Zeroed memory is none.
struct reactions {
    struct reaction waiting[STATION_COMMANDS];
    unsigned count;
};

/// A change that arrived at \p arrived_ns was made at \p frame; \p with_chord: it is heard with the next chord. With
/// STATION_COMMANDS waiting, the change goes uncounted.
void reactions_add(struct reactions *reactions, int64_t arrived_ns, uint64_t frame, bool with_chord);

/// A chord begins at \p frame.
void reactions_chord(struct reactions *reactions, uint64_t frame);

/// Records every change whose place is known; \p chunk is the one in the works and tells when a frame is due.
void reactions_record(struct reactions *reactions, const struct chunk *chunk, struct histogram *histogram);
