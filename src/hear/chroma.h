// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What sounds, semitone by semitone, sixty times a second: the front end of the ears for harmony.
///
/// Three transforms with lopsided windows look at one stream: a third of a second for the bass, half of that for the
/// middle, half again above, so that each octave is heard as early as its resolution allows (the idea of a constant-Q
/// transform: Brown, "Calculation of a constant Q spectral transform", JASA 89, 1991). Their peaks count, not their
/// bins, so that a note's side lobes do not sound next to it (Gómez, "Tonal description of music audio signals", 2006,
/// 3.3, the harmonic pitch class profile), and the semitones follow the performer's tuning.
#pragma once

#include "core/realtime.h"
#include "hear/tuning.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    CHROMA_VIEWS = 3,      ///< the bass, the middle, the top
    CHROMA_SEMITONES = 47, ///< of each view: three octaves above each of twelve roots
};

/// The lowest semitone of each view, as a MIDI note; all three are an E.
extern const uint8_t chroma_lowest[CHROMA_VIEWS];

/// Each view's window in seconds, and its falling part as a fraction of it.
struct chroma_window {
    double seconds, fall;
};
extern const struct chroma_window chroma_windows[CHROMA_VIEWS];

/// How long the strongest semitone is remembered.
extern const double chroma_memory_seconds;

/// A strength relative to the strongest, 0 to 1, on the scale of a frame.
float chroma_scaled(float ratio) REALTIME;

/// One step.
struct chroma_frame {
    double frame; ///< the stream's frame at which it was made
    /// How strong each semitone is, on a logarithmic scale: 1 is the strongest of the last seconds, 0 is silence.
    float views[CHROMA_VIEWS][CHROMA_SEMITONES];
    float level; ///< of the strongest semitone, on the same scale
};

struct chroma;

/// \p rate of the stream in Hz, 8000 to 21000. NULL when there is no memory or \p rate is another. Not for audio
/// callbacks.
struct chroma *chroma_new(double rate);

void chroma_free(struct chroma *chroma);

/// Frames of the stream between two steps.
uint32_t chroma_step(const struct chroma *chroma) REALTIME;

/// Takes frames until a step is made or all \p count are taken; returns how many, and whether there is a new one in
/// \p made. The transforms of a step fall into different slots (chroma_slot()) before it.
size_t chroma_push(struct chroma *chroma, const float *frames, size_t count, bool *made) REALTIME;

/// Frames between two pieces of work of a step, about a third of a millisecond.
uint32_t chroma_slot(const struct chroma *chroma) REALTIME;

/// The latest step; all 0 before the first.
const struct chroma_frame *chroma_latest(const struct chroma *chroma) REALTIME;

/// The performer's tuning.
const struct tuning *chroma_tuning(const struct chroma *chroma) REALTIME;

/// The strength from 0 to 1 of each pitch class in \p treble and \p bass: of the views of the middle and the top, and
/// of the one of the bass.
void chroma_fold(const struct chroma_frame *frame, float treble[12], float bass[12]) REALTIME;
