// SPDX-License-Identifier: GPL-3.0-or-later
// The draft becomes a program: files are looked at, fresh things get places, and all is written down in the order of
// playing, the cables of each module by port.
#include "synth/compiler_parts.h"
#include "synth/modules.h"
#include "synth/rack.h"

#include <stdio.h>
#include <string.h>

enum { HOT_ALIGNMENT = 64, COLD_ALIGNMENT = HOT_ALIGNMENT / (int)sizeof(float) };

/// FNV-1a of the id, well mixed: a module makes the same noise in every run, and another than its neighbour.
static uint64_t seed_of(const char *id)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (; *id; id++) {
        hash = (hash ^ (unsigned char)*id) * UINT64_C(0x100000001b3);
    }
    hash = (hash ^ hash >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    hash = (hash ^ hash >> 27) * UINT64_C(0x94d049bb133111eb);
    return hash ^ hash >> 31;
}

/// Opens what \p module has open while it plays, to see that it can be, and learns how much it saves.
static enum status try_resource(const struct compiler *compiler, const struct module_type *type,
                                struct program_module *module, struct complaint *complaint)
{
    if (!type->open) {
        return STATUS_OK;
    }
    const struct module_setup setup = {.rate = compiler->rate, .voices = module->voices, .seed = module->seed};
    void *resource = NULL;
    const enum status status = type->open(&setup, module->file, module->shown, &resource, complaint);
    if (status) {
        return status;
    }
    const size_t saved = type->saved_size ? type->saved_size(resource) : 0;
    if (type->close) {
        type->close(resource);
    }
    if (saved > PROGRAM_HOT_MAX) {
        return complain(complaint, STATUS_FULL, "module \"%s\" has too much to save: lessen its polyphony", module->id);
    }
    module->saved_size = (uint32_t)saved;
    return STATUS_OK;
}

static enum status take_place(struct compiler *compiler, const struct module_type *type, struct program_module *module,
                              struct complaint *complaint)
{
    uint32_t sizes[MODULE_LINES_MAX];
    uint32_t lines = 0;
    const uint64_t hot = program_hot_size(type, module->voices, module->saved_size);
    const uint64_t cold = program_cold_size(type, compiler->rate, sizes, &lines);
    if (hot > PROGRAM_HOT_MAX || !layout_take(&compiler->hot, (uint32_t)hot, HOT_ALIGNMENT, &module->hot)) {
        return complain(complaint, STATUS_FULL,
                        "no memory is left for the state of module \"%s\": take other modules out, or fewer voices",
                        module->id);
    }
    if (cold > PROGRAM_COLD_MAX || !layout_take(&compiler->cold, (uint32_t)cold, COLD_ALIGNMENT, &module->cold)) {
        return complain(complaint, STATUS_FULL,
                        "no memory is left for the delay lines of module \"%s\": take other delays out", module->id);
    }
    module->hot_size = (uint32_t)hot;
    module->cold_size = (uint32_t)cold;
    return STATUS_OK;
}

/// Finds where the file of \p from is to be read: that which was given, or else the type's own, so that this one too
/// stays the same for as long as it plays. Where that is missing, the type says what to do when it is opened.
static enum status find_file(const struct patch_module *from, compiler_file *file, void *closure,
                             struct program_module *module, struct complaint *complaint)
{
    struct patch_module meant = *from;
    const bool is_given = from->file[0] != '\0';
    if (!is_given && from->type->standard_file) {
        (void)snprintf(meant.file, sizeof meant.file, "%s", from->type->standard_file());
    }
    memcpy(module->file, from->file, sizeof module->file);
    memcpy(module->shown, from->file, sizeof module->shown);
    if (!file || meant.file[0] == '\0') {
        return STATUS_OK;
    }
    char path[PROGRAM_FILE_SIZE] = "";
    const enum status status = file(closure, &meant, path, is_given ? complaint : NULL);
    if (!status) {
        memcpy(module->file, path, sizeof module->file);
        memcpy(module->shown, meant.file, sizeof module->shown);
    }
    return is_given ? status : STATUS_OK;
}

