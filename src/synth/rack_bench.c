// SPDX-License-Identifier: GPL-3.0-or-later
// A bench is a program made ready: the copy that was checked, a buffer for every output, and everything found in
// advance that is looked up in each block. Only the keep thread makes and frees benches.
#include "synth/modules.h"
#include "synth/rack_parts.h"

#include <stdlib.h>
#include <string.h>

void rack_bench_free(struct rack_bench *bench)
{
    for (uint32_t i = 0; i < bench->program.modules; i++) {
        rack_life_release(bench->module[i].life);
    }
    free(bench->arena);
    free(bench);
}

static bool hears_one(const struct rack_module *module)
{
    return module->type->mono || module->type->has_voices || module->voices == 1;
}

static void set_shape(struct rack *rack, struct rack_module *module, uint32_t voices)
{
    const struct module_type *type = module->life->type;
    (void)program_cold_size(type, rack->rate, module->line_sizes, &module->lines);
    module->type = type;
    module->groups = program_groups(voices);
    module->voices = voices;
    module->inputs = (uint32_t)module_ports(type->inputs);
    module->outputs = (uint32_t)module_ports(type->outputs);
    module->params = (uint32_t)module_params(type->params);
    for (uint32_t port = 0; port < module->inputs; port++) {
        module->input[port].is_mono = hears_one(module);
    }
}

static void set_memory(struct rack *rack, struct rack_bench *bench, uint32_t index)
{
    const struct program_module *from = &bench->program.module[index];
    struct rack_module *module = &bench->module[index];
    module->glides = (struct rack_glide *)(rack->hot + from->hot);
    module->states = rack->hot + from->hot + program_state_at(module->type, 0);
    module->state_stride = program_state_at(module->type, 1) - program_state_at(module->type, 0);
    module->out = bench->arena + (size_t)from->buffer * RACK_BLOCK_FLOATS;
    module->call = (struct module_call){.setup = &module->life->setup,
                                        .state = module->states,
                                        .cold = rack->cold + from->cold,
                                        .resource = module->life->resource,
                                        .device_in = rack->device_in,
                                        .device_out = rack->device_out,
                                        .device_ins = rack->ins,
                                        .device_outs = rack->outs,
                                        .unheard = ~0U,
                                        .params = module->ramps};
    bench->uid[index] = from->uid;
}

static void set_wires(struct rack *rack, struct rack_bench *bench)
{
    for (uint32_t i = 0; i < bench->program.cables; i++) {
        const struct program_cable *cable = &bench->program.cable[i];
        const struct rack_module *from = &bench->module[cable->from];
        struct rack_module *to = &bench->module[cable->to];
        struct rack_input *input = &to->input[cable->to_port];
        bench->wire[i] =
            (struct rack_wire){.from = from->out + (size_t)cable->from_port * from->groups * RACK_BLOCK_FLOATS,
                               .voices = from->voices,
                               .gain = (struct rack_glide *)(rack->hot + cable->hot)};
        if (input->wires++ == 0) {
            input->wire = (uint16_t)i;
        }
        to->call.plugged |= 1U << cable->to_port;
        bench->module[cable->from].call.unheard &= ~(1U << cable->from_port);
    }
}

/// Whether an input is the same for all of several groups.
static bool is_once(const struct program *program, const struct rack_module *module, const struct program_module *from,
                    uint32_t port)
{
    if (module->groups == 1) {
        return false;
    }
    uint32_t of_one = 0;
    uint32_t of_many = 0;
    for (uint32_t i = from->cable; i < (uint32_t)from->cable + from->cables; i++) {
        const struct program_cable *cable = &program->cable[i];
        if (cable->to_port == port) {
            of_one += program->module[cable->from].voices == 1;
            of_many += program->module[cable->from].voices > 1;
        }
    }
    return hears_one(module) ? of_one + of_many > 0 : of_one > 0 && of_many == 0;
}

