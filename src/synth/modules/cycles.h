// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Single cycles for the wavetable oscillator, each at eleven levels of detail. Not on an audio thread.
///
/// Level l has the overtones up to CYCLES_OVERTONES >> l and at least four frames for each, with the end of the cycle
/// before its begin and its begin behind its end, so that sixteen frames may be read around any place.
#pragma once

#include "core/status.h"

#include <stdint.h>

enum {
    CYCLES_LEVELS = 11,
    CYCLES_OVERTONES = 1024,
    CYCLES_BITS = 12,     ///< level 0 is 2^12 frames long, each further one half of that
    CYCLES_BITS_LOW = 8,  ///< but no shorter than this
    CYCLES_PAD = 16,      ///< frames before and after each level
    CYCLES_MAX = 256,     ///< cycles in a file
    CYCLES_LENGTH = 2048, ///< frames of each cycle in a file that has several
};

/// A row of cycles from which a position picks.
struct cycles {
    uint32_t count;
    float *samples; ///< cycle after cycle, cycles_stride() floats each; NULL where memory was out
};

/// The name of built-in table \p index, or NULL past the last.
extern const char *const cycles_names[];

/// Bits of the length of \p level.
static inline uint32_t cycles_bits(uint32_t level)
{
    return level < CYCLES_BITS - CYCLES_BITS_LOW ? CYCLES_BITS - level : CYCLES_BITS_LOW;
}

/// Where \p level begins in a cycle; of CYCLES_LEVELS how long a cycle is.
static inline uint32_t cycles_offset(uint32_t level)
{
    uint32_t offset = CYCLES_PAD;
    for (uint32_t i = 0; i < level; i++) {
        offset += (1U << cycles_bits(i)) + 2 * CYCLES_PAD;
    }
    return offset;
}

static inline uint32_t cycles_stride(void)
{
    return cycles_offset(CYCLES_LEVELS) - CYCLES_PAD;
}

/// Makes built-in table \p index; the caller frees its samples. STATUS_NO_MEMORY.
MUST_USE enum status cycles_make(uint32_t index, struct cycles *out);

/// Reads a file of single cycles of CYCLES_LENGTH frames each, or of one cycle of another length up to four times
/// that; the caller frees its samples. What sound_file_read() says, and STATUS_UNSUPPORTED for another length.
MUST_USE enum status cycles_read(const char *path, const char *shown, struct cycles *out, struct complaint *complaint);
