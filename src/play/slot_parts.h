// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What the halves of a slot's process share. Only the files of the slot see it.
#pragma once

#include "play/renderer.h"

/// The keep thread's side: prepares what is posted.
struct slot_keep {
    const struct shared_score *score;
    struct shared_area *area;
    struct rack *rack;
    struct renderer_benches *benches;
    struct program *program; ///< room for a copy
    uint64_t prepared;       ///< serial
    uint64_t ticket;         ///< of that
    uint64_t refused;        ///< ticket of the last that could not be prepared
};

struct slot {
    const struct shared_score *score;
    struct shared_area *area;
    const struct shared_area *other;
    uint32_t number;
    struct rack *rack;
    struct renderer_benches benches;
    struct renderer renderer;
    struct slot_keep keep;
    unsigned char *state;  ///< room for a copy of the other's state, aligned to 64
    _Atomic bool stopping; ///< for the thread that renders
    _Atomic bool lost;     ///< it could not go on
};

/// Prepares all that was posted, as far as fewer than SHARED_PROGRAMS wait to be swapped in, gives back what was
/// withdrawn, and answers. STATUS_OK also where one was refused, which the engine is told; STATUS_AGAIN where a program
/// is no longer there.
MUST_USE enum status slot_keep_look(struct slot_keep *keep, struct complaint *complaint);
/// Copies program \p serial from the score; false where it is not there (any more).
MUST_USE bool slot_keep_copy(struct slot_keep *keep, uint64_t serial, uint64_t *ticket);

/// Gets to the state from which the slot plays, and where that is in the score: from the engine's knowledge, or from a
/// snapshot of the other. STATUS_CLOSED where the slot is to end.
MUST_USE enum status slot_enter(struct slot *slot, struct complaint *complaint);

/// Whether the engine said stop, or is gone.
bool slot_is_over(const struct slot *slot);
