// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// A chorus for the send of a mixer: four copies, each late by a time that swings, two to the left and two to the
/// right.
///
/// It lies wholly in one block without pointers, which may be copied with memcpy to where it goes on bit for bit. One
/// thread owns it.
///
/// Each call of its kernel (synth/kernel/kernel.h) takes the next KERNEL_BLOCK frames of the mono send and adds the
/// stereo return. A send below -140 dBFS is silence: once it has been silent for as long as the longest delay, the
/// return is exactly silent and costs next to nothing until the send is not silent. A block of the send with NaN,
/// infinity or frames beyond all reason counts as zeros.
#pragma once

#include "synth/kernel/delay.h"

#include <stddef.h>
#include <stdint.h>

enum { CHORUS_TAPS = 4 };

/// What is outside its range is moved to the nearest in it.
struct chorus_settings {
    double rate_hz;  ///< of the swing, 0.01 to 10
    double depth_ms; ///< of the swing to either side, 0 to 8; less where the pitch would swing by more than 3%
    double level;    ///< linear; at 1 the mean power of left and right is that of a send of noise, as in reverb.h
    double width;    ///< 0 is mono, at 1 left and right share no copy; the power of both does not depend on it
};

/// State; \sa chorus_init. Only the kernels look inside.
struct chorus {
    float depth;                  ///< in frames
    float direct;                 ///< gain of a side's own copies
    float crossed;                ///< and of those of the other side
    int32_t middles[CHORUS_TAPS]; ///< delays, in frames
    uint32_t step;                ///< of the phases in a block
    uint32_t phases[CHORUS_TAPS]; ///< 2^32 to the turn
    int32_t awake;                ///< frames of silence until it sleeps; 0: it does
    int32_t span;                 ///< frames of silence after which nothing is left
    int32_t size;                 ///< frames of `lines`
    struct delay delay;
    _Alignas(64) float lines[];
};

/// Bytes of a chorus at \p rate frames a second, 44100 to 192000, with whatever settings: a multiple of 64.
size_t chorus_footprint(double rate);

/// Makes a silent chorus in chorus_footprint(rate) bytes, aligned to 64, which stay the caller's.
void chorus_init(struct chorus *chorus, double rate, const struct chorus_settings *settings);

/// Moves the modulation on as \p blocks calls of the kernel would, asleep or awake.
static inline void chorus_skip(struct chorus *chorus, uint64_t blocks)
{
    for (size_t i = 0; i < CHORUS_TAPS; i++) {
        chorus->phases[i] += chorus->step * (uint32_t)blocks;
    }
}
