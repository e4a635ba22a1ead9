// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// A slot's audio half: renders block after block as the score says, and copies its state for the other slot.
#pragma once

#include "core/realtime.h"
#include "play/shared.h"

#include <stdbool.h>

/// Programs that were prepared and wait to be swapped in: from the keep thread to the one that renders.
struct renderer_benches {
    _Atomic uint64_t ready; ///< serial of the last
    _Atomic(struct rack_bench *) at[SHARED_PROGRAMS];
};

/// The first four, and the position, are set by the owner; the rest is zeroed.
struct renderer {
    const struct shared_score *score;
    struct shared_area *area;
    const struct shared_area *other;
    uint32_t number; ///< of the slot
    struct rack *rack;
    struct renderer_benches *benches;
    uint64_t block, log; ///< that come next

    uint64_t copying;   ///< the `ask` of the other slot that a snapshot is being made for
    uint64_t unheard;   ///< commands for modules that were gone
    uint32_t diverging; ///< blocks that are yet to be made wrong, for a test
};

enum renderer_result {
    RENDERER_DONE,
    RENDERER_IDLE,    ///< no block may be rendered yet
    RENDERER_UNREADY, ///< the program for the next block is not prepared yet
    RENDERER_LOST,    ///< what the next block needs is overwritten: it came too late
};

/// Says in the area that \p renderer begins at its block. Before the first step.
void renderer_announce(struct renderer *renderer) REALTIME;

/// Renders the next block into the ring, if it may.
enum renderer_result renderer_step(struct renderer *renderer) REALTIME;

/// Does what a command does to the rack, at once. False where the log cannot be followed: a program that is not ready.
MUST_USE bool renderer_apply(struct renderer *renderer, const struct command *command) REALTIME;

/// Goes on with a snapshot for the other slot, if it wants one. Between two steps.
void renderer_serve(struct renderer *renderer) REALTIME;
