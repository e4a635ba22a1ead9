// SPDX-License-Identifier: GPL-3.0-or-later
// What is on its way out plays on beside what is new, and each of the two may be without a cycle while both together
// are not (a cable that was turned round). Then the modules on such cycles begin new lives: their old ones keep the old
// cables, the new ones get the new, and no way leads from the old cables to the new and back.
//
// A module that leaves keeps what it hears, for a pitch that goes to 0 would be heard before the sound is gone; only
// its cables to what stays are aimed at 0. One without outputs is the exception: what it hears is what is heard.
#include "synth/compiler_parts.h"
#include "synth/modules.h"

#include <string.h>

/// The module of the last program that goes on as \p module, or NULL.
static const struct program_module *find_module(const struct compiler *compiler, const struct patch_module *module,
                                                uint32_t index)
{
    const struct program *last = &compiler->last.program;
    for (uint32_t i = 0; i < last->modules && !compiler->renewed[index]; i++) {
        if (last->module[i].uid == module->uid) {
            return last->module[i].voices == compiler->voices[index] ? &last->module[i] : NULL;
        }
    }
    return NULL;
}

static int find_life(const struct draft *draft, uint32_t life)
{
    for (uint32_t i = 0; i < draft->modules; i++) {
        if (draft->module[i].life == life) {
            return (int)i;
        }
    }
    return -1;
}

static enum status add_module(struct draft *draft, struct draft_module module, struct complaint *complaint)
{
    if (draft->modules == PROGRAM_MODULES_MAX) {
        return complain(complaint, STATUS_FULL, "at most %d modules can play, those that fade out included",
                        PROGRAM_MODULES_MAX);
    }
    draft->module[draft->modules++] = module;
    return STATUS_OK;
}

static enum status draft_modules(struct compiler *compiler, const struct patch *patch, struct complaint *complaint)
{
    struct draft *draft = &compiler->draft;
    for (uint32_t i = 0; i < patch_module_count(patch); i++) {
        const struct patch_module *module = patch_module_at(patch, i);
        const struct program_module *old = find_module(compiler, module, i);
        const uint32_t life = old ? old->life : ++compiler->next.lives;
        const enum status status =
            add_module(draft, (struct draft_module){module, old, module->type, life, compiler->voices[i]}, complaint);
        if (status) {
            return status;
        }
    }
    const struct plan *last = &compiler->last;
    for (uint32_t i = 0; i < last->program.modules; i++) {
        const struct program_module *old = &last->program.module[i];
        const bool is_gone = compiler->is_settled && last->module_leaves[i];
        if (is_gone || find_life(draft, old->life) >= 0) {
            continue;
        }
        const enum status status = add_module(
            draft, (struct draft_module){NULL, old, modules_at(old->type), old->life, old->voices}, complaint);
        if (status) {
            return status;
        }
    }
    return STATUS_OK;
}

static enum status add_cable(struct draft *draft, struct draft_cable cable, struct complaint *complaint)
{
    if (draft->cables == PROGRAM_CABLES_MAX) {
        return complain(complaint, STATUS_FULL, "at most %d cables can play, those that fade out included",
                        PROGRAM_CABLES_MAX);
    }
    draft->cable[draft->cables++] = cable;
    return STATUS_OK;
}

/// The cable of the last program between the same ports of modules that go on, or NULL.
static const struct program_cable *find_cable(const struct program *last, const struct draft *draft,
                                              const struct draft_cable *cable)
{
    const uint32_t from = draft->module[cable->from].life;
    const uint32_t to = draft->module[cable->to].life;
    for (uint32_t i = 0; i < last->cables; i++) {
        const struct program_cable *old = &last->cable[i];
        if (old->from_port == cable->from_port && old->to_port == cable->to_port &&
            last->module[old->from].life == from && last->module[old->to].life == to) {
            return old;
        }
    }
    return NULL;
}

