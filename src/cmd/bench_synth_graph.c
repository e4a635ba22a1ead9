// SPDX-License-Identifier: GPL-3.0-or-later
// The module graph beside scsynth: 500 voices of sine, ADSR envelope and resonant low-pass, rendered faster than real
// time on one thread; and what it costs a rack that plays to be given one module more.
//
// scsynth is a program that starts, reads a score and writes a file: what that takes with no voice at all is taken off
// its time. Ours is measured from the first frame to the last.
#include "cmd/bench_scsynth.h"

#include "core/clock.h"
#include "synth/compiler.h"
#include "synth/modules.h"
#include "synth/patch_file.h"
#include "synth/rack.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VOICES = 500, SECONDS = 10, BLOCK = 64, LIVE_BLOCK = 32, LIVE_RATE = 96000, SETTLE = 200 };

static const char voices_patch[] = "modules:\n"
                                   "  keys: {type: notes, voices: 500}\n"
                                   "  osc: {type: sine}\n"
                                   "  env: {type: adsr, attack: 10, decay: 100, sustain: 0.5, release: 300}\n"
                                   "  filter: {type: svf, cutoff: 2000, resonance: 0.5}\n"
                                   "  amp: {type: vca}\n"
                                   "  out: {type: output, gain: -54}\n"
                                   "cables:\n"
                                   "  - keys.pitch -> osc.pitch\n"
                                   "  - keys.gate -> env.gate\n"
                                   "  - osc.out -> filter.in\n"
                                   "  - filter.low -> amp.in\n"
                                   "  - env.out -> amp.gain\n"
                                   "  - amp.out -> out.mono\n";

/// A rack and what it needs, playing a patch.
struct set {
    struct patch *patch;
    struct compiler *compiler;
    struct program *program;
    struct rack *rack;
};

static enum status no_file(void *closure, const struct patch_module *module, char path[PROGRAM_FILE_SIZE],
                           struct complaint *complaint)
{
    (void)closure;
    (void)module;
    (void)complaint;
    path[0] = '\0';
    return STATUS_OK;
}

static void set_done(struct set *set)
{
    rack_free(set->rack);
    compiler_free(set->compiler);
    patch_free(set->patch);
    free(set->program);
}

// Compiled and made ready, but not swapped in.
static enum status prepare(struct set *set, struct rack_bench **out, struct complaint *complaint)
{
    enum status status = compiler_compile(set->compiler, set->patch, no_file, NULL, set->program, complaint);
    if (status == STATUS_OK) {
        compiler_commit(set->compiler);
        status = rack_prepare(set->rack, set->program, out, complaint);
    }
    return status;
}

static enum status set_init(struct set *set, const char *text, double rate, struct complaint *complaint)
{
    *set = (struct set){.program = malloc(sizeof *set->program), .compiler = compiler_new(rate, 0, 2)};
    if (!set->program || !set->compiler) {
        return complain(complaint, STATUS_NO_MEMORY, "out of memory");
    }
    enum status status = patch_file_parse(text, strlen(text), "benchmark", NULL, &set->patch, complaint);
    if (status == STATUS_OK) {
        status = rack_new(rate, 0, 2, &set->rack);
    }
    struct rack_bench *bench = NULL;
    if (status == STATUS_OK) {
        status = prepare(set, &bench, complaint);
    }
    if (status == STATUS_OK) {
        rack_swap(set->rack, bench);
    }
    return status;
}

static enum status start_voices(struct set *set, struct complaint *complaint)
{
    struct patch_module *keys = NULL;
    const enum status status = patch_find(set->patch, "keys", &keys, complaint);
    for (int voice = 0; status == STATUS_OK && voice < VOICES; voice++) {
        const double key = 69 + 12 * log2(bench_voice_hz(voice) / 440);
        const struct module_event event = {.kind = MODULE_EVENT_NOTE_ON, .key = (float)key, .velocity = 1};
        if (!rack_event(set->rack, keys->uid, &event)) {
            return complain(complaint, STATUS_UNKNOWN, "the notes were not taken");
        }
    }
    return status;
}

static double render(struct set *set, uint32_t blocks, uint32_t frames)
{
    float left[BLOCK];
    float right[BLOCK];
    float *const out[2] = {left, right};
    double power = 0;
    for (uint32_t block = 0; block < blocks; block++) {
        rack_render(set->rack, NULL, out, frames);
        power += (double)left[0] * (double)left[0];
    }
    return power;
}

static enum status run_ours(struct cost *cost, struct complaint *complaint)
{
    struct set set;
    enum status status = set_init(&set, voices_patch, BENCH_RATE, complaint);
    if (status == STATUS_OK) {
        status = start_voices(&set, complaint);
    }
    if (status == STATUS_OK) {
        const struct cost start = cost_now();
        const double power = render(&set, SECONDS * BENCH_RATE / BLOCK, BLOCK);
        *cost = cost_since(start);
        if (!(power > 0)) {
            status = complain(complaint, STATUS_CORRUPT, "the voices were silent");
        }
    }
    set_done(&set);
    return status;
}

// How many voices one core plays in real time.
static json_t *voices_json(const struct costs *costs, double off_s)
{
    const double cpu_s = figures_median(&costs->cpu_s) - off_s;
    json_t *json = costs_json(costs, 1.0);
    (void)json_object_set_new(json, "start_s", json_real(off_s));
    (void)json_object_set_new(json, "voices_in_real_time", json_real(cpu_s > 0 ? VOICES * SECONDS / cpu_s : 0));
    return json;
}

