// SPDX-License-Identifier: GPL-3.0-or-later
// Kahn's way: a node is ready when all edges into it come from nodes that are placed. What is never ready lies on a
// cycle or behind one; doing the same backwards leaves cycles and what lies between them, and from any node of that,
// going back along edges must come to a node for the second time.
#include "synth/graph.h"

#include <string.h>

static int find_ready(const struct graph *graph, const uint32_t *waiting, const bool *placed, int last)
{
    int first = -1;
    for (uint32_t i = 0; i < graph->nodes; i++) {
        if (placed[i] || waiting[i] > 0) {
            continue;
        }
        if (last < 0 || graph->kind[i] == graph->kind[last]) {
            return (int)i;
        }
        first = first < 0 ? (int)i : first;
    }
    return first;
}

uint32_t graph_order(const struct graph *graph, uint16_t order[PROGRAM_MODULES_MAX])
{
    uint32_t waiting[PROGRAM_MODULES_MAX] = {0};
    bool placed[PROGRAM_MODULES_MAX] = {false};
    for (uint32_t i = 0; i < graph->edges; i++) {
        waiting[graph->edge[i].to]++;
    }
    uint32_t count = 0;
    int last = -1;
    for (int next = find_ready(graph, waiting, placed, last); next >= 0;
         next = find_ready(graph, waiting, placed, last)) {
        placed[next] = true;
        order[count++] = (uint16_t)next;
        last = next;
        for (uint32_t i = 0; i < graph->edges; i++) {
            if (graph->edge[i].from == next) {
                waiting[graph->edge[i].to]--;
            }
        }
    }
    return count;
}

/// Takes out of \p core the nodes that no edge within it enters or, where \p backwards, leaves; whether there were any.
static bool trim(const struct graph *graph, bool *core, bool backwards)
{
    bool kept[PROGRAM_MODULES_MAX] = {false};
    for (uint32_t i = 0; i < graph->edges; i++) {
        const struct graph_edge edge = graph->edge[i];
        if (core[edge.from] && core[edge.to]) {
            kept[backwards ? edge.from : edge.to] = true;
        }
    }
    const bool is_smaller = memcmp(kept, core, sizeof kept) != 0;
    memcpy(core, kept, sizeof kept);
    return is_smaller;
}

void graph_core(const struct graph *graph, bool core[PROGRAM_MODULES_MAX])
{
    for (uint32_t i = 0; i < PROGRAM_MODULES_MAX; i++) {
        core[i] = i < graph->nodes;
    }
    while (trim(graph, core, false) || trim(graph, core, true)) {
    }
}

/// A node of \p core from which an edge leads to \p to.
static uint16_t find_source(const struct graph *graph, const bool *core, uint16_t to)
{
    uint32_t i = 0;
    while (!core[graph->edge[i].from] || graph->edge[i].to != to) {
        i++;
    }
    return graph->edge[i].from;
}

uint32_t graph_cycle(const struct graph *graph, uint16_t cycle[PROGRAM_MODULES_MAX])
{
    bool core[PROGRAM_MODULES_MAX];
    graph_core(graph, core);
    uint32_t node = 0;
    while (node < graph->nodes && !core[node]) {
        node++;
    }
    if (node == graph->nodes) {
        return 0;
    }
    // Every node of the core has a source in the core: going back as often as there are nodes ends on a cycle.
    uint16_t at = (uint16_t)node;
    for (uint32_t i = 0; i < graph->nodes; i++) {
        at = find_source(graph, core, at);
    }
    uint16_t back[PROGRAM_MODULES_MAX];
    uint32_t count = 0;
    const uint16_t first = at;
    do {
        back[count++] = at;
        at = find_source(graph, core, at);
    } while (at != first);
    for (uint32_t i = 0; i < count; i++) {
        cycle[i] = back[count - 1 - i];
    }
    return count;
}
