// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// A reverb for the send of a mixer: a network of eight delays that a hall's echoes thicken in.
///
/// It lies wholly in one block without pointers, which may be copied with memcpy to where it goes on bit for bit. One
/// thread owns it.
///
/// Each call of its kernel (synth/kernel/kernel.h) takes the next KERNEL_BLOCK frames of the mono send and adds the
/// stereo return. A send below -140 dBFS is silence: some time after a silent send has rung out to -140 dBFS the reverb
/// is exactly silent and costs next to nothing until the send is not silent. A block of the send with NaN, infinity or
/// frames beyond all reason counts as zeros.
#pragma once

#include "synth/kernel/delay.h"

#include <stddef.h>
#include <stdint.h>

enum { REVERB_LINES = 8, REVERB_MOVING = 4, REVERB_DIFFUSERS = 4, REVERB_POWERS = 16 };

/// What is outside its range is moved to the nearest in it.
struct reverb_settings {
    /// T60 at 1 kHz in seconds, 0.2 to 20: the tail falls by 60 dB in that time, within 10%; the diffusers make it up
    /// to 20% more below half a second.
    double decay_s;
    /// T60 at 6 kHz as a part of decay_s, 0.1 to 1. Below about 0.25, or 0.5 for decays under half a second, 6 kHz
    /// falls more slowly than asked; for decays above 10 s at 44100 Hz somewhat faster, as reading between frames
    /// damps.
    double damping;
    /// 0 to 100; the first echo of the network comes about 25 ms later (8 ms for the shortest decays).
    double predelay_ms;
    /// 0 is mono, at 1 left and right are unrelated. The power of both together does not depend on it.
    double width;
    /// Linear. At 1, for stationary noise that is white from 50 Hz to 20 kHz, the mean power of left and right is that
    /// of the send, within 1 dB, at any rate, decay and damping. Where highs are damped that is more for what lies
    /// below 2 kHz, as most music does: some 4.5 dB at a damping of 0.5.
    double level;
};

/// State; \sa reverb_init. Only the kernels look inside.
struct reverb {
    /// \name Settings, as the loops want them
    /// @{
    float drive;   ///< of the network by the diffused send
    float direct;  ///< of a side of the return by its own lines
    float crossed; ///< and by those of the other side
    float depth;   ///< of the modulation, in frames
    float gains[REVERB_LINES];
    int32_t front_span;            ///< frames of silence after which nothing is left in the pre-delay and the diffusers
    int32_t tank_span;             ///< and in the lines
    int32_t front_size;            ///< frames of `lines` that the former take
    int32_t size;                  ///< all frames of `lines`
    uint32_t steps[REVERB_MOVING]; ///< of the phases in a block
    /// @}
    uint32_t phases[REVERB_MOVING]; ///< of the modulation, 2^32 to the turn
    int32_t front_awake;            ///< frames of silence until the front sleeps; 0: it does
    int32_t tank_awake;
    float low_cut_carry;
    float carries[REVERB_LINES]; ///< the last frames that came out of the dampers
    struct delay predelay;
    struct delay diffusers[REVERB_DIFFUSERS];
    struct delay tank[REVERB_LINES];
    _Alignas(64) float low_cut[REVERB_POWERS]; ///< powers 1 to 16 of the pole of the low cut
    float dampers[REVERB_LINES][REVERB_POWERS];
    float lines[]; ///< all delays
};

/// Bytes of a reverb at \p rate frames a second, 44100 to 192000, with whatever settings: a multiple of 64.
size_t reverb_footprint(double rate);

/// Makes a silent reverb in reverb_footprint(rate) bytes, aligned to 64, which stay the caller's.
void reverb_init(struct reverb *reverb, double rate, const struct reverb_settings *settings);

/// Moves the modulation on as \p blocks calls of the kernel would, asleep or awake.
static inline void reverb_skip(struct reverb *reverb, uint64_t blocks)
{
    for (size_t i = 0; i < REVERB_MOVING; i++) {
        reverb->phases[i] += reverb->steps[i] * (uint32_t)blocks;
    }
}
