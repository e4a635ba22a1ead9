// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Samples of a mapped file, copied to memory of our own. Part of synth/soundfont.
///
/// A mapped page that nobody has read for a while may be gone when a note needs it, and each is looked up for itself; a
/// copy on large pages is there, and is found at once.
#pragma once

#include "core/status.h"
#include "synth/soundfont_source.h"

#include <stddef.h>
#include <stdint.h>

/// The copies. They belong to whoever copies, a single thread.
struct soundfont_kept {
    void **blocks;
    size_t count, room;
    uint8_t *free; ///< where the next one goes, in the last block
    size_t left;   ///< bytes there
};

/// Copies the frames of \p source, if that is not done yet, and has soundfont_sample() return the copy from then on.
/// STATUS_NO_MEMORY, and all stays as it was.
MUST_USE enum status soundfont_keep(struct soundfont_kept *kept, struct soundfont_source *source);

/// Frees the copies, when nobody plays them any more.
void soundfont_kept_done(struct soundfont_kept *kept);
