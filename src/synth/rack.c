// SPDX-License-Identifier: GPL-3.0-or-later
// A render is cut into blocks of at most MODULE_BLOCK frames, which end where a glide does. In each, the modules play
// in the program's order, those that may close a cycle take their inputs in at the end, and what reached the device's
// channels is handed out.
//
// A number that is not finite spreads over all that hears it and stays in whatever state took it in. So when one
// arrives at the device, every module that made one in this block begins anew, and what it made is silence. As each
// does, the number is gone from the whole graph after as many blocks as it was recirculated.
#include "core/denormals.h"
#include "synth/rack_parts.h"

#include <math.h>
#include <string.h>

static int find_uid(const struct rack_bench *bench, uint32_t uid)
{
    for (uint32_t i = 0; bench && uid != 0 && i < bench->program.modules; i++) {
        if (bench->uid[i] == uid) {
            return (int)i;
        }
    }
    return -1;
}

static void retire(struct rack *rack, struct rack_bench *bench)
{
    struct rack_bench *first = atomic_load_explicit(&rack->retired, memory_order_relaxed);
    do {
        bench->retired = first;
    } while (!atomic_compare_exchange_weak_explicit(&rack->retired, &first, bench, memory_order_release,
                                                    memory_order_relaxed));
}

void rack_swap(struct rack *rack, struct rack_bench *bench)
{
    struct rack_bench *old = rack->playing;
    rack->playing = bench;
    rack->frames = 0;
    rack_bench_gather(bench);
    for (uint32_t i = 0; i < bench->program.cables; i++) {
        const struct program_cable *cable = &bench->program.cable[i];
        const struct rack_moving moving = {bench->wire[i].gain, NULL, &bench->module[cable->to]};
        rack_bench_aim(bench, &moving, cable->gain, rack->fade);
    }
    rack_copy_restart(rack);
    if (old) {
        retire(rack, old);
    }
}

uint64_t rack_serial(const struct rack *rack)
{
    return rack->playing ? rack->playing->program.serial : 0;
}

bool rack_set(struct rack *rack, uint32_t uid, uint32_t param, float value)
{
    const int index = find_uid(rack->playing, uid);
    if (index < 0 || param >= rack->playing->module[index].params) {
        return false;
    }
    if (isnan(value)) {
        return true;
    }
    struct rack_module *module = &rack->playing->module[index];
    const struct module_param *range = &module->type->params[param];
    const float target = fminf(fmaxf(value, range->min), range->max);
    struct rack_glide *glide = &module->glides[param];
    struct module_ramp *ramp = &module->ramps[param];
    if (range->steps || range->choices) {
        *glide = (struct rack_glide){.value = target, .target = target};
        *ramp = (struct module_ramp){.value = target};
        return true;
    }
    const struct rack_moving moving = {glide, ramp, module};
    rack_bench_aim(rack->playing, &moving, target, rack->fade);
    return true;
}

static bool hand_event(struct rack_module *module, const struct module_event *event)
{
    if (!module->type->event) {
        return false;
    }
    const struct module_call from = module->call;
    const struct module_call call = {.setup = from.setup,
                                     .lanes = module->voices < POLY_LANES ? module->voices : POLY_LANES,
                                     .state = module->states,
                                     .cold = from.cold,
                                     .resource = from.resource,
                                     .plugged = from.plugged,
                                     .params = from.params};
    module->type->event(&call, event);
    return true;
}

bool rack_event(struct rack *rack, uint32_t uid, const struct module_event *event)
{
    struct rack_bench *bench = rack->playing;
    if (!bench || event->kind >= MODULE_EVENT_COUNT || !isfinite(event->key) || !isfinite(event->velocity)) {
        return false;
    }
    if (uid != 0) {
        const int index = find_uid(bench, uid);
        return index >= 0 && hand_event(&bench->module[index], event);
    }
    bool was_taken = false;
    for (uint32_t i = 0; i < bench->program.modules; i++) {
        was_taken |= hand_event(&bench->module[i], event);
    }
    return was_taken;
}

static void set_group(const struct rack *rack, struct rack_module *module, uint32_t group)
{
    struct module_call *call = &module->call;
    const uint32_t rest = module->voices - group * POLY_LANES;
    call->frames = rack->frames;
    call->group = group;
    call->lanes = rest < POLY_LANES ? rest : POLY_LANES;
    call->state = module->states + group * module->state_stride;
    for (uint32_t port = 0; port < module->outputs; port++) {
        call->out[port] = module->out + ((size_t)port * module->groups + group) * RACK_BLOCK_FLOATS;
    }
}

static void play_group(struct rack *rack, struct rack_module *module, uint32_t group)
{
    set_group(rack, module, group);
    if (!module->type->feedback) {
        rack_mix(rack, module, group);
    } else {
        for (uint32_t port = 0; port < module->inputs; port++) {
            module->call.in[port] = rack->zeros;
        }
    }
    module->type->process(&module->call);
}

static void play_modules(struct rack *rack, struct rack_bench *bench)
{
    for (uint32_t i = 0; i < bench->runs; i++) {
        const struct rack_run *run = &bench->run[i];
        for (uint32_t group = 0; group < run->groups; group++) {
            for (uint32_t m = run->module; m < run->module + run->modules; m++) {
                play_group(rack, &bench->module[m], group);
            }
        }
    }
}

