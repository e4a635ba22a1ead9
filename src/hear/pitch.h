// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The pitch of one voice: which note sounds, how surely, and whether any does.
///
/// For voice, bass, winds, guitar: one note at a time, from PITCH_LOWEST_HZ to PITCH_HIGHEST_HZ. An estimate comes
/// every 5 ms and speaks of the moment in the middle of what it looked at: 5 ms ago for a high note, 13 ms at 200 Hz,
/// 25 ms for the lowest. See periodicity.h and pitch_path.h for the two parts and their sources.
#pragma once

#include "core/realtime.h"
#include "core/status.h"

#include <stddef.h>

enum {
    PITCH_LOWEST_HZ = 40,
    PITCH_HIGHEST_HZ = 2200,
    PITCH_ESTIMATES = 8, ///< most that one pitch_push() makes
};

struct pitch;

struct pitch_estimate {
    double time;       ///< frames of the stream; never before that of the estimate before
    double frequency;  ///< Hz; 0 when no note sounds
    double confidence; ///< 0 to 1; of a note: how periodic the sound is at it; else: how little at anything
};

/// \p rate of the stream in Hz, 8000 to 80000. NULL for another, or without memory. Not for audio callbacks.
struct pitch *pitch_new(double rate);

void pitch_free(struct pitch *pitch);

/// Takes \p count frames, at most INTAKE_BLOCK and without NaN, and writes the estimates that have become due to \p
/// out, which has room for PITCH_ESTIMATES; returns how many.
size_t pitch_push(struct pitch *pitch, const float *frames, size_t count, struct pitch_estimate *out) REALTIME;
