// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The engine's part in the device's callback: takes each block from one slot or the other, and tells them of the next.
///
/// The engine's blocks have one size. In a callback of one block, block n is played, which was rendered since the last
/// callback; commands are put on the log, from block n + 2 - what is sent now is heard with the callback after the
/// next at the latest -; and block n + 1 may be rendered. So `lead` is one block, unless more is asked for. A device
/// that asks for other numbers of frames makes it longer, for good: blocks are then rendered further ahead.
#pragma once

#include "core/histogram.h"
#include "play/inbox.h"
#include "play/recorder.h"
#include "play/shared.h"

#include <sched.h>

struct conductor;
struct waker;

/// Why a slot's blocks are no longer taken.
enum conductor_verdict {
    CONDUCTOR_FAIR,
    CONDUCTOR_LIED,     ///< a block that it said it had was not there, or not whole
    CONDUCTOR_DIVERGED, ///< it rendered something else than the one that is heard
};

enum { CONDUCTOR_OCCUPANCY = 8 };

/// Counts since the start. Any thread may read.
struct conductor_counts {
    _Atomic uint64_t frame; ///< the next that the device is given
    _Atomic uint64_t callbacks, blocks, late, awaited, starved, switches, divergences, behind;
    _Atomic uint64_t occupancy[CONDUCTOR_OCCUPANCY]; ///< the last one: as many, or more
    _Atomic uint64_t ahead;   ///< the sum over all callbacks of the blocks that the active slot was ahead
    _Atomic uint64_t swapped; ///< serial of the last swap on the log
    _Atomic uint32_t active;
    struct histogram callback_ns, latency_us;
};

/// \p score and \p areas (one each slot) outlive it; \p recorder may be NULL. NULL when memory is out.
struct conductor *conductor_new(struct shared_score *score, const struct shared_area *const areas[SHARED_SLOTS],
                                struct recorder *recorder);
/// The device calls no more. NULL is fine.
void conductor_free(struct conductor *conductor);

/// The processors that a slot runs on, none where that is not known. Before the device starts.
void conductor_place(struct conductor *conductor, uint32_t slot, const cpu_set_t *cores);

/// How many blocks the slots may be let to render ahead.
uint32_t conductor_lead_max(const struct conductor *conductor);
/// Lets them render \p blocks ahead of what a callback of one block plays, 1 (as at first) to conductor_lead_max();
/// less or more is taken as these. Each one more bridges a block's time in which both slots stand still and the device
/// goes on asking, and what is sent is heard a block later. Before the device starts.
void conductor_set_lead(struct conductor *conductor, uint32_t blocks);

/// Who wakes the slots after a callback; it outlives the conductor. NULL, and before it is said: the callback itself.
/// Before the device starts.
void conductor_wake_by(struct conductor *conductor, struct waker *waker);

/// The device's callback; the closure is the conductor. Where a block is late in both slots it may take half a period,
/// 5 ms at most, before it plays a gap.
void conductor_process(void *closure, const float *const *in, float *const *out, uint32_t frames) REALTIME;

// What follows is for any thread but audio.

/// Where commands are sent to: at most TIMED_SIZE may wait.
struct inbox *conductor_inbox(struct conductor *conductor);
/// What the slots may render after the next callback: the first frame that a command sent now can reach.
uint64_t conductor_now(const struct conductor *conductor);
/// The frame that is handed to the device at \p ns of clock_now_ns(), reckoned from the last callback.
uint64_t conductor_frame_at(const struct conductor *conductor, int64_t ns);
const struct conductor_counts *conductor_counts(const struct conductor *conductor);
/// Highest peak of each output channel since the last call.
void conductor_peaks(struct conductor *conductor, float *peaks);

/// What it thinks of a slot's process. One that was found unfair is not heard until conductor_absolve(), when another
/// process has its place.
enum conductor_verdict conductor_verdict(const struct conductor *conductor, uint32_t slot);
void conductor_absolve(struct conductor *conductor, uint32_t slot);

/// Fades out for good; conductor_has_left() says when there is silence.
void conductor_leave(struct conductor *conductor);
bool conductor_has_left(const struct conductor *conductor);