static void absorb(struct rack *rack, struct rack_bench *bench)
{
    for (uint32_t i = 0; i < bench->program.modules; i++) {
        struct rack_module *module = &bench->module[i];
        for (uint32_t group = 0; module->type->feedback && group < module->groups; group++) {
            set_group(rack, module, group);
            rack_mix(rack, module, group);
            module->type->absorb(&module->call);
        }
    }
}

static bool are_finite(const float *samples, uint32_t count)
{
    uint32_t bad = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, &samples[i], sizeof bits);
        bad |= (bits & 0x7f800000U) == 0x7f800000U;
    }
    return bad == 0;
}

/// Puts 0 where the output is not finite and counts the frames in which it was not.
static void mend_device(struct rack *rack)
{
    for (uint32_t i = 0; i < rack->frames; i++) {
        bool is_bad = false;
        for (uint32_t channel = 0; channel < rack->outs; channel++) {
            float *sample = &rack->device_out[channel * MODULE_BLOCK + i];
            if (!isfinite(*sample)) {
                *sample = 0;
                is_bad = true;
            }
        }
        rack->broken += is_bad;
    }
}

static bool mend_outputs(const struct rack *rack, const struct rack_module *module)
{
    bool is_bad = false;
    for (uint32_t block = 0; block < module->outputs * module->groups; block++) {
        const uint32_t rest = module->voices - block % module->groups * POLY_LANES;
        const uint32_t lanes = rest < POLY_LANES ? rest : POLY_LANES;
        float *samples = module->out + (size_t)block * RACK_BLOCK_FLOATS;
        for (uint32_t i = 0; i < rack->frames * POLY_LANES; i++) {
            if (i % POLY_LANES < lanes && !isfinite(samples[i])) {
                samples[i] = 0;
                is_bad = true;
            }
        }
    }
    return is_bad;
}

static void mend(struct rack *rack, struct rack_bench *bench)
{
    mend_device(rack);
    bool is_emptied = false;
    for (uint32_t i = 0; i < bench->program.modules; i++) {
        const struct program_module *place = &bench->program.module[i];
        const struct rack_module *module = &bench->module[i];
        if (mend_outputs(rack, module)) {
            memcpy(module->states, module->life->states, module->life->states_size);
            memset(rack->cold + place->cold, 0, place->cold_size * sizeof *rack->cold);
            is_emptied |= place->cold_size > 0;
        }
    }
    if (is_emptied) {
        rack_copy_restart(rack);
    }
}

static void take_in(struct rack *rack, const float *const *in, uint32_t at)
{
    for (uint32_t channel = 0; channel < rack->ins; channel++) {
        float *to = rack->device_in + channel * MODULE_BLOCK;
        memcpy(to, in[channel] + at, rack->frames * sizeof *to);
        for (uint32_t i = 0; !are_finite(to, rack->frames) && i < rack->frames; i++) {
            to[i] = isfinite(to[i]) ? to[i] : 0;
        }
    }
}

static void play_block(struct rack *rack, struct rack_bench *bench)
{
    memset(rack->device_out, 0, (size_t)rack->outs * MODULE_BLOCK * sizeof *rack->device_out);
    play_modules(rack, bench);
    bool is_sound = true;
    for (uint32_t channel = 0; channel < rack->outs; channel++) {
        is_sound &= are_finite(rack->device_out + channel * MODULE_BLOCK, rack->frames);
    }
    if (!is_sound) {
        mend(rack, bench);
    }
    absorb(rack, bench);
    rack_bench_advance(bench, rack->frames);
}

void rack_render(struct rack *rack, const float *const *in, float *const *out, uint32_t frames)
{
    struct rack_bench *bench = rack->playing;
    const uint64_t denormals = denormals_flush();
    for (uint32_t at = 0; at < frames; at += rack->frames) {
        const uint32_t rest = frames - at;
        rack->frames = rest < MODULE_BLOCK ? rest : MODULE_BLOCK;
        if (bench) {
            rack->frames = rack_bench_limit(bench, rack->frames);
            take_in(rack, in, at);
            play_block(rack, bench);
        }
        for (uint32_t channel = 0; channel < rack->outs; channel++) {
            memcpy(out[channel] + at, rack->device_out + channel * MODULE_BLOCK, rack->frames * sizeof **out);
        }
    }
    denormals_restore(denormals);
}

uint64_t rack_broken(const struct rack *rack)
{
    return rack->broken;
}

float rack_peak(const struct rack *rack, uint32_t uid, uint32_t port)
{
    const int index = find_uid(rack->playing, uid);
    if (index < 0 || port >= rack->playing->module[index].outputs) {
        return 0;
    }
    const struct rack_module *module = &rack->playing->module[index];
    float peak = 0;
    for (uint32_t voice = 0; voice < module->voices; voice++) {
        const size_t block = (size_t)port * module->groups + voice / POLY_LANES;
        const float *samples = module->out + block * RACK_BLOCK_FLOATS + voice % POLY_LANES;
        for (uint32_t i = 0; i < rack->frames; i++) {
            peak = fmaxf(peak, fabsf(samples[i * POLY_LANES]));
        }
    }
    return peak;
}
