// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// For modules that keep what they hear: nothing that is not a number, or hardly one, stays in a state.
#pragma once

#include "synth/poly.h"

/// \p x, at most a thousand million either way; 0 for what is not a number.
POLY_INLINE poly signal_sane(poly x)
{
    return poly_select(x == x, poly_clamp(x, -1e9F, 1e9F), poly_all(0));
}
