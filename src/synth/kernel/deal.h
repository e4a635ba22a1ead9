// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// A block of sound, dealt to the lanes: each lane gets PARTS frames in a row, one in each vector. Part of
/// synth/kernel.
///
/// In a block as it lies in memory neighbours in time are neighbours among the lanes, and what goes from frame to frame
/// must shift lanes. Dealt, frame n of the block is in lane n / PARTS of vector n % PARTS: a recursion then goes from
/// vector to vector, and has to cross lanes once a block.
#pragma once

#include "synth/kernel/block.h"

#include <stdalign.h>

/// Each pass takes the even frames before the odd ones, which moves the lowest bit of a frame's number to the top.
static inline __attribute__((always_inline)) void block_deal(lanes block[PARTS])
{
    for (int pass = 1; pass < PARTS; pass *= 2) {
        lanes dealt[PARTS];
        for (int i = 0; i < PARTS / 2; i++) {
            dealt[i] = lanes_even(block[2 * i], block[2 * i + 1]);
            dealt[PARTS / 2 + i] = lanes_odd(block[2 * i], block[2 * i + 1]);
        }
        for (int i = 0; i < PARTS; i++) {
            block[i] = dealt[i];
        }
    }
}

/// Undoes block_deal().
static inline __attribute__((always_inline)) void block_gather(lanes block[PARTS])
{
    for (int pass = 1; pass < PARTS; pass *= 2) {
        lanes gathered[PARTS];
        for (int i = 0; i < PARTS / 2; i++) {
            gathered[2 * i] = lanes_zip_low(block[i], block[PARTS / 2 + i]);
            gathered[2 * i + 1] = lanes_zip_high(block[i], block[PARTS / 2 + i]);
        }
        for (int i = 0; i < PARTS; i++) {
            block[i] = gathered[i];
        }
    }
}

/// A block of one voice in memory, dealt or not.
struct voice_block {
    alignas(64) float frames[KERNEL_BLOCK];
};

static inline void block_load(lanes block[PARTS], const struct voice_block *from)
{
    for (int i = 0; i < PARTS; i++) {
        block[i] = lanes_load(from->frames + (ptrdiff_t)i * LANES);
    }
}

static inline void block_store(struct voice_block *to, const lanes block[PARTS])
{
    for (int i = 0; i < PARTS; i++) {
        lanes_store(to->frames + (ptrdiff_t)i * LANES, block[i]);
    }
}
