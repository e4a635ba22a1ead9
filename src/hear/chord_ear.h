// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Hears which chord is played, at the moment: the evidence of harmony_net.h, and when to believe in a change.
///
/// A change is said when another chord is clearly likelier than the present one; where a beat is expected, since that
/// is where chords change, as soon as it is likelier at all, but for the moment after a change. A bass that is no note
/// of the chord is told only where it is much likelier. Nothing is said in hindsight. All functions but new and free
/// are for one thread at a time.
#pragma once

#include "core/realtime.h"
#include "core/status.h"
#include "hear/chroma.h"
#include "hear/harmony_net.h"
#include "music/chord.h"

#include <stdbool.h>
#include <stddef.h>

/// Where the next beat is expected.
struct beat_hint {
    double frame;      ///< of the ear's stream; negative: not known
    double confidence; ///< 0 to 1
};

/// What is heard since when.
struct chord_event {
    double frame;       ///< of the ear's stream, at which it was said
    bool none;          ///< no chord sounds; \c chord says nothing
    struct chord chord; ///< major, minor, 7, maj7, min7, dim, hdim7, aug, sus4 or sus2, and its bass
    double confidence;  ///< how likely the root and its third are, 0 to 1
};

struct chord_ear;

/// \p rate of the stream in Hz, 8000 to 21000: else STATUS_RANGE. STATUS_NO_MEMORY, or STATUS_CORRUPT where harmony.txt
/// is not what was learned. Not for audio callbacks.
MUST_USE enum status chord_ear_new(double rate, struct chord_ear **ear, struct complaint *complaint);

void chord_ear_free(struct chord_ear *ear);

/// Takes \p count frames. True when another chord is heard, written to \p event (the last one, where \p count is more
/// than a step and there are two). \p hint may be NULL; when it moves on to a later beat, the one
/// before is kept in mind for the moment in which its chord may show.
bool chord_ear_push(struct chord_ear *ear, const float *frames, size_t count, const struct beat_hint *hint,
                    struct chord_event *event) REALTIME;

/// The same for notes that are known and need not be heard: \p frame is what would be seen of them, whatever its
/// number. Called once for each chord_ear_step() frames, and then chord_ear_push() is not called.
bool chord_ear_push_frame(struct chord_ear *ear, const struct chroma_frame *frame, const struct beat_hint *hint,
                          struct chord_event *event) REALTIME;

/// Frames of the stream between two steps, a sixtieth of a second.
uint32_t chord_ear_step(const struct chord_ear *ear) REALTIME;

/// What is heard at present; its confidence is that of the latest step. No chord before the first event.
const struct chord_event *chord_ear_now(const struct chord_ear *ear) REALTIME;

/// How likely everything is, anew every second step.
const struct harmony_evidence *chord_ear_evidence(const struct chord_ear *ear) REALTIME;

/// What sounds, and the performer's tuning.
const struct chroma_frame *chord_ear_chroma(const struct chord_ear *ear) REALTIME;
const struct tuning *chord_ear_tuning(const struct chord_ear *ear) REALTIME;
