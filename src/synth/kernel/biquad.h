// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// A biquad low-pass over LANES frames at once. Part of synth/kernel.
///
/// The numerator needs frames that are all known. The recursion 1 / A(z), with A = 1 + a1/z + a2/zz, is written as
/// A(-z) / (A(z) A(-z)): the product below has even powers only, so the same trick applies to it with steps twice as
/// long, until a step leaves the vector. What is left are two additions for each doubling ("scattered look-ahead":
/// Parhi and Messerschmitt, IEEE Trans. ASSP 37(7), 1989), within the vector as if nothing had been before; and the
/// answer to the two outputs before it, which is the impulse response again, scaled.
#pragma once

#include "synth/kernel/lanes.h"

struct biquad {
    float a1, a2;
    float p1, p2; ///< of the first doubling: -a1, a2
#if LANES_BYTES >= 32
    float r1, r2;
#endif
    float s1;
#if LANES_BYTES == 64
    float s2;
    float t1;
#endif
};

/// 1 / A(z) within the vector.
static inline lanes biquad_recurse(const struct biquad *biquad, lanes x)
{
    const lanes zero = {0};
    lanes y = x + biquad->p1 * lanes_after1(zero, x) + biquad->p2 * lanes_after2(zero, x);
#if LANES_BYTES == 64
    y = y + biquad->r1 * lanes_after2(zero, y) + biquad->r2 * lanes_after4(zero, y);
    y = y + biquad->s1 * lanes_after4(zero, y) + biquad->s2 * lanes_after8(zero, y);
    return y + biquad->t1 * lanes_after8(zero, y);
#elif LANES_BYTES == 32
    y = y + biquad->r1 * lanes_after2(zero, y) + biquad->r2 * lanes_after4(zero, y);
    return y + biquad->s1 * lanes_after4(zero, y);
#else
    return y + biquad->s1 * lanes_after2(zero, y);
#endif
}

static inline struct biquad biquad_of(float a1, float a2)
{
    const float b1 = 2.0F * a2 - a1 * a1;
    struct biquad biquad = {.a1 = a1, .a2 = a2, .p1 = -a1, .p2 = a2};
#if LANES_BYTES >= 32
    const float b2 = a2 * a2;
    const float c1 = 2.0F * b2 - b1 * b1;
    biquad.r1 = -b1;
    biquad.r2 = b2;
    biquad.s1 = -c1;
#else
    biquad.s1 = -b1;
#endif
#if LANES_BYTES == 64
    const float c2 = b2 * b2;
    biquad.s2 = c2;
    biquad.t1 = -(2.0F * c2 - c1 * c1);
#endif
    return biquad;
}

/// The impulse response.
static inline lanes biquad_response(const struct biquad *biquad)
{
    const lanes impulse = {1.0F};
    return biquad_recurse(biquad, impulse);
}

/// What the last output before the vector, and the one before that, still do in it.
struct biquad_past {
    lanes of1, of2;
};

static inline struct biquad_past biquad_past_of(const struct biquad *biquad, lanes response)
{
    const lanes zero = {0};
    return (struct biquad_past){.of1 = -biquad->a1 * response - biquad->a2 * lanes_after1(zero, response),
                                .of2 = -biquad->a2 * response};
}
