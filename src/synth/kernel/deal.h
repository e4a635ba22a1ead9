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

/// \name The lanes of two vectors in a row, \p a before \p b
/// @{

/// Those of even numbers.
static inline lanes lanes_even(lanes a, lanes b)
{
#if LANES_BYTES == 64
    return __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
#elif LANES_BYTES == 32
    return __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14);
#else
    return __builtin_shufflevector(a, b, 0, 2, 4, 6);
#endif
}

/// Those of odd numbers.
static inline lanes lanes_odd(lanes a, lanes b)
{
#if LANES_BYTES == 64
    return __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
#elif LANES_BYTES == 32
    return __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15);
#else
    return __builtin_shufflevector(a, b, 1, 3, 5, 7);
#endif
}

/// The lower halves, by turns.
static inline lanes lanes_zip_low(lanes a, lanes b)
{
#if LANES_BYTES == 64
    return __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
#elif LANES_BYTES == 32
    return __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
#else
    return __builtin_shufflevector(a, b, 0, 4, 1, 5);
#endif
}

/// The upper halves, by turns.
static inline lanes lanes_zip_high(lanes a, lanes b)
{
#if LANES_BYTES == 64
    return __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
#elif LANES_BYTES == 32
    return __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
#else
    return __builtin_shufflevector(a, b, 2, 6, 3, 7);
#endif
}
/// @}

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
