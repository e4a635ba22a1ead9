// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Sixteen doubles, for sums that run for minutes: a float would lose what is added to it.
#pragma once

#include "synth/poly.h"

typedef double poly_double __attribute__((vector_size(128), aligned(64)));
typedef int64_t poly_long __attribute__((vector_size(128), aligned(64)));

POLY_INLINE poly_double double_all(double x)
{
    return x - (poly_double){0};
}

/// \p a where \p mask is all ones, \p b where it is 0.
POLY_INLINE poly_double double_select(poly_int mask, poly_double a, poly_double b)
{
    const poly_long wide = __builtin_convertvector(mask, poly_long);
    return (poly_double)((wide & (poly_long)a) | (~wide & (poly_long)b));
}
