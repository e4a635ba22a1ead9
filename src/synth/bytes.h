// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Eight bytes in a word, compared at once on any machine. Part of synth/sampler and synth/soundfont. Pure; any thread.
#pragma once

#include "core/realtime.h"

#include <stdint.h>
#include <string.h>

/// The lowest and the highest bit of each byte.
static const uint64_t bytes_ones = UINT64_C(0x0101010101010101);
static const uint64_t bytes_tops = UINT64_C(0x8080808080808080);

static inline uint64_t bytes_load(const uint8_t bytes[8]) REALTIME;
static inline uint32_t bytes_bits(uint64_t tops) REALTIME;
static inline uint64_t bytes_within(const uint8_t low[8], const uint8_t high[8], int value) REALTIME;
static inline uint64_t bytes_equal(const uint8_t bytes[8], int value) REALTIME;

static inline uint64_t bytes_load(const uint8_t bytes[8])
{
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

/// A bit for each byte whose highest bit is set in \p tops, the first one's lowest; the others must not be set.
static inline uint32_t bytes_bits(uint64_t tops)
{
    // Bytes of 0 or 1: each partial product that matters falls into the highest byte.
    return (uint32_t)(((tops >> 7) * UINT64_C(0x0102040810204080)) >> 56);
}

/// The highest bit of each byte where \p value is from \p low to \p high; all are below 128.
static inline uint64_t bytes_within(const uint8_t low[8], const uint8_t high[8], int value)
{
    const uint64_t values = (uint64_t)value * bytes_ones;
    // With its highest bit set no byte borrows from the next, and the bit stays where nothing was borrowed from it.
    return ((values | bytes_tops) - bytes_load(low)) & ((bytes_load(high) | bytes_tops) - values) & bytes_tops;
}

/// The highest bit of each byte that is \p value, 0 to 255.
static inline uint64_t bytes_equal(const uint8_t bytes[8], int value)
{
    const uint64_t differ = bytes_load(bytes) ^ (uint64_t)value * bytes_ones;
    return ~(((differ & ~bytes_tops) + ~bytes_tops) | differ) & bytes_tops;
}
