// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Sixteen doubles, for sums that run for minutes: a float would lose what is added to it.
#pragma once

#include "synth/poly.h"

typedef double poly_double __attribute__((vector_size(128), aligned(64)));
typedef int64_t poly_long __attribute__((vector_size(128), aligned(64)));

POLY_INLINE poly_double double_of(poly x)
{
    return __builtin_convertvector(x, poly_double);
}

POLY_INLINE poly double_round(poly_double x)
{
    return __builtin_convertvector(x, poly);
}

/// 0 where \p mask is all ones, \p x where it is 0.
POLY_INLINE poly_double double_clear(poly_int mask, poly_double x)
{
    return (poly_double)((poly_long)x & __builtin_convertvector(~mask, poly_long));
}
