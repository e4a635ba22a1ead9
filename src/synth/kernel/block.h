// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What the loops over a block share: recursion along the lanes, slow oscillators, energy. Part of synth/kernel.
#pragma once

#include "synth/kernel/kernel.h"
#include "synth/kernel/lanes.h"

#include <stdbool.h>

/// A block in vectors, and the vectors that a loop takes at a time.
enum { PARTS = KERNEL_BLOCK / LANES, GROUP = 4 };

/// A send of nothing. At file scope: a function of the audio thread has no static variables.
static const float block_silence[KERNEL_BLOCK] = {0};

/// Four floats on every kind of machine: what is computed once a block for four lines or taps.
typedef float four __attribute__((vector_size(16)));
typedef int32_t four_int __attribute__((vector_size(16)));
typedef uint32_t four_uint __attribute__((vector_size(16)));

/// The last lane, in all lanes.
static inline lanes lanes_last(lanes a)
{
    return lanes_all(a[LANES - 1]);
}

/// The recursion x[n] += p x[n - 1] along the lanes of four vectors, where \p powers are p, p^2 ... p^16 and \p carry
/// is the frame before in all lanes. Sums over 2, 4 ... frames are made of each other, and what lies further back is
/// p^LANES times what came out a vector ago: the scattered look-ahead of Parhi and Messerschmitt, "Pipeline
/// interleaving and parallelism in recursive digital filters", IEEE ASSP 37(7), 1989. Stage by stage, so that the
/// processor always has four sums at hand that do not wait for each other.
static inline void group_recur(lanes x[GROUP], const float *powers, lanes *carry)
{
    const lanes none = {0};
    for (size_t i = GROUP; i-- > 0;) {
        x[i] += powers[0] * lanes_after1(i > 0 ? x[i - 1] : none, x[i]);
    }
    for (size_t i = GROUP; i-- > 0;) {
        x[i] += powers[1] * lanes_after2(i > 0 ? x[i - 1] : none, x[i]);
    }
#if LANES_BYTES >= 32
    for (size_t i = GROUP; i-- > 0;) {
        x[i] += powers[3] * lanes_after4(i > 0 ? x[i - 1] : none, x[i]);
    }
#endif
#if LANES_BYTES >= 64
    for (size_t i = GROUP; i-- > 0;) {
        x[i] += powers[7] * lanes_after8(i > 0 ? x[i - 1] : none, x[i]);
    }
#endif
    x[0] += lanes_load(powers) * *carry;
    for (size_t i = 1; i < GROUP; i++) {
        x[i] += powers[LANES - 1] * x[i - 1];
    }
    *carry = lanes_last(x[GROUP - 1]);
}

static inline float lanes_sum(lanes a)
{
#if LANES_BYTES >= 64
    a += lanes_after8(a, a);
#endif
#if LANES_BYTES >= 32
    a += lanes_after4(a, a);
#endif
    a += lanes_after2(a, a);
    a += lanes_after1(a, a);
    return a[LANES - 1];
}

/// The sum of the squares of a block.
static inline float block_energy(const float *block)
{
    lanes sum = {0};
    for (size_t i = 0; i < PARTS; i++) {
        const lanes part = lanes_load(block + i * LANES);
        sum += part * part;
    }
    return lanes_sum(sum);
}

/// Whether a block of this energy lies below -140 dBFS.
static inline bool energy_is_silent(float energy)
{
    return energy < 1e-14F * KERNEL_BLOCK;
}

/// False for what NaN, infinity or a nonsensically loud frame gives.
static inline bool energy_is_sound(float energy)
{
    return energy < 1e20F;
}

/// \p value, or 0 where it is so small that its further decay would be computed in denormal numbers.
static inline float without_dust(float value)
{
    return value * value > 1e-30F ? value : 0;
}

/// The sines of four phases of 2^32 to the turn, within 0.001: a parabola, bent by its square.
static inline four four_sine(four_uint phases)
{
    const four x = __builtin_convertvector((four_int)phases, four) * 0x1p-31F;
    const four parabola = 4 * (x - x * (four)((four_int)x & INT32_MAX));
    return parabola * (0.775F + 0.225F * (four)((four_int)parabola & INT32_MAX));
}

/// Whole numbers not above \p value, which lies within a million of 0.
static inline four_int four_floor(four value)
{
    return __builtin_convertvector(value + 0x1p20F, four_int) - (1 << 20);
}