/// Counts the blocks that inputs need for themselves or, where \p at is given, hands them out.
static uint32_t set_inputs(struct rack_bench *bench, float *at)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < bench->program.modules; i++) {
        struct rack_module *module = &bench->module[i];
        for (uint32_t port = 0; port < module->inputs; port++) {
            if (is_once(&bench->program, module, &bench->program.module[i], port)) {
                module->input[port].once = at ? at + (size_t)count * RACK_BLOCK_FLOATS : NULL;
                count++;
            }
        }
    }
    return count;
}

static void set_runs(struct rack_bench *bench)
{
    for (uint32_t i = 0; i < bench->program.modules; i++) {
        const uint32_t groups = bench->module[i].groups;
        struct rack_run *last = bench->runs > 0 ? &bench->run[bench->runs - 1] : NULL;
        // What a module of several groups hears from another of as many is of the same group, but for one that has
        // voices: it hears the sum of all.
        if (last && last->groups == groups && groups > 1 && !bench->module[i].type->has_voices) {
            last->modules++;
        } else {
            bench->run[bench->runs++] = (struct rack_run){.module = i, .modules = 1, .groups = groups};
        }
    }
}

static enum status fill(struct rack *rack, struct rack_bench *bench, struct complaint *complaint)
{
    for (uint32_t i = 0; i < bench->program.modules; i++) {
        set_shape(rack, &bench->module[i], bench->program.module[i].voices);
    }
    const size_t blocks = (size_t)bench->program.buffers + set_inputs(bench, NULL);
    bench->arena = rack_memory((blocks + 1) * RACK_BLOCK_FLOATS * sizeof *bench->arena);
    if (!bench->arena) {
        return complain(complaint, STATUS_NO_MEMORY, "no memory for the signals of %u modules", bench->program.modules);
    }
    (void)set_inputs(bench, bench->arena + (size_t)bench->program.buffers * RACK_BLOCK_FLOATS);
    for (uint32_t i = 0; i < bench->program.modules; i++) {
        set_memory(rack, bench, i);
    }
    set_wires(rack, bench);
    set_runs(bench);
    return STATUS_OK;
}

static enum status check(const struct rack *rack, const struct program *program, struct complaint *complaint)
{
    const enum status status = program_check(program, complaint);
    if (status) {
        return status;
    }
    if (program->rate != rack->rate) {
        return complain(complaint, STATUS_INVALID, "a program for %g Hz cannot be played at %g Hz", program->rate,
                        rack->rate);
    }
    if (rack->newest && program->serial != rack->newest->program.serial + 1) {
        return complain(complaint, STATUS_INVALID, "program %llu does not follow program %llu",
                        (unsigned long long)program->serial, (unsigned long long)rack->newest->program.serial);
    }
    return STATUS_OK;
}

enum status rack_prepare(struct rack *rack, const struct program *program, struct rack_bench **out,
                         struct complaint *complaint)
{
    *out = NULL;
    struct rack_bench *bench = rack_memory(sizeof *bench);
    if (!bench) {
        return complain(complaint, STATUS_NO_MEMORY, "no memory for a program");
    }
    // The copy is checked, for the original may change in the meantime.
    memcpy(&bench->program, program, sizeof *program);
    enum status status = check(rack, &bench->program, complaint);
    if (status) {
        free(bench);
        return status;
    }
    status = rack_take_modules(rack, bench, complaint);
    if (!status) {
        status = rack_take_cables(rack, bench, complaint);
    }
    if (!status) {
        status = fill(rack, bench, complaint);
    }
    if (status) {
        rack_bench_free(bench);
        return status;
    }
    bench->before = rack->newest;
    rack->newest = bench;
    *out = bench;
    return STATUS_OK;
}

void rack_discard(struct rack *rack, struct rack_bench *bench)
{
    rack->newest = bench->before;
    rack_bench_free(bench);
}

void rack_tidy(struct rack *rack)
{
    struct rack_bench *bench = atomic_exchange_explicit(&rack->retired, NULL, memory_order_acquire);
    while (bench) {
        struct rack_bench *next = bench->retired;
        rack_bench_free(bench);
        bench = next;
    }
}