static enum status begin_module(struct compiler *compiler, const struct draft_module *draft, compiler_file *file,
                                void *closure, struct program_module *module, struct complaint *complaint)
{
    const struct patch_module *from = draft->patch;
    memset(module, 0, sizeof *module);
    memcpy(module->id, from->id, sizeof module->id);
    memcpy(module->params, from->params, module_params(draft->type->params) * sizeof *module->params);
    module->life = draft->life;
    module->type = (uint16_t)modules_index(draft->type);
    module->voices = (uint16_t)draft->voices;
    module->seed = seed_of(from->id);
    enum status status = find_file(from, file, closure, module, complaint);
    if (!status) {
        status = try_resource(compiler, draft->type, module, complaint);
    }
    return status ? status : take_place(compiler, draft->type, module, complaint);
}

/// All that the last program uses, and what those before it did as far as they may still play.
static void mark_places(struct compiler *compiler)
{
    const struct plan *last = &compiler->last;
    layout_clear(&compiler->hot, PROGRAM_HOT_MAX);
    layout_clear(&compiler->cold, PROGRAM_COLD_MAX / (int)sizeof(float));
    for (uint32_t i = 0; i < last->program.modules; i++) {
        const struct program_module *module = &last->program.module[i];
        layout_mark(&compiler->hot, (struct layout_place){module->hot, module->hot_size});
        layout_mark(&compiler->cold, (struct layout_place){module->cold, module->cold_size});
    }
    for (uint32_t i = 0; i < last->program.cables; i++) {
        layout_mark(&compiler->hot, (struct layout_place){last->program.cable[i].hot, sizeof(struct rack_glide)});
    }
    for (uint32_t i = 0; i < last->hot_count; i++) {
        layout_mark(&compiler->hot, last->hot[i]);
    }
    for (uint32_t i = 0; i < last->cold_count; i++) {
        layout_mark(&compiler->cold, last->cold[i]);
    }
}

static enum status lay_modules(struct compiler *compiler, compiler_file *file, void *closure,
                               struct complaint *complaint)
{
    const struct draft *draft = &compiler->draft;
    struct plan *next = &compiler->next;
    for (uint32_t i = 0; i < draft->modules; i++) {
        const struct draft_module *from = &draft->module[compiler->order[i]];
        struct program_module *module = &next->program.module[i];
        if (from->old) {
            *module = *from->old;
        } else {
            const enum status status = begin_module(compiler, from, file, closure, module, complaint);
            if (status) {
                return status;
            }
        }
        module->uid = from->patch ? from->patch->uid : 0;
        module->buffer = next->program.buffers;
        next->program.buffers += (uint32_t)module_ports(from->type->outputs) * program_groups(from->voices);
        next->module_leaves[i] = !from->patch;
        if (next->program.buffers > PROGRAM_BUFFERS_MAX) {
            return complain(complaint, STATUS_FULL, "too many voices in too many modules: no buffer is left for \"%s\"",
                            module->id);
        }
    }
    next->program.modules = draft->modules;
    return STATUS_OK;
}

static enum status lay_cable(struct compiler *compiler, const struct draft_cable *from, const uint16_t *places,
                             struct complaint *complaint)
{
    struct plan *next = &compiler->next;
    struct program_cable *cable = &next->program.cable[next->program.cables];
    *cable = (struct program_cable){.life = from->life,
                                    .hot = from->old ? from->old->hot : 0,
                                    .from = places[from->from],
                                    .to = places[from->to],
                                    .from_port = from->from_port,
                                    .to_port = from->to_port,
                                    .gain = from->gain};
    if (!from->old && !layout_take(&compiler->hot, sizeof(struct rack_glide), sizeof(struct rack_glide), &cable->hot)) {
        return complain(complaint, STATUS_FULL, "no memory is left for a cable: take modules out, or fewer voices");
    }
    next->cable_leaves[next->program.cables] = from->leaves;
    next->program.cables++;
    next->program.module[cable->to].cables++;
    return STATUS_OK;
}

