// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// A delay line within a flat block: a ring of frames that is written and read a KERNEL_BLOCK at a time.
///
/// A ring is a whole number of blocks, so that a write never wraps. Its first DELAY_GUARD frames are repeated behind
/// its end, so that a read never wraps either, wherever it begins. Plain C: those who lay out a block include it too.
#pragma once

#include "synth/kernel/kernel.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

enum { DELAY_GUARD = 2 * KERNEL_BLOCK };

/// No pointers: `start` counts from the beginning of the frames that the functions below are given.
struct delay {
    int32_t start;
    int32_t size;     ///< of the ring, without the guard
    int32_t position; ///< in the ring, of the next block to write
    int32_t ago;      ///< by how many frames it delays; what modulates adds to it
};

/// Frames that a ring needs from which one reads up to \p ago frames back, with the block of that age and its guard.
static inline int32_t delay_room(int32_t ago)
{
    return (ago / KERNEL_BLOCK + 2) * KERNEL_BLOCK + DELAY_GUARD;
}

/// A delay of \p ago frames in the \p room frames at \p start, which are silent.
static inline struct delay delay_layout(int32_t start, int32_t room, int32_t ago)
{
    return (struct delay){.start = start, .size = room - DELAY_GUARD, .ago = ago};
}

/// Where the next block is written: KERNEL_BLOCK frames, aligned like the frames themselves.
static inline float *delay_head(float *frames, const struct delay *delay)
{
    return frames + delay->start + delay->position;
}

/// The frames since \p ago before the next block, of which KERNEL_BLOCK + 4 may be read where they are that old.
static inline const float *delay_past(const float *frames, const struct delay *delay, int32_t ago)
{
    const int32_t from = delay->position - ago;
    return frames + delay->start + from + (from < 0 ? delay->size : 0);
}

/// After the block has been written.
static inline void delay_advance(float *frames, struct delay *delay)
{
    float *head = delay_head(frames, delay);
    if (delay->position < DELAY_GUARD) {
        memcpy(head + delay->size, head, KERNEL_BLOCK * sizeof *head);
    }
    delay->position += KERNEL_BLOCK;
    if (delay->position == delay->size) {
        delay->position = 0;
    }
}

/// The power that is left of a sine of \p omega radians a frame when it is read between two frames, by the third-order
/// Lagrange polynomial through four, averaged over where it is read.
static inline double delay_power(double omega)
{
    enum { STEPS = 16 };
    double sum = 0;
    for (int i = 0; i < STEPS; i++) {
        const double f = (i + 0.5) / STEPS;
        const double weights[] = {-f * (f - 1) * (f - 2) / 6, (f + 1) * (f - 1) * (f - 2) / 2,
                                  -(f + 1) * f * (f - 2) / 2, (f + 1) * f * (f - 1) / 6};
        double real = 0;
        double imaginary = 0;
        for (int j = 0; j < 4; j++) {
            real += weights[j] * cos(omega * j);
            imaginary += weights[j] * sin(omega * j);
        }
        sum += real * real + imaginary * imaginary;
    }
    return sum / STEPS;
}
