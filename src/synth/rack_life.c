// SPDX-License-Identifier: GPL-3.0-or-later
// What a module keeps from program to program beside its places in the two memories (its open file, its setup, its
// state as it was at the beginning) is its life, which benches share and count.
//
// A module or cable whose life the program before does not know is fresh: the keep thread writes its places, where
// nothing that plays lies. All else in the memories is the rendering thread's.
#include "synth/modules.h"
#include "synth/rack_parts.h"

#include <stdlib.h>
#include <string.h>

void rack_life_release(struct rack_life *life)
{
    if (!life || --life->uses > 0) {
        return;
    }
    if (life->is_open && life->type->close) {
        life->type->close(life->resource);
    }
    free(life);
}

static enum status life_open(struct rack_life *life, const struct program_module *module, struct complaint *complaint)
{
    const struct module_type *type = life->type;
    if (!type->open) {
        return STATUS_OK;
    }
    const enum status status = type->open(&life->setup, module->file, module->shown, &life->resource, complaint);
    if (status) {
        return status;
    }
    life->is_open = true;
    if (type->saved_size && type->saved_size(life->resource) != module->saved_size) {
        return complain(complaint, STATUS_CORRUPT, "module \"%s\": its file is another than when it was compiled",
                        module->id);
    }
    return STATUS_OK;
}

static void write_states(struct rack *rack, struct rack_life *life, const struct program_module *module)
{
    const struct module_type *type = life->type;
    unsigned char *hot = rack->hot + module->hot;
    memset(hot, 0, module->hot_size);
    if (module->cold_size > 0) {
        memset(rack->cold + module->cold, 0, module->cold_size * sizeof *rack->cold);
    }
    struct rack_glide *glides = (struct rack_glide *)hot;
    for (size_t i = 0; i < module_params(type->params); i++) {
        glides[i] = (struct rack_glide){.value = module->params[i], .target = module->params[i]};
    }
    uint32_t sizes[MODULE_LINES_MAX];
    uint32_t lines = 0;
    (void)program_cold_size(type, rack->rate, sizes, &lines);
    unsigned char *states = hot + program_state_at(type, 0);
    uint32_t at = 0;
    for (uint32_t i = 0; i < lines; i++) {
        ((struct line *)states)[i] = (struct line){.at = at, .size = sizes[i]};
        at += sizes[i];
    }
    for (uint32_t group = 0; type->init && group < program_states(type, module->voices); group++) {
        type->init(&life->setup, group, hot + program_state_at(type, group));
    }
    memcpy(life->states, states, life->states_size);
}

static enum status life_begin(struct rack *rack, const struct program_module *module, struct rack_life **out,
                              struct complaint *complaint)
{
    const struct module_type *type = modules_at(module->type);
    const size_t states_size = (size_t)program_hot_size(type, module->voices, 0) - program_state_at(type, 0);
    struct rack_life *life = rack_memory(sizeof *life + states_size);
    if (!life) {
        return complain(complaint, STATUS_NO_MEMORY, "no memory for module \"%s\"", module->id);
    }
    life->life = module->life;
    life->uses = 1;
    life->type = type;
    life->setup = (struct module_setup){.rate = rack->rate, .voices = module->voices, .seed = module->seed};
    life->states_size = states_size;
    *out = life;
    const enum status status = life_open(life, module, complaint);
    if (!status) {
        write_states(rack, life, module);
    }
    return status;
}

/// The place in \p before of the module of \p life, or -1.
static int find_life(const struct rack_bench *before, uint32_t life)
{
    for (uint32_t i = 0; before && i < before->program.modules; i++) {
        if (before->program.module[i].life == life) {
            return (int)i;
        }
    }
    return -1;
}

static bool is_same(const struct program_module *a, const struct program_module *b)
{
    return a->type == b->type && a->voices == b->voices && a->hot == b->hot && a->hot_size == b->hot_size &&
           a->cold == b->cold && a->saved_size == b->saved_size;
}

static bool overlap(uint64_t at, uint64_t size, uint64_t other, uint64_t other_size)
{
    return size > 0 && other_size > 0 && at < other + other_size && other < at + size;
}

/// Whether nothing of \p program lies where \p size bytes of hot memory at \p hot and frames of cold memory are.
static bool is_free(const struct program *program, uint32_t hot, uint32_t size, uint32_t cold, uint32_t cold_size)
{
    for (uint32_t i = 0; i < program->modules; i++) {
        const struct program_module *module = &program->module[i];
        if (overlap(hot, size, module->hot, module->hot_size) ||
            overlap(cold, cold_size, module->cold, module->cold_size)) {
            return false;
        }
    }
    for (uint32_t i = 0; i < program->cables; i++) {
        if (overlap(hot, size, program->cable[i].hot, sizeof(struct rack_glide))) {
            return false;
        }
    }
    return true;
}

static enum status refuse_place(struct complaint *complaint, const char *what, uint32_t index)
{
    return complain(complaint, STATUS_CORRUPT, "a program that does not follow the one before: %s %u", what, index);
}

enum status rack_take_modules(struct rack *rack, struct rack_bench *bench, struct complaint *complaint)
{
    const struct rack_bench *before = rack->newest;
    for (uint32_t i = 0; i < bench->program.modules; i++) {
        const struct program_module *module = &bench->program.module[i];
        const int old = find_life(before, module->life);
        if (before && old >= 0) {
            if (!is_same(module, &before->program.module[old])) {
                return refuse_place(complaint, "module", i);
            }
            bench->module[i].life = before->module[old].life;
            bench->module[i].life->uses++;
            continue;
        }
        if (before && !is_free(&before->program, module->hot, module->hot_size, module->cold, module->cold_size)) {
            return refuse_place(complaint, "module", i);
        }
        const enum status status = life_begin(rack, module, &bench->module[i].life, complaint);
        if (status) {
            return status;
        }
    }
    return STATUS_OK;
}

/// A cable fades in from nothing, but for one into a fresh module that others hear: that one's own cables fade in, and
/// it is to make from the first frame what it will make.
static void write_gain(struct rack *rack, const struct rack_bench *bench, const struct program_cable *cable)
{
    const struct rack_life *to = bench->module[cable->to].life;
    const bool is_fresh = to->uses == 1;
    const float gain = is_fresh && module_ports(to->type->outputs) > 0 ? cable->gain : 0;
    struct rack_glide *glide = (struct rack_glide *)(rack->hot + cable->hot);
    *glide = (struct rack_glide){.value = gain, .target = gain};
}

static enum status take_cable(struct rack *rack, const struct rack_bench *bench, uint32_t index,
                              struct complaint *complaint)
{
    const struct program *before = rack->newest ? &rack->newest->program : NULL;
    const struct program_cable *cable = &bench->program.cable[index];
    for (uint32_t i = 0; before && i < before->cables; i++) {
        if (before->cable[i].life == cable->life) {
            return before->cable[i].hot == cable->hot ? STATUS_OK : refuse_place(complaint, "cable", index);
        }
    }
    if (before && !is_free(before, cable->hot, sizeof(struct rack_glide), 0, 0)) {
        return refuse_place(complaint, "cable", index);
    }
    write_gain(rack, bench, cable);
    return STATUS_OK;
}

enum status rack_take_cables(struct rack *rack, const struct rack_bench *bench, struct complaint *complaint)
{
    for (uint32_t i = 0; i < bench->program.cables; i++) {
        const enum status status = take_cable(rack, bench, i, complaint);
        if (status) {
            return status;
        }
    }
    return STATUS_OK;
}
