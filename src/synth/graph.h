// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Who must play before whom.
#pragma once

#include "synth/program.h"

struct graph_edge {
    uint16_t from, to;
};

/// Plain data.
struct graph {
    uint32_t nodes, edges;
    uint16_t kind[PROGRAM_MODULES_MAX]; ///< neighbours of one kind play better side by side
    struct graph_edge edge[PROGRAM_CABLES_MAX];
};

/// An order in which every edge leads forward, the same for the same graph: nodes of the kind of the one before come
/// first, then in the order of their numbers. Returns how many could be placed: all, where there is no cycle. Any
/// thread.
uint32_t graph_order(const struct graph *graph, uint16_t order[PROGRAM_MODULES_MAX]);

/// Marks the nodes that lie on a cycle or on a way from one cycle to another. Any thread.
void graph_core(const struct graph *graph, bool core[PROGRAM_MODULES_MAX]);

/// The nodes of a cycle, in order; returns how many, 0 where there is none. Any thread.
uint32_t graph_cycle(const struct graph *graph, uint16_t cycle[PROGRAM_MODULES_MAX]);
