// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What a conductor is made of. Only the files of the conductor see it.
#pragma once

#include "play/conductor.h"
#include "play/fader.h"
#include "play/timed.h"
#include "play/waker.h"

#include <sched.h>

enum { CONDUCTOR_NOBODY = -1 };

struct conductor {
    struct inbox inbox;
    struct timed timed;
    struct shared_format format;
    struct shared_score *score;
    const struct shared_area *area[SHARED_SLOTS];
    struct recorder *recorder;
    struct waker *waker; ///< or NULL: the callback wakes the slots itself

    uint64_t block; ///< that is played, or is next
    uint32_t at;    ///< frames of it that the device has
    uint32_t lead;  ///< blocks that may be rendered beyond those that were played
    uint32_t extra; ///< of these, those that no callback needs: they bridge
    uint64_t go, logged;
    uint64_t heard;                ///< commands of the log whose block has begun
    bool begun;                    ///< a slot has delivered a block
    bool starving;                 ///< none did for this block
    int64_t due_ns;                ///< when the next callback is due; 0: there was none
    int64_t patience_ns;           ///< until then a block that is late is waited for
    cpu_set_t cores[SHARED_SLOTS]; ///< that a slot runs on; none where that is not known
    size_t block_bytes;
    struct fader fader;
    float *played, *gathered; ///< the block's output and input
    float *fetched[SHARED_SLOTS];

    _Atomic uint32_t verdict[SHARED_SLOTS];
    _Atomic bool leaving, left;
    _Atomic uint32_t peak[FADER_CHANNELS_MAX]; ///< the bits of a float
    _Atomic uint32_t clock_turn;               ///< odd while the two are written
    _Atomic uint64_t clock_frame;
    _Atomic int64_t clock_ns; ///< when the device took that frame; 0: never
    struct conductor_counts counts;
};

/// Counts are written by one thread.
static inline void conductor_count(_Atomic uint64_t *counter, uint64_t more) REALTIME
{
    atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + more, memory_order_relaxed);
}

/// The slot whose block is played, which then lies in \c fetched, or CONDUCTOR_NOBODY.
int conductor_choose(struct conductor *conductor) REALTIME;
/// Puts on the log what is due, and lets the slots render on: the block that was played has ended.
void conductor_end_block(struct conductor *conductor) REALTIME;
