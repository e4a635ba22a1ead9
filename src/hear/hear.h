// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// A listener: all ears at one performer's sound, in real time.
///
/// It takes what a device brings, block by block, says what is new, and keeps the context up to date. Nothing that it
/// says is taken back or said of an earlier moment than it means: a beat is predicted, an onset is told as soon as it
/// is sure. The same sound gives the same events, however it is cut into blocks: it is listened to in hops of HEAR_HOP
/// frames, and what does not fill one waits for the next push.
#pragma once

#include "core/realtime.h"
#include "core/status.h"
#include "hear/context.h"
#include "hear/event.h"

#include <stddef.h>
#include <stdint.h>

enum {
    HEAR_CHANNELS_MAX = 8,
    HEAR_HOP = 32,         ///< frames
    HEAR_FRAMES_MAX = 256, ///< that hear_push() takes at once
    HEAR_EVENTS_MAX = 64,  ///< that it says at once
};

struct hear_options {
    uint32_t rate;     ///< frames a second, 8000 to 192000
    uint32_t channels; ///< 1 to HEAR_CHANNELS_MAX; what makes music of them is their mean
    bool pitch;        ///< follow the pitch of a single voice, too
    bool surround;     ///< channels are those of a file, not inputs: loudness_options says how they weigh
};

struct hear;

/// STATUS_RANGE for a rate or number of channels that cannot be, STATUS_NO_MEMORY; STATUS_CORRUPT where an ear cannot
/// be made of what it has learned: the complaint says why. Not for audio callbacks.
MUST_USE enum status hear_new(const struct hear_options *options, struct hear **out, struct complaint *complaint);

void hear_free(struct hear *hear);

/// Listens to \p count frames, at most HEAR_FRAMES_MAX, of interleaved channels, and writes what there is to say to
/// \p events, which has room for HEAR_EVENTS_MAX; returns how many. What is no number is taken as silence. One thread
/// at a time: the audio callback.
size_t hear_push(struct hear *hear, const float *interleaved, size_t count, struct hear_event *events) REALTIME;

/// Where the context is put after each hear_push(). Any thread may take it from there.
const struct context_board *hear_board(const struct hear *hear) REALTIME;

/// Samples of any channel so far that were no number, or beyond 64 (36 dB over full scale) and taken as that. The
/// thread of hear_push(), or any other after it.
uint64_t hear_bad_frames(const struct hear *hear) REALTIME;
