// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// A listener at work for a command: what it says is counted, and what it takes is measured.
#pragma once

#include "core/histogram.h"
#include "hear/hear.h"

enum { HEARING_TEMPOS = 2500, HEARING_TEMPOS_A_BPM = 10 };

/// What a run came to.
struct hearing {
    struct hear *hear; ///< NULL where notes are listened to, not sound
    const struct context_board *board;
    struct hear_options options;
    uint32_t hop; ///< frames that are listened to at a time
    _Atomic uint64_t frames;
    _Atomic uint64_t said[HEAR_KINDS];
    _Atomic uint64_t lost;           ///< events for which there was no room
    uint32_t tempos[HEARING_TEMPOS]; ///< how many beats had that tempo, in tenths of a BPM
    uint64_t bad;                    ///< samples or messages that were none, at the end
    struct histogram hop_ns;
};

/// Zeroed memory becomes a listener. As hear_new().
MUST_USE enum status hearing_init(struct hearing *hearing, const struct hear_options *options, uint32_t hop,
                                  struct complaint *complaint);
void hearing_done(struct hearing *hearing);

/// Counts \p count frames that were heard, and what was said of them.
void hearing_count(struct hearing *hearing, size_t count, const struct hear_event *events, size_t said) REALTIME;

/// The median tempo of the beats so far, in BPM; NAN where there was none. Not while it listens.
double hearing_tempo(const struct hearing *hearing);

/// hear_push(), measured and counted.
size_t hearing_push(struct hearing *hearing, const float *interleaved, size_t count,
                    struct hear_event *events) REALTIME;
