// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What listeners of one kind have met with, counted by the threads that run them. Any thread, but for tally_json(),
/// which says what was counted when they have ended.
#pragma once

#include "core/histogram.h"

#include <jansson.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum tally_count {
    TALLY_WANTED,          ///< listeners there should be
    TALLY_JOINED,          ///< handshakes that succeeded
    TALLY_HEARD,           ///< of these, who got a chunk
    TALLY_LEFT,            ///< who left of their own accord, another taking their place
    TALLY_REFUSED_CONNECT, ///< no connection
    TALLY_REFUSED_ANSWER,  ///< an answer that opens no stream
    TALLY_REFUSED_CLOSED,  ///< closed before the first chunk
    TALLY_REFUSED_LATE,    ///< no chunk within TALLY_PATIENCE_S
    TALLY_CLOSED,          ///< closed by the other side after the first chunk
    TALLY_BYTES,
    TALLY_CHECKED,        ///< joined, and looked at in every byte
    TALLY_CHUNKS,         ///< that these got; with Ogg, pages
    TALLY_HOLES,          ///< places where the sequence goes on elsewhere
    TALLY_CHUNKS_MISSING, ///< what these places left out
    TALLY_FRAME_JUMPS,    ///< a sequence without a hole whose frames have one: the station dropped music
    TALLY_BAD_FRAMES,     ///< frames, headers and pages that cannot be
    TALLY_SKIPS,          ///< state messages that told of skipped chunks
    TALLY_CHUNKS_SKIPPED, ///< and how many they told of
    TALLY_ERRORS,         ///< messages of the type error
    TALLY_COUNTS
};

enum { TALLY_PATIENCE_S = 30, TALLY_CLOSE_CODES = 16, TALLY_CLOSE_UNKNOWN = TALLY_CLOSE_CODES };

/// What a listener's lateness is counted under.
enum tally_phase {
    TALLY_ALWAYS, ///< and of those who were there before a storm: before they had settled
    TALLY_BEFORE,
    TALLY_DURING,
    TALLY_AFTER,
    TALLY_PHASES
};

struct tally_lateness {
    struct histogram us;
    _Atomic uint64_t within_10_ms;
    _Atomic uint64_t within_50_ms;
};

/// Zeroed is empty. The histograms are of microseconds.
struct tally {
    _Atomic uint64_t counts[TALLY_COUNTS];
    _Atomic uint64_t closes[TALLY_CLOSE_CODES + 1]; ///< 1000 to 1015, and others or unread
    _Atomic int64_t listening;                      ///< joined and not gone
    _Atomic int error;                              ///< the errno of the last connection refused
    _Atomic int answer;                             ///< the HTTP status of the last answer that opened no stream
    struct tally_lateness lateness[TALLY_PHASES];
    struct histogram connect;     ///< from the first step to the handshake's answer
    struct histogram first_chunk; ///< from the same to the first chunk, complete
    struct histogram silence;     ///< from being closed to the first chunk of the next try
};

void tally_add(struct tally *tally, enum tally_count count, uint64_t more);
uint64_t tally_get(const struct tally *tally, enum tally_count count);

/// A WebSocket's close code; 0 where none was read.
void tally_close(struct tally *tally, unsigned code);

/// \p us may be negative where a clock was set; that counts as 0.
void tally_late(struct tally *tally, enum tally_phase phase, int64_t us);

/// All of it. The lateness is {"lateness_ms", "within_10_ms", "within_50_ms"}, the latter as shares of all, and for one
/// who was \p stormed each phase's; times are {"p50", "p99", "p99_9", "max", "count"} in milliseconds. Null stands for
/// what was never counted.
json_t *tally_json(const struct tally *tally, bool stormed);
