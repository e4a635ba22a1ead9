// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Everything that a station publishes, and changes made to it in the midst of it: all on the station's own thread, so
/// that nothing leaves the ring unseen and the same plan meets the same chunks on a machine of any speed.
#pragma once

#include "fixture.h"
#include "folder.h"

#include <stdatomic.h>

enum { TAPE_MAX = 1024 };

/// A change that is asked for when chunk \c sequence is out: it takes effect with the next block.
struct tape_change {
    uint32_t sequence;
    struct station_change change;
};

struct tape {
    struct station *station;
    uint32_t first; ///< sequence of the first chunk on it
    struct buffer *pcm[TAPE_MAX];
    struct buffer *opus[TAPE_MAX];
    struct buffer *scores[TAPE_MAX]; ///< NULL where nothing begins
    int64_t due_ns[TAPE_MAX];
    bool failed;
    _Atomic uint32_t count;

    const struct tape_change *plan; ///< ends with one of sequence 0; NULL for none
    uint32_t copy_at; ///< when this chunk is out, the journal is copied as a killed process would leave it
    const struct folder *from, *to; ///< NULL for not at all
};

/// A tape in a station that is made from \p options and does not run yet. Set the plan, and start it.
struct tape *tape_new(struct station_options options);

/// Waits until there are \p count chunks on it, up to 20 s without a new one; the test fails where there are not.
void tape_wait(struct tape *tape, uint32_t count);

/// Frees the station too.
void tape_free(struct tape *tape);

/// The chunk \p sequence as it was published with its header, and when its first frame is.
const uint8_t *tape_pcm(const struct tape *tape, uint32_t sequence, size_t *size, uint64_t *frame);

/// Fails the test unless the chunks \p first to \p last - 1 of both have the same places and scores, and from
/// \p alike on samples that are within -60 dB of full scale of one another.
void tape_expect_same(const struct tape *one, const struct tape *two, uint32_t first, uint32_t last, uint32_t alike);
