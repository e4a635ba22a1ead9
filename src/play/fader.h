// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Makes a gap in the sound bearable: it fades out where blocks are missing and in where they are back, without a
/// click, and once for good at the end.
#pragma once

#include "core/realtime.h"

#include <stdbool.h>
#include <stdint.h>

enum { FADER_CHANNELS_MAX = 64 };

struct fader {
    uint32_t channels, block;
    uint32_t length;                ///< frames of a fade
    uint32_t risen;                 ///< how far the sound has faded in: 0 to length
    uint32_t fallen;                ///< how far what is held has faded out
    uint32_t left;                  ///< how far all of it has faded out at the end
    float held[FADER_CHANNELS_MAX]; ///< the last frame before the gap
};

/// Begins in silence. Fades take \p length frames, at least 1.
void fader_init(struct fader *fader, uint32_t channels, uint32_t block, uint32_t length);

/// Plays a block of \p samples, or a gap where that is NULL, to \p out; both are channel after channel. Once the sound
/// has faded in, it is copied bit for bit. \p leaving: fade out, and then there is silence. The audio thread.
void fader_play(struct fader *fader, const float *samples, float *out, bool leaving) REALTIME;

/// Whether all has faded out at the end.
bool fader_is_silent(const struct fader *fader) REALTIME;
