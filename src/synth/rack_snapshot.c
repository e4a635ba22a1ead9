// SPDX-License-Identifier: GPL-3.0-or-later
// A snapshot is a head and images of the two memories, in which everything lies at the offset that it has in the rack;
// only what the playing program's modules and cables own is written, as all else may be the keep thread's at this
// moment.
//
// The frames of delay lines are copied piece by piece while the rack plays on. How many frames a line had written when
// its copying began is noted, and finish copies what was written since once more, so that every frame of the copy is
// from one moment, at which it copies the hot memory, too. A snapshot that is not whole has no magic number.
#include "synth/rack_parts.h"

#include <math.h>
#include <string.h>

enum { HEAD = 64 << 10, COLD_AT = HEAD + PROGRAM_HOT_MAX };

static const uint64_t MAGIC = UINT64_C(0x3170616e73697474); // "ttisnap1"

struct head {
    uint64_t magic;
    uint64_t serial;
    double rate;
    uint32_t modules, cables, hot_size, cold_size;
};

_Static_assert(COLD_AT + PROGRAM_COLD_MAX == RACK_SNAPSHOT_SIZE, "the images fill a snapshot");

size_t rack_snapshot_size(const struct program *program)
{
    return COLD_AT + program->cold_size * sizeof(float);
}

static struct line *lines_of(const struct rack_module *module)
{
    return (struct line *)module->states;
}

void rack_copy_restart(struct rack *rack)
{
    rack->copy.module = 0;
    rack->copy.line = 0;
    rack->copy.frame = 0;
    rack->copy.is_whole = false;
}

void rack_snapshot_begin(struct rack *rack, void *to)
{
    rack->copy.to = to;
    memset(to, 0, sizeof(struct head));
    rack_copy_restart(rack);
}

static void copy_frames(const struct rack *rack, uint32_t at, uint32_t count)
{
    float *cold = (float *)(rack->copy.to + COLD_AT);
    memcpy(cold + at, rack->cold + at, count * sizeof *cold);
}

/// Copies the next frames of the line at hand, at most \p most, and steps on where it is done.
static uint32_t copy_piece(struct rack *rack, const struct rack_bench *bench, uint32_t most)
{
    struct rack_copy *copy = &rack->copy;
    const struct rack_module *module = &bench->module[copy->module];
    if (copy->line == module->lines) {
        copy->module++;
        copy->line = 0;
        return 0;
    }
    const struct line *line = &lines_of(module)[copy->line];
    if (copy->frame == 0) {
        copy->written[copy->module][copy->line] = line->written;
    }
    const uint32_t rest = line->size - copy->frame;
    const uint32_t count = rest < most ? rest : most;
    copy_frames(rack, bench->program.module[copy->module].cold + line->at + copy->frame, count);
    copy->frame += count;
    if (copy->frame == line->size) {
        copy->line++;
        copy->frame = 0;
    }
    return count;
}

bool rack_snapshot_step(struct rack *rack, size_t bytes)
{
    struct rack_copy *copy = &rack->copy;
    const struct rack_bench *bench = rack->playing;
    if (!copy->to || !bench) {
        return false;
    }
    const size_t frames = bytes / sizeof(float);
    uint32_t most = frames < PROGRAM_COLD_MAX ? (uint32_t)frames : PROGRAM_COLD_MAX;
    while (copy->module < bench->program.modules && (most > 0 || copy->line == bench->module[copy->module].lines)) {
        most -= copy_piece(rack, bench, most);
    }
    copy->is_whole = copy->module == bench->program.modules;
    return copy->is_whole;
}

/// Copies what \p line has written since its copying began.
static void copy_news(const struct rack *rack, uint32_t cold, const struct line *line, uint64_t since)
{
    const uint64_t news = line->written - since;
    if (news >= line->size) {
        copy_frames(rack, cold + line->at, line->size);
        return;
    }
    const uint32_t from = (uint32_t)(since & (line->size - 1));
    const uint32_t to_end = line->size - from;
    const uint32_t first = news < to_end ? (uint32_t)news : to_end;
    copy_frames(rack, cold + line->at + from, first);
    copy_frames(rack, cold + line->at, (uint32_t)news - first);
}

static void copy_module(const struct rack *rack, const struct rack_bench *bench, uint32_t index)
{
    const struct program_module *place = &bench->program.module[index];
    const struct rack_module *module = &bench->module[index];
    unsigned char *to = rack->copy.to + HEAD + place->hot;
    const size_t size = (size_t)(module->states - (rack->hot + place->hot)) + module->life->states_size;
    memcpy(to, rack->hot + place->hot, size);
    if (place->saved_size > 0) {
        module->type->save(module->life->resource, to + size);
    }
    for (uint32_t i = 0; i < module->lines; i++) {
        copy_news(rack, place->cold, &lines_of(module)[i], rack->copy.written[index][i]);
    }
}

