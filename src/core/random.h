// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// A stream of random numbers that belongs to one owner: the same seed gives the same numbers on every machine.
///
/// xoshiro256** (Blackman and Vigna, "Scrambled linear pseudorandom number generators", ACM TOMS 47, 2021), seeded by
/// SplitMix64. Not for secrets.
#pragma once

#include "core/realtime.h"

#include <stdint.h>

/// Plain state: copy it to fork a stream that repeats the original.
struct random {
    uint64_t state[4];
};

/// Starts the stream of \p seed. Streams of the same seed and different \p stream numbers are unrelated.
void random_init(struct random *random, uint64_t seed, uint64_t stream) REALTIME;

/// All 64 bits.
uint64_t random_bits(struct random *random) REALTIME;

/// 0 to \p bound - 1, each equally likely; \p bound at least 1.
uint32_t random_below(struct random *random, uint32_t bound) REALTIME;

/// From 0 up to but not including 1, in steps of 2^-53.
double random_unit(struct random *random) REALTIME;