static enum status lay_cables(struct compiler *compiler, struct complaint *complaint)
{
    const struct draft *draft = &compiler->draft;
    struct program *program = &compiler->next.program;
    uint16_t places[PROGRAM_MODULES_MAX];
    for (uint32_t i = 0; i < draft->modules; i++) {
        places[compiler->order[i]] = (uint16_t)i;
    }
    for (uint32_t to = 0; to < draft->modules; to++) {
        program->module[to].cable = (uint16_t)program->cables;
        program->module[to].cables = 0;
        for (uint32_t key = 0; key < MODULE_INPUTS_MAX * draft->cables; key++) {
            const struct draft_cable *cable = &draft->cable[key % draft->cables];
            if (cable->to != compiler->order[to] || cable->to_port != key / draft->cables) {
                continue;
            }
            const enum status status = lay_cable(compiler, cable, places, complaint);
            if (status) {
                return status;
            }
        }
    }
    return STATUS_OK;
}

/// How far the program reaches into the memories.
static void measure(struct program *program)
{
    for (uint32_t i = 0; i < program->modules; i++) {
        const struct program_module *module = &program->module[i];
        const uint32_t hot = module->hot + module->hot_size;
        const uint32_t cold = module->cold + module->cold_size;
        program->hot_size = hot > program->hot_size ? hot : program->hot_size;
        program->cold_size = cold > program->cold_size ? cold : program->cold_size;
    }
    for (uint32_t i = 0; i < program->cables; i++) {
        const uint32_t hot = program->cable[i].hot + (uint32_t)sizeof(struct rack_glide);
        program->hot_size = hot > program->hot_size ? hot : program->hot_size;
    }
}

static bool has_module(const struct program *program, uint32_t life)
{
    for (uint32_t i = 0; i < program->modules; i++) {
        if (program->module[i].life == life) {
            return true;
        }
    }
    return false;
}

static bool has_cable(const struct program *program, uint32_t life)
{
    for (uint32_t i = 0; i < program->cables; i++) {
        if (program->cable[i].life == life) {
            return true;
        }
    }
    return false;
}

/// Notes the places of what was in the last program and is not in the next, beside those noted before.
static void note_gone(const struct plan *last, struct plan *next)
{
    next->hot_count = last->hot_count;
    next->cold_count = last->cold_count;
    memcpy(next->hot, last->hot, last->hot_count * sizeof *last->hot);
    memcpy(next->cold, last->cold, last->cold_count * sizeof *last->cold);
    for (uint32_t i = 0; i < last->program.modules; i++) {
        const struct program_module *module = &last->program.module[i];
        if (!has_module(&next->program, module->life)) {
            next->hot[next->hot_count++] = (struct layout_place){module->hot, module->hot_size};
            next->cold[next->cold_count++] = (struct layout_place){module->cold, module->cold_size};
        }
    }
    for (uint32_t i = 0; i < last->program.cables; i++) {
        const struct program_cable *cable = &last->program.cable[i];
        if (!has_cable(&next->program, cable->life)) {
            next->hot[next->hot_count++] = (struct layout_place){cable->hot, sizeof(struct rack_glide)};
        }
    }
}

enum status compiler_lay(struct compiler *compiler, compiler_file *file, void *closure, struct complaint *complaint)
{
    struct plan *next = &compiler->next;
    const uint32_t lives = next->lives;
    memset(next, 0, sizeof *next);
    next->lives = lives;
    next->program.serial = compiler->last.program.serial + 1;
    next->program.rate = compiler->rate;
    mark_places(compiler);
    enum status status = lay_modules(compiler, file, closure, complaint);
    if (!status) {
        status = lay_cables(compiler, complaint);
    }
    if (!status) {
        measure(&next->program);
        note_gone(&compiler->last, next);
    }
    return status;
}
