// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Frames on their way from the audio thread to the one that writes them: a ring that knows where it had no room.
#pragma once

#include "core/realtime.h"
#include "core/status.h"

#include <stdint.h>

struct reel;

/// Room for at least \p frames frames of \p channels channels, all of it touched, so that nobody meets a page fault
/// later. NULL when memory is out.
struct reel *reel_new(uint32_t channels, uint32_t frames);
/// NULL is fine.
void reel_free(struct reel *reel);
/// Empties it, while nobody reads or writes.
void reel_clear(struct reel *reel);

/// Takes \p frames frames, one pointer a channel; where there is no room for all, none, and they are a gap. The audio
/// thread.
void reel_write(struct reel *reel, const float *const *channels, uint32_t frames) REALTIME;

/// What comes next: first so many frames that were lost, then frames, interleaved, in the reel's own memory.
struct reel_piece {
    uint64_t lost;
    const float *frames;
    uint32_t count;
};

/// The next piece, with up to \p most frames; both counts are 0 where nothing waits. What was lost is told once, the
/// frames stay until they are released. The reading thread.
struct reel_piece reel_read(struct reel *reel, uint32_t most);
/// Gives up the first \p count of the frames that were read. The reading thread.
void reel_release(struct reel *reel, uint32_t count);
/// What was lost after the last frame. When the audio thread writes no more.
uint64_t reel_lost_at_end(const struct reel *reel);
