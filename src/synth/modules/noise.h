// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Random numbers for signals: a place in a sequence is hashed, so that there is no state that could go bad, and each
/// voice has a sequence of its own.
#pragma once

#include "synth/modules/guard.h"

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

/// How much of a noise is heard whatever its level input says: all of it where nothing is plugged in there, and nothing
/// else. The way from one to the other takes 10 ms, so that a cable that comes or goes makes no click.
struct noise_free {
    float now;
    uint32_t has_begun; ///< before the first frame there is nothing to glide from
};

/// Before the first frame of a call: what noise_free_next() adds in each, where the level is input \p port.
POLY_INLINE float noise_free_begin(const struct module_call *call, uint32_t port, struct noise_free *free)
{
    const float to = module_is_plugged(call, port) ? 0 : 1;
    const float span = 100 / (float)call->setup->rate;
    free->now = free->has_begun ? module_hold(free->now, 0, 1) : to;
    free->has_begun = 1;
    return free->now == to ? 0 : to > free->now ? span : -span;
}

POLY_INLINE float noise_free_next(struct noise_free *free, float step)
{
    free->now = module_hold(free->now + step, 0, 1);
    return free->now;
}
