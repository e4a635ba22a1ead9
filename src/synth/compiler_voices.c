// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers of voices flow from the modules that make voices along the cables, until nothing changes any more: a module
// that is not mono takes the first number above 1 that reaches it, and a second one is refused. Cycles over feedback
// modules are only another way to flow.
#include "synth/compiler_parts.h"

#include <stdio.h>
#include <string.h>

uint32_t compiler_index(const struct patch *patch, uint32_t uid)
{
    uint32_t index = 0;
    while (patch_module_at(patch, index)->uid != uid) {
        index++;
    }
    return index;
}

static enum status refuse(const struct patch *patch, const uint32_t *voices, uint32_t to, uint32_t first,
                          uint32_t second, struct complaint *complaint)
{
    return complain(complaint, STATUS_INVALID,
                    "module \"%s\" hears %u voices of \"%s\" and %u of \"%s\": give both as many, or put a mono module "
                    "between",
                    patch_module_at(patch, to)->id, voices[first], patch_module_at(patch, first)->id, voices[second],
                    patch_module_at(patch, second)->id);
}

/// Lets the voices flow along every cable once; \p changed says whether any did.
static enum status flow(const struct patch *patch, uint32_t *voices, uint16_t *giver, bool *changed,
                        struct complaint *complaint)
{
    *changed = false;
    for (size_t i = 0; i < patch_cable_count(patch); i++) {
        const struct patch_cable *cable = patch_cable_at(patch, i);
        const uint32_t from = compiler_index(patch, cable->from);
        const uint32_t to = compiler_index(patch, cable->to);
        const struct module_type *type = patch_module_at(patch, to)->type;
        if (type->mono || type->has_voices || voices[from] == 1 || voices[from] == voices[to]) {
            continue;
        }
        if (voices[to] != 1) {
            return refuse(patch, voices, to, giver[to], from, complaint);
        }
        voices[to] = voices[from];
        giver[to] = (uint16_t)from;
        *changed = true;
    }
    return STATUS_OK;
}

enum status compiler_voices(const struct patch *patch, uint32_t voices[PROGRAM_MODULES_MAX],
                            struct complaint *complaint)
{
    uint16_t giver[PROGRAM_MODULES_MAX] = {0};
    for (size_t i = 0; i < patch_module_count(patch); i++) {
        const struct patch_module *module = patch_module_at(patch, i);
        voices[i] = module->type->has_voices ? module->voices : 1;
    }
    bool changed = true;
    while (changed) {
        const enum status status = flow(patch, voices, giver, &changed, complaint);
        if (status) {
            return status;
        }
    }
    return STATUS_OK;
}

/// "a -> b -> c -> a", shortened in its middle where it is long.
static void spell(const struct patch *patch, const uint16_t *cycle, uint32_t count, char text[COMPLAINT_SIZE])
{
    enum { SHOWN = 5 };
    size_t size = 0;
    for (uint32_t i = 0; i <= count && size < COMPLAINT_SIZE; i++) {
        const bool is_shown = i < SHOWN || i == count;
        const char *id = patch_module_at(patch, cycle[i % count])->id;
        if (is_shown || i == SHOWN) {
            size += (size_t)snprintf(text + size, COMPLAINT_SIZE - size, "%s%s", i > 0 ? " -> " : "",
                                     is_shown ? id : "...");
        }
    }
}

enum status compiler_check_cycles(const struct patch *patch, struct graph *graph, struct complaint *complaint)
{
    memset(graph, 0, sizeof *graph);
    graph->nodes = (uint32_t)patch_module_count(patch);
    for (size_t i = 0; i < patch_cable_count(patch); i++) {
        const struct patch_cable *cable = patch_cable_at(patch, i);
        const uint32_t to = compiler_index(patch, cable->to);
        if (!patch_module_at(patch, to)->type->feedback) {
            graph->edge[graph->edges++] =
                (struct graph_edge){(uint16_t)compiler_index(patch, cable->from), (uint16_t)to};
        }
    }
    uint16_t cycle[PROGRAM_MODULES_MAX];
    const uint32_t count = graph_cycle(graph, cycle);
    if (count == 0) {
        return STATUS_OK;
    }
    char text[COMPLAINT_SIZE];
    spell(patch, cycle, count, text);
    return complain(complaint, STATUS_INVALID, "a cycle needs a module of type feedback in it: %s", text);
}
