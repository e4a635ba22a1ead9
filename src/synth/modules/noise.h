// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Random numbers for signals: a place in a sequence is hashed, so that there is no state that could go bad, and each
/// voice has a sequence of its own.
#pragma once

#include "synth/modules/kind.h"

/// What tells the sequences of the voices of \p group apart, made from the module's seed.
POLY_INLINE poly_uint noise_keys(const struct module_setup *setup, uint32_t group)
{
    poly_uint keys = {0};
    for (uint32_t lane = 0; lane < POLY_LANES; lane++) {
        // SplitMix64.
        uint64_t x = setup->seed + (group * (uint64_t)POLY_LANES + lane + 1) * 0x9e3779b97f4a7c15U;
        x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
        x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
        keys[lane] = (uint32_t)((x ^ (x >> 31)) >> 32);
    }
    return keys;
}

/// Number \p index of the sequence of \p keys: evenly from -1 to 1. Two rounds of a 32-bit finalizer with the key in
/// between, so that no two voices have the same numbers in another order that could be heard.
POLY_INLINE poly noise_at(poly_uint index, poly_uint keys)
{
    poly_uint x = index + keys;
    x = (x ^ (x >> 16)) * 0x7feb352dU;
    x = (x ^ (x >> 15)) * 0x846ca68bU;
    x = (x ^ (x >> 16)) + (keys >> 7 | keys << 25);
    x = (x ^ (x >> 16)) * 0x7feb352dU;
    x = (x ^ (x >> 15)) * 0x846ca68bU;
    x ^= x >> 16;
    return __builtin_convertvector((poly_int)x, poly) * (1.0F / 2147483648.0F);
}
