// SPDX-License-Identifier: GPL-3.0-or-later
// A program comes from another process, which may be ill: everything that is used as an index or an offset is compared
// with what the types ask for, before anything is done with it. Places in memory are sorted to see that none overlap.
#include "synth/program.h"

#include "synth/modules.h"
#include "synth/rack.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    ALIGNMENT = 64,
    GAIN_MAX = 1000,
    PLACES_MAX = PROGRAM_MODULES_MAX + PROGRAM_CABLES_MAX,
    COLD_FRAMES_MAX = PROGRAM_COLD_MAX / (int)sizeof(float),
    COLD_ALIGNMENT = ALIGNMENT / (int)sizeof(float),
};

static const double RATE_MIN = 8000, RATE_MAX = 192000;

static uint32_t aligned(size_t size)
{
    return (uint32_t)((size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
}

uint32_t program_groups(uint32_t voices)
{
    return (voices + POLY_LANES - 1) / POLY_LANES;
}

uint32_t program_states(const struct module_type *type, uint32_t voices)
{
    return type->has_voices ? 1 : program_groups(voices);
}

uint32_t program_state_at(const struct module_type *type, uint32_t group)
{
    const uint32_t glides = aligned(module_params(type->params) * sizeof(struct rack_glide));
    return glides + (type->has_voices ? 0 : group * aligned(type->state_size));
}

uint64_t program_hot_size(const struct module_type *type, uint32_t voices, uint32_t saved)
{
    const uint64_t states = (uint64_t)program_states(type, voices) * aligned(type->state_size);
    return program_state_at(type, 0) + states + ((uint64_t)saved + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

uint64_t program_cold_size(const struct module_type *type, double rate, uint32_t sizes[MODULE_LINES_MAX],
                           uint32_t *lines)
{
    *lines = type->lines ? type->lines(rate, sizes) : 0;
    uint64_t total = 0;
    for (uint32_t i = 0; i < *lines; i++) {
        total += sizes[i];
    }
    return (total + COLD_ALIGNMENT - 1) / COLD_ALIGNMENT * COLD_ALIGNMENT;
}

static enum status no_program(struct complaint *complaint, const char *what, uint32_t index)
{
    return complain(complaint, STATUS_CORRUPT, "a program that cannot be played: %s (at %u)", what, index);
}

static enum status check_head(const struct program *program, struct complaint *complaint)
{
    const bool fits = program->modules <= PROGRAM_MODULES_MAX && program->cables <= PROGRAM_CABLES_MAX &&
                      program->buffers <= PROGRAM_BUFFERS_MAX && program->hot_size <= PROGRAM_HOT_MAX &&
                      program->cold_size <= COLD_FRAMES_MAX;
    if (!fits || program->serial == 0) {
        return no_program(complaint, "its sizes are beyond the limits", 0);
    }
    if (!(program->rate >= RATE_MIN && program->rate <= RATE_MAX)) {
        return no_program(complaint, "its rate is none", 0);
    }
    return STATUS_OK;
}

static bool is_text(const char *text, size_t size)
{
    return memchr(text, '\0', size) != NULL;
}

static bool has_places(const struct program *program, const struct program_module *module,
                       const struct module_type *type)
{
    uint32_t sizes[MODULE_LINES_MAX];
    uint32_t lines = 0;
    const uint64_t cold = program_cold_size(type, program->rate, sizes, &lines);
    return module->hot % ALIGNMENT == 0 && module->saved_size <= PROGRAM_HOT_MAX &&
           (module->saved_size == 0 || type->saved_size) &&
           module->hot_size == program_hot_size(type, module->voices, module->saved_size) &&
           (uint64_t)module->hot + module->hot_size <= program->hot_size && module->cold % COLD_ALIGNMENT == 0 &&
           module->cold_size == cold && (uint64_t)module->cold + module->cold_size <= program->cold_size &&
           (lines == 0 || program_states(type, module->voices) == 1);
}

static bool has_params(const struct program_module *module, const struct module_type *type)
{
    for (size_t i = 0; i < module_params(type->params); i++) {
        const struct module_param *param = &type->params[i];
        if (!(module->params[i] >= param->min && module->params[i] <= param->max)) {
            return false;
        }
    }
    return true;
}

static enum status check_module(const struct program *program, uint32_t index, struct complaint *complaint)
{
    const struct program_module *module = &program->module[index];
    const struct module_type *type = modules_at(module->type);
    if (!type) {
        return no_program(complaint, "there is no such type of module", index);
    }
    if (module->voices < 1 || module->voices > MODULE_VOICES_MAX || (type->mono && module->voices != 1)) {
        return no_program(complaint, "a module cannot have so many voices", index);
    }
    if (module->life == 0 || !is_text(module->id, sizeof module->id) || !is_text(module->file, sizeof module->file) ||
        !is_text(module->shown, sizeof module->shown)) {
        return no_program(complaint, "a module has no name", index);
    }
    if (!has_places(program, module, type)) {
        return no_program(complaint, "a module's places in memory are wrong", index);
    }
    return has_params(module, type) ? STATUS_OK : no_program(complaint, "a parameter is out of its range", index);
}

static enum status check_modules(const struct program *program, struct complaint *complaint)
{
    uint64_t buffer = 0;
    uint32_t cable = 0;
    for (uint32_t i = 0; i < program->modules; i++) {
        const enum status status = check_module(program, i, complaint);
        if (status) {
            return status;
        }
        const struct program_module *module = &program->module[i];
        if (module->buffer != buffer || module->cable != cable) {
            return no_program(complaint, "buffers or cables do not follow each other", i);
        }
        buffer += module_ports(modules_at(module->type)->outputs) * program_groups(module->voices);
        cable += module->cables;
    }
    return buffer == program->buffers && cable == program->cables
               ? STATUS_OK
               : no_program(complaint, "the numbers of buffers or cables are wrong", 0);
}

static bool cable_fits(const struct program *program, uint32_t to, uint32_t index)
{
    const struct program_cable *cable = &program->cable[index];
    if (cable->to != to || cable->from >= program->modules || cable->life == 0) {
        return false;
    }
    const struct module_type *source = modules_at(program->module[cable->from].type);
    const struct module_type *target = modules_at(program->module[to].type);
    const bool is_sorted = index == program->module[to].cable || program->cable[index - 1].to_port <= cable->to_port;
    const uint32_t heard = program->module[cable->from].voices;
    const bool voices_fit = target->mono || target->has_voices || heard == 1 || heard == program->module[to].voices;
    return is_sorted && voices_fit && (cable->from < to || target->feedback) &&
           cable->from_port < module_ports(source->outputs) && cable->to_port < module_ports(target->inputs) &&
           cable->hot % sizeof(struct rack_glide) == 0 &&
           (uint64_t)cable->hot + sizeof(struct rack_glide) <= program->hot_size && fabsf(cable->gain) <= GAIN_MAX;
}

static enum status check_cables(const struct program *program, struct complaint *complaint)
{
    for (uint32_t to = 0; to < program->modules; to++) {
        const struct program_module *module = &program->module[to];
        for (uint32_t i = module->cable; i < (uint32_t)module->cable + module->cables; i++) {
            if (!cable_fits(program, to, i)) {
                return no_program(complaint, "a cable does not fit", i);
            }
        }
    }
    return STATUS_OK;
}

/// Something that no two may share: a stretch of memory, or a number.
struct place {
    uint64_t at, size;
};

static int place_compare(const void *left, const void *right)
{
    const struct place *a = left;
    const struct place *b = right;
    return (a->at > b->at) - (a->at < b->at);
}

static bool places_are_apart(struct place *places, size_t count)
{
    qsort(places, count, sizeof *places, place_compare);
    for (size_t i = 1; i < count; i++) {
        if (places[i - 1].at + places[i - 1].size > places[i].at) {
            return false;
        }
    }
    return true;
}

static bool hot_is_apart(const struct program *program)
{
    struct place places[PLACES_MAX];
    size_t count = 0;
    for (uint32_t i = 0; i < program->modules; i++) {
        if (program->module[i].hot_size > 0) {
            places[count++] = (struct place){program->module[i].hot, program->module[i].hot_size};
        }
    }
    for (uint32_t i = 0; i < program->cables; i++) {
        places[count++] = (struct place){program->cable[i].hot, sizeof(struct rack_glide)};
    }
    return places_are_apart(places, count);
}

static bool cold_is_apart(const struct program *program)
{
    struct place places[PROGRAM_MODULES_MAX];
    size_t count = 0;
    for (uint32_t i = 0; i < program->modules; i++) {
        if (program->module[i].cold_size > 0) {
            places[count++] = (struct place){program->module[i].cold, program->module[i].cold_size};
        }
    }
    return places_are_apart(places, count);
}

static bool lives_are_apart(const struct program *program)
{
    struct place lives[PLACES_MAX];
    size_t count = 0;
    for (uint32_t i = 0; i < program->modules; i++) {
        lives[count++] = (struct place){program->module[i].life, 1};
    }
    for (uint32_t i = 0; i < program->cables; i++) {
        lives[count++] = (struct place){program->cable[i].life, 1};
    }
    return places_are_apart(lives, count);
}

static bool uids_are_apart(const struct program *program)
{
    struct place uids[PROGRAM_MODULES_MAX];
    size_t count = 0;
    for (uint32_t i = 0; i < program->modules; i++) {
        if (program->module[i].uid != 0) {
            uids[count++] = (struct place){program->module[i].uid, 1};
        }
    }
    return places_are_apart(uids, count);
}

enum status program_check(const struct program *program, struct complaint *complaint)
{
    enum status status = check_head(program, complaint);
    if (!status) {
        status = check_modules(program, complaint);
    }
    if (!status) {
        status = check_cables(program, complaint);
    }
    if (!status && !(hot_is_apart(program) && cold_is_apart(program))) {
        status = no_program(complaint, "places in memory overlap", 0);
    }
    if (!status && !(lives_are_apart(program) && uids_are_apart(program))) {
        status = no_program(complaint, "two of one number", 0);
    }
    return status;
}
