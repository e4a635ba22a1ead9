// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The samples of a SoundFont and where each comes from. Part of synth/soundfont.
#pragma once

#include "core/status.h"
#include "synth/soundfont.h"
#include "synth/soundfont_pool.h"
#include "synth/soundfont_riff.h"

#include <stdatomic.h>
#include <stdbool.h>

/// The order counts: what is not less than SOURCE_READY can be read.
enum soundfont_source_state {
    SOURCE_WAITING, ///< to be decoded
    SOURCE_CLAIMED, ///< a thread is at it, and the only one that may write
    SOURCE_READY,
    SOURCE_BROKEN, ///< and silent
};

struct soundfont_source {
    struct soundfont_sample sample;
    _Atomic int state;            ///< released by who writes \c sample
    struct soundfont_span vorbis; ///< what it is decoded from; empty where there is nothing to decode
    int16_t *decoded;             ///< owned; NULL where the frames belong to the pool
    struct soundfont_sample kept; ///< the same in memory of our own (soundfont_kept.h), released by is_kept
    _Atomic bool is_kept;
    bool is_usable; ///< makes sense, as far as is known before it is decoded
    bool is_used;   ///< by a region
};

struct soundfont_sources {
    struct soundfont_source *source;
    uint32_t count;
    uint32_t rom_count; ///< samples that are in the chip of a sound card, and not usable
};

/// Reads the headers of samples and holds them to what is in \p pool, which outlives them. STATUS_NO_MEMORY.
MUST_USE enum status soundfont_sources_read(struct soundfont_sources *sources, struct soundfont_span headers,
                                            const struct soundfont_pool *pool, uint32_t *left_out);

void soundfont_sources_done(struct soundfont_sources *sources);

/// Hands over what was decoded, \p count frames of \p available, for the one who claimed the source; not yet released.
void soundfont_source_fill(struct soundfont_source *source, int16_t *frames, uint32_t count, uint32_t available);

/// Makes it silent; likewise.
void soundfont_source_silence(struct soundfont_source *source);
