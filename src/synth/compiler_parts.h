// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What the compiler is made of, for the files compiler*.c alone.
#pragma once

#include "synth/compiler.h"
#include "synth/graph.h"
#include "synth/layout.h"

/// A program with what only the compiler knows of it.
struct plan {
    uint32_t lives; ///< handed out so far
    bool module_leaves[PROGRAM_MODULES_MAX];
    bool cable_leaves[PROGRAM_CABLES_MAX];
    /// \name Places that are in this program no more, but were in one that may still play
    /// @{
    uint32_t hot_count, cold_count;
    struct layout_place hot[PROGRAM_MODULES_MAX + PROGRAM_CABLES_MAX];
    struct layout_place cold[PROGRAM_MODULES_MAX];
    /// @}
    struct program program;
};

struct draft_module {
    const struct patch_module *patch; ///< NULL for one that leaves
    const struct program_module *old; ///< the same life in the last program; NULL for a fresh one
    const struct module_type *type;
    uint32_t life, voices;
};

struct draft_cable {
    const struct program_cable *old; ///< the same life in the last program; NULL for a fresh one
    uint32_t life;
    uint16_t from, to; ///< modules of the draft
    uint8_t from_port, to_port;
    bool leaves;
    float gain;
};

/// The next program, before it has an order and places: what the patch has in the patch's order, then what leaves.
struct draft {
    uint32_t modules, cables;
    struct draft_module module[PROGRAM_MODULES_MAX];
    struct draft_cable cable[PROGRAM_CABLES_MAX];
};

struct compiler {
    double rate;
    bool is_settled; ///< what leaves in the last program is left out of the next
    uint32_t voices[PROGRAM_MODULES_MAX];
    bool renewed[PROGRAM_MODULES_MAX]; ///< modules of the patch that begin anew for the order's sake
    uint16_t order[PROGRAM_MODULES_MAX];
    struct graph graph;
    struct layout hot, cold;
    struct draft draft;
    struct plan last, next;
};

/// How many voices each module of \p patch has.
MUST_USE enum status compiler_voices(const struct patch *patch, uint32_t voices[PROGRAM_MODULES_MAX],
                                     struct complaint *complaint);
/// Whether the patch has no cycle but over feedback modules.
MUST_USE enum status compiler_check_cycles(const struct patch *patch, struct graph *graph, struct complaint *complaint);
/// The place of module \p uid in \p patch, which has it.
uint32_t compiler_index(const struct patch *patch, uint32_t uid);

/// Decides what goes on, what is fresh and what leaves, and in which order it plays.
MUST_USE enum status compiler_draft(struct compiler *compiler, const struct patch *patch, struct complaint *complaint);

/// Makes the next plan of the draft.
MUST_USE enum status compiler_lay(struct compiler *compiler, compiler_file *file, void *closure,
                                  struct complaint *complaint);
