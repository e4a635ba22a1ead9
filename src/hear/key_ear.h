// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Hears the key: which of 24 the chords, basses and hints of the last half minute speak for.
///
/// The evidence of harmony_net.h is averaged with a memory that fades, so that modulations are followed, and compared
/// with what such averages look like in each key: twelve times the same comparison, counted from each tonic (after
/// Krumhansl's profiles, "Cognitive Foundations of Musical Pitch", 1990, 4, but of chords, and learned by
/// tools/learn_hearing). All functions but new and free are for one thread at a time.
#pragma once

#include "core/realtime.h"
#include "core/status.h"
#include "hear/harmony_net.h"

#include <stdbool.h>
#include <stdint.h>

/// What is heard since when.
struct key_event {
    double frame; ///< of the evidence's stream, at which it was said
    uint8_t tonic;
    bool minor;
    double confidence; ///< how likely it is, 0 to 1
};

struct key_ear;

/// STATUS_NO_MEMORY, or STATUS_CORRUPT where key.txt is not what was learned. Not for audio callbacks.
MUST_USE enum status key_ear_new(struct key_ear **ear, struct complaint *complaint);

void key_ear_free(struct key_ear *ear);

/// Looks at the evidence, which is passed over when it is the same as at the last call: so call it after each
/// chord_ear_push() with chord_ear_evidence(). True when another key is heard, written to \p event.
bool key_ear_push(struct key_ear *ear, const struct harmony_evidence *evidence, struct key_event *event) REALTIME;

/// What is heard at present, and whether there has been anything yet.
const struct key_event *key_ear_now(const struct key_ear *ear) REALTIME;
bool key_ear_knows(const struct key_ear *ear) REALTIME;
