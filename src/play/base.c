// SPDX-License-Identifier: GPL-3.0-or-later
// The parameters stand in the program itself, where a fresh module starts. A module that lives on in the next program
// keeps its values, one that is fresh begins with the program's.
#include "play/base.h"

#include "synth/modules.h"

#include <string.h>

static struct program_module *find_uid(struct program *program, uint32_t uid)
{
    for (uint32_t i = 0; i < program->modules && uid != 0; i++) {
        if (program->module[i].uid == uid) {
            return &program->module[i];
        }
    }
    return NULL;
}

static const struct program_module *find_life(const struct program *program, uint32_t life)
{
    for (uint32_t i = 0; i < program->modules; i++) {
        if (program->module[i].life == life) {
            return &program->module[i];
        }
    }
    return NULL;
}

static void set(struct base *base, const struct command *command)
{
    struct program_module *module = find_uid(&base->program, command->uid);
    const struct module_type *type = module ? modules_at(module->type) : NULL;
    if (!type || command->index >= module_params(type->params) || command->value != command->value) {
        return;
    }
    const struct module_param *param = &type->params[command->index];
    const float low = command->value > param->min ? command->value : param->min;
    module->params[command->index] = low < param->max ? low : param->max;
}

static void swap(struct base *base, const struct shared_score *score, uint64_t serial)
{
    const struct program *next = &score->pool[serial % SHARED_PROGRAMS].program;
    if (next->serial != serial) {
        return;
    }
    float kept[PROGRAM_MODULES_MAX][MODULE_PARAMS_MAX];
    for (uint32_t i = 0; i < next->modules; i++) {
        const struct program_module *module = find_life(&base->program, next->module[i].life);
        memcpy(kept[i], module ? module->params : next->module[i].params, sizeof kept[i]);
    }
    memcpy(&base->program, next, sizeof base->program);
    for (uint32_t i = 0; i < next->modules; i++) {
        memcpy(base->program.module[i].params, kept[i], sizeof kept[i]);
    }
    atomic_store_explicit(&base->serial, serial, memory_order_release);
}

void base_read(struct base *base, const struct shared_score *score, uint64_t swapped)
{
    const uint64_t written = atomic_load_explicit(&score->log_written, memory_order_acquire);
    if (written - base->log > SHARED_LOG - SHARED_LOG_MARGIN) {
        base->lost += written - base->log;
        base->log = written;
        if (swapped > base->program.serial) {
            swap(base, score, swapped);
        }
    }
    for (; base->log < written; base->log++) {
        const struct command *command = &score->log[base->log % SHARED_LOG];
        if (command->kind == COMMAND_SET) {
            set(base, command);
        } else if (command->kind == COMMAND_SWAP) {
            swap(base, score, command->serial);
        }
    }
}