static enum status draft_new_cables(struct compiler *compiler, const struct patch *patch, struct complaint *complaint)
{
    struct draft *draft = &compiler->draft;
    for (uint32_t i = 0; i < patch_cable_count(patch); i++) {
        const struct patch_cable *from = patch_cable_at(patch, i);
        struct draft_cable cable = {.from = (uint16_t)compiler_index(patch, from->from),
                                    .to = (uint16_t)compiler_index(patch, from->to),
                                    .from_port = (uint8_t)from->from_port,
                                    .to_port = (uint8_t)from->to_port,
                                    .gain = from->gain};
        cable.old = find_cable(&compiler->last.program, draft, &cable);
        cable.life = cable.old ? cable.old->life : ++compiler->next.lives;
        const enum status status = add_cable(draft, cable, complaint);
        if (status) {
            return status;
        }
    }
    return STATUS_OK;
}

static bool has_cable(const struct draft *draft, uint32_t count, uint32_t life)
{
    for (uint32_t i = 0; i < count; i++) {
        if (draft->cable[i].life == life) {
            return true;
        }
    }
    return false;
}

static bool keeps_gain(const struct draft_module *to)
{
    return !to->patch && module_ports(to->type->outputs) > 0;
}

static enum status draft_old_cables(struct compiler *compiler, struct complaint *complaint)
{
    struct draft *draft = &compiler->draft;
    const struct plan *last = &compiler->last;
    const uint32_t living = draft->cables;
    for (uint32_t i = 0; i < last->program.cables; i++) {
        const struct program_cable *old = &last->program.cable[i];
        const int from = find_life(draft, last->program.module[old->from].life);
        const int to = find_life(draft, last->program.module[old->to].life);
        const bool is_gone = compiler->is_settled && last->cable_leaves[i];
        if (is_gone || from < 0 || to < 0 || has_cable(draft, living, old->life)) {
            continue;
        }
        const struct draft_cable cable = {.old = old,
                                          .life = old->life,
                                          .from = (uint16_t)from,
                                          .to = (uint16_t)to,
                                          .from_port = old->from_port,
                                          .to_port = old->to_port,
                                          .leaves = true,
                                          .gain = keeps_gain(&draft->module[to]) ? old->gain : 0};
        const enum status status = add_cable(draft, cable, complaint);
        if (status) {
            return status;
        }
    }
    return STATUS_OK;
}

static enum status draft_all(struct compiler *compiler, const struct patch *patch, struct complaint *complaint)
{
    compiler->next.lives = compiler->last.lives;
    compiler->draft.modules = 0;
    compiler->draft.cables = 0;
    enum status status = draft_modules(compiler, patch, complaint);
    if (!status) {
        status = draft_new_cables(compiler, patch, complaint);
    }
    if (!status) {
        status = draft_old_cables(compiler, complaint);
    }
    return status;
}

static bool find_order(struct compiler *compiler)
{
    const struct draft *draft = &compiler->draft;
    struct graph *graph = &compiler->graph;
    graph->nodes = draft->modules;
    graph->edges = 0;
    for (uint32_t i = 0; i < draft->modules; i++) {
        graph->kind[i] = (uint16_t)program_groups(draft->module[i].voices);
    }
    for (uint32_t i = 0; i < draft->cables; i++) {
        if (!draft->module[draft->cable[i].to].type->feedback) {
            graph->edge[graph->edges++] = (struct graph_edge){draft->cable[i].from, draft->cable[i].to};
        }
    }
    return graph_order(graph, compiler->order) == draft->modules;
}

enum status compiler_draft(struct compiler *compiler, const struct patch *patch, struct complaint *complaint)
{
    memset(compiler->renewed, 0, sizeof compiler->renewed);
    enum status status = draft_all(compiler, patch, complaint);
    if (status || find_order(compiler)) {
        return status;
    }
    graph_core(&compiler->graph, compiler->renewed);
    status = draft_all(compiler, patch, complaint);
    if (!status && !find_order(compiler)) {
        // The proof is in the comment at the top; a program in a wrong order would be refused by every rack.
        status = complain(complaint, STATUS_INVALID, "no order could be found for these modules");
    }
    return status;
}