static json_t *voices_part(const struct bench *bench, struct complaint *complaint)
{
    struct costs ours = {0};
    struct costs peer = {0};
    struct costs empty = {0};
    enum status with_peer = STATUS_OK;
    struct complaint reason = {""};
    for (int run = 0; run < bench->runs; run++) {
        struct cost cost;
        if (run_ours(&cost, complaint) != STATUS_OK) {
            return NULL;
        }
        costs_add(&ours, cost);
        with_peer = with_peer == STATUS_OK ? bench_scsynth_render(bench, VOICES, SECONDS, &cost, &reason) : with_peer;
        if (with_peer == STATUS_OK) {
            costs_add(&peer, cost);
            with_peer = bench_scsynth_render(bench, 0, SECONDS, &cost, &reason);
            costs_add(&empty, cost);
        }
    }
    json_t *json = json_pack("{s:s, s:i, s:i, s:o}", "what", "sine, ADSR and resonant low-pass at 48 kHz, one thread",
                             "voices", VOICES, "seconds", SECONDS, "tutti", voices_json(&ours, 0));
    if (with_peer != STATUS_OK) {
        (void)json_object_set_new(json, "peer", json_null());
        (void)json_object_set_new(json, "peer_missing", json_string(reason.text));
        return json;
    }
    const double start_s = figures_median(&empty.cpu_s);
    (void)json_object_set_new(json, "peer", voices_json(&peer, start_s));
    const double ratio = (figures_median(&peer.cpu_s) - start_s) / figures_median(&ours.cpu_s);
    (void)json_object_set_new(json, "ratio", json_real(ratio));
    return json;
}

/// \name One module more
/// @{

static const char live_patch[] = "modules:\n"
                                 "  keys: {type: notes, voices: 16}\n"
                                 "  osc: {type: saw}\n"
                                 "  env: {type: adsr}\n"
                                 "  filter: {type: svf}\n"
                                 "  amp: {type: vca}\n"
                                 "  out: {type: output, gain: -20}\n"
                                 "cables:\n"
                                 "  - keys.pitch -> osc.pitch\n"
                                 "  - keys.gate -> env.gate\n"
                                 "  - osc.out -> filter.in\n"
                                 "  - filter.low -> amp.in\n"
                                 "  - env.out -> amp.gain\n"
                                 "  - amp.out -> out.mono\n";

static double block_us(struct set *set)
{
    const int64_t start = clock_now_ns();
    (void)render(set, 1, LIVE_BLOCK);
    return (double)(clock_now_ns() - start) / 1000;
}

// From the last of the block's inputs and outputs that there are, so that the new module is at work at once.
static enum status plug(struct patch *patch, const struct module_type *type, struct complaint *complaint)
{
    enum status status = patch_add(patch, "more", type->name, complaint);
    if (status == STATUS_OK && module_ports(type->inputs) > 0) {
        status = patch_connect(patch, "amp", "out", "more", type->inputs[0].name, 1, complaint);
    }
    if (status == STATUS_OK && module_ports(type->outputs) > 0) {
        status = patch_connect(patch, "more", type->outputs[0].name, "out", "mono", 1, complaint);
    }
    return status;
}

static enum status add_one(const struct module_type *type, double *us, struct complaint *complaint)
{
    struct set set;
    enum status status = set_init(&set, live_patch, LIVE_RATE, complaint);
    struct rack_bench *bench = NULL;
    if (status == STATUS_OK) {
        status = plug(set.patch, type, complaint);
    }
    if (status == STATUS_OK) {
        status = prepare(&set, &bench, complaint);
    }
    if (status == STATUS_OK) {
        struct figures usual = {0};
        for (int i = 0; i < SETTLE; i++) {
            const double one = block_us(&set);
            if (i >= SETTLE - FIGURES_RUNS) {
                figures_add(&usual, one);
            }
        }
        const int64_t start = clock_now_ns();
        rack_swap(set.rack, bench);
        *us = (double)(clock_now_ns() - start) / 1000 + block_us(&set) - figures_median(&usual);
    }
    set_done(&set);
    return status;
}

static json_t *adding_part(const struct bench *bench, struct complaint *complaint)
{
    json_t *types = json_object();
    struct figures all = {0};
    const struct module_type *type = NULL;
    for (size_t i = 0; types && (type = modules_at(i)) != NULL; i++) {
        struct figures figures = {0};
        for (int run = 0; run < bench->runs && !type->has_file; run++) {
            double us = 0;
            if (add_one(type, &us, complaint) != STATUS_OK) {
                json_decref(types);
                return NULL;
            }
            figures_add(&figures, us);
        }
        if (figures.count > 0) {
            figures_add(&all, figures_median(&figures));
            (void)json_object_set_new(types, type->name, figures_json(&figures));
        }
    }
    return json_pack("{s:s, s:o, s:o}", "what",
                     "microseconds more than usual that the block takes in which a module first plays, 96 kHz / 32",
                     "medians", figures_json(&all), "types", types);
}
/// @}

json_t *bench_synth_graph(const struct bench *bench, struct complaint *complaint)
{
    json_t *voices = voices_part(bench, complaint);
    json_t *adding = voices ? adding_part(bench, complaint) : NULL;
    if (!adding) {
        json_decref(voices);
        return NULL;
    }
    return json_pack("{s:s, s:o, s:o}", "peer", "scsynth -N of SuperCollider, one core", "voices", voices, "adding",
                     adding);
}
