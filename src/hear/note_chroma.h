// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What the ears for harmony would see if the notes of a MIDI instrument were heard and not told: how strong they would
/// make each semitone of chroma.h's views, overtones and all.
#pragma once

#include "core/realtime.h"
#include "hear/chroma.h"
#include "hear/midi_ear.h"

/// The owner's to hold, its own to touch.
struct note_chroma {
    float strongest, keep;
};

/// Nothing was heard; frames \p seconds apart follow.
void note_chroma_init(struct note_chroma *chroma, double seconds);

/// What sounds at \p time, in seconds of \p ear's clock. Writes all of \p frame but its number.
void note_chroma_look(struct note_chroma *chroma, const struct midi_ear *ear, double time,
                      struct chroma_frame *frame) REALTIME;