void rack_snapshot_finish(struct rack *rack)
{
    const struct rack_bench *bench = rack->playing;
    if (!rack->copy.to || !rack->copy.is_whole || !bench) {
        return;
    }
    const struct program *program = &bench->program;
    for (uint32_t i = 0; i < program->modules; i++) {
        copy_module(rack, bench, i);
    }
    for (uint32_t i = 0; i < program->cables; i++) {
        memcpy(rack->copy.to + HEAD + program->cable[i].hot, bench->wire[i].gain, sizeof(struct rack_glide));
    }
    const struct head head = {.magic = MAGIC,
                              .serial = program->serial,
                              .rate = program->rate,
                              .modules = program->modules,
                              .cables = program->cables,
                              .hot_size = program->hot_size,
                              .cold_size = program->cold_size};
    memcpy(rack->copy.to, &head, sizeof head);
    rack->copy.to = NULL;
}

uint64_t rack_snapshot_serial(const void *from)
{
    struct head head;
    memcpy(&head, from, sizeof head);
    const bool is_sound = head.magic == MAGIC && head.modules <= PROGRAM_MODULES_MAX &&
                          head.cables <= PROGRAM_CABLES_MAX && head.hot_size <= PROGRAM_HOT_MAX &&
                          head.cold_size <= PROGRAM_COLD_MAX / sizeof(float);
    return is_sound ? head.serial : 0;
}

static bool is_of(const struct head *head, const struct program *program)
{
    return head->magic == MAGIC && head->serial == program->serial && head->rate == program->rate &&
           head->modules == program->modules && head->cables == program->cables &&
           head->hot_size == program->hot_size && head->cold_size == program->cold_size;
}

static bool glide_is_sound(const struct rack *rack, const struct rack_glide *glide, float min, float max)
{
    const float end = glide->value + glide->step * (float)glide->left;
    return glide->value >= min && glide->value <= max && glide->target >= min && glide->target <= max &&
           glide->left <= rack->fade && (glide->left > 0 || glide->value == glide->target) && isfinite(glide->step) &&
           end >= fminf(glide->value, glide->target) && end <= fmaxf(glide->value, glide->target);
}

static bool lines_are_sound(const struct rack *rack, const struct rack_module *module, uint32_t cold)
{
    uint32_t at = 0;
    for (uint32_t i = 0; i < module->lines; i++) {
        const struct line *line = &lines_of(module)[i];
        if (line->at != at || line->size != module->line_sizes[i]) {
            return false;
        }
        at += line->size;
    }
    bool is_bad = false;
    for (uint32_t i = 0; i < at; i++) {
        is_bad |= !isfinite(rack->cold[cold + i]);
    }
    return !is_bad;
}

static bool restore_module(struct rack *rack, const struct rack_bench *bench, uint32_t index, const unsigned char *from)
{
    const struct program_module *place = &bench->program.module[index];
    const struct rack_module *module = &bench->module[index];
    const size_t size = (size_t)(module->states - (rack->hot + place->hot)) + module->life->states_size;
    memcpy(rack->hot + place->hot, from + HEAD + place->hot, size);
    memcpy(rack->cold + place->cold, from + COLD_AT + place->cold * sizeof *rack->cold,
           place->cold_size * sizeof *rack->cold);
    for (uint32_t i = 0; i < module->params; i++) {
        const struct module_param *param = &module->type->params[i];
        if (!glide_is_sound(rack, &module->glides[i], param->min, param->max)) {
            return false;
        }
    }
    return lines_are_sound(rack, module, place->cold) &&
           (place->saved_size == 0 || module->type->restore(module->life->resource, from + HEAD + place->hot + size,
                                                            place->saved_size) == STATUS_OK);
}

static bool restore_cable(struct rack *rack, const struct rack_bench *bench, uint32_t index, const unsigned char *from)
{
    const struct program_cable *cable = &bench->program.cable[index];
    struct rack_glide *glide = bench->wire[index].gain;
    memcpy(glide, from + HEAD + cable->hot, sizeof *glide);
    const float most = 1000;
    return glide_is_sound(rack, glide, -most, most) && glide->target == cable->gain;
}

enum status rack_restore(struct rack *rack, const void *from)
{
    struct rack_bench *bench = rack->playing;
    struct head head;
    memcpy(&head, from, sizeof head);
    if (!bench || !is_of(&head, &bench->program)) {
        return STATUS_CORRUPT;
    }
    bool is_sound = true;
    for (uint32_t i = 0; i < bench->program.modules && is_sound; i++) {
        is_sound = restore_module(rack, bench, i, from);
    }
    for (uint32_t i = 0; i < bench->program.cables && is_sound; i++) {
        is_sound = restore_cable(rack, bench, i, from);
    }
    if (!is_sound) {
        return STATUS_CORRUPT;
    }
    rack->frames = 0;
    rack_copy_restart(rack);
    rack_bench_gather(bench);
    return STATUS_OK;
}
