// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The bytes that the samples of a SoundFont are cut from. Part of synth/soundfont.
#pragma once

#include "core/status.h"
#include "synth/soundfont_riff.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct soundfont_pool {
    struct soundfont_span bytes; ///< all of it
    const int16_t *frames;       ///< the same; aligned
    const uint8_t *low;          ///< the low bytes of 24 bits, as many as frames, or NULL
    uint32_t count;              ///< of frames
    int16_t *frames_copy;        ///< owned: what could not stay where it was, or NULL
    uint8_t *low_copy;
};

/// Finds the frames of a file. They stay where they are if \p can_stay says so and they are aligned; else they are
/// copied. STATUS_NO_MEMORY.
MUST_USE enum status soundfont_pool_read(struct soundfont_pool *pool, const struct soundfont_riff *riff, bool can_stay);

void soundfont_pool_done(struct soundfont_pool *pool);
