// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What the rack is made of, for the files rack*.c alone.
#pragma once

#include "synth/modules.h"
#include "synth/rack.h"

#include <stdatomic.h>

enum {
    RACK_CHANNELS_MAX = 64,
    RACK_BLOCK_FLOATS = MODULE_BLOCK * POLY_LANES, ///< of the signal of one group of voices
    RACK_GLIDES_MAX = PROGRAM_MODULES_MAX * MODULE_PARAMS_MAX + PROGRAM_CABLES_MAX,
};

/// What belongs to a module for as long as it lives, however many programs play it. The keep thread's, which counts.
struct rack_life {
    uint32_t life;
    uint32_t uses; ///< benches
    const struct module_type *type;
    struct module_setup setup;
    void *resource;
    bool is_open;
    size_t states_size;
    unsigned char states[]; ///< as they were at the beginning, to start anew from
};

/// Where the signal at an input comes from, in this block.
enum rack_source {
    RACK_SILENCE, ///< nothing that is heard is plugged in
    RACK_DIRECT,  ///< the source's own buffer
    RACK_ONCE,    ///< the same for all groups: mixed with the first
    RACK_MIXED,   ///< mixed for every group
};

/// A cable of a bench.
struct rack_wire {
    const float *from; ///< the first group's block
    uint32_t voices;   ///< of the source
    struct rack_glide *gain;
};

struct rack_input {
    uint16_t wire, wires;
    bool is_mono; ///< hears a sum, in lane 0
    float *once;  ///< a block for what is the same for all groups; NULL where nothing is
    enum rack_source source;
    const float *direct;
    size_t stride; ///< from group to group
};

struct rack_module {
    const struct module_type *type;
    struct rack_life *life;
    struct module_call call; ///< filled but for what changes from group to group
    unsigned char *states;
    size_t state_stride;
    float *out;
    uint32_t groups, voices, inputs, outputs, params, lines;
    struct rack_glide *glides;
    struct module_ramp ramps[MODULE_PARAMS_MAX];
    uint32_t line_sizes[MODULE_LINES_MAX];
    struct rack_input input[MODULE_INPUTS_MAX];
    bool is_stale; ///< a gain began or ended to move: its inputs' sources are to be found again
};

/// Neighbouring modules of as many groups, played group by group so that their signals stay in the nearest cache.
struct rack_run {
    uint32_t module, modules, groups;
};

/// A glide that moves, or is to.
struct rack_moving {
    struct rack_glide *glide;
    struct module_ramp *ramp; ///< NULL for a cable's gain
    struct rack_module *module;
};

struct rack_bench {
    struct rack_bench *before;  ///< the one prepared before, for as long as this can be discarded
    struct rack_bench *retired; ///< the next in the list of those that have played
    float *arena;
    uint32_t runs, moving_count;
    struct rack_run run[PROGRAM_MODULES_MAX];
    struct rack_moving moving[RACK_GLIDES_MAX];
    struct rack_wire wire[PROGRAM_CABLES_MAX];
    uint32_t uid[PROGRAM_MODULES_MAX];
    struct rack_module module[PROGRAM_MODULES_MAX];
    struct program program;
};

/// How far a snapshot has got.
struct rack_copy {
    unsigned char *to; ///< NULL: none was begun
    uint32_t module, line, frame;
    bool is_whole;
    uint64_t written[PROGRAM_MODULES_MAX][MODULE_LINES_MAX]; ///< of each line when its copying began
};

struct rack {
    double rate;
    uint32_t ins, outs;
    uint32_t fade; ///< frames of a glide
    unsigned char *hot;
    float *cold;
    modules_summing *sum;

    // The rendering thread's.
    _Alignas(64) struct rack_bench *playing;
    uint64_t broken;
    uint32_t frames; ///< of the last block that playing made
    float device_in[RACK_CHANNELS_MAX * MODULE_BLOCK];
    float device_out[RACK_CHANNELS_MAX * MODULE_BLOCK];
    _Alignas(64) float zeros[RACK_BLOCK_FLOATS];
    _Alignas(64) float mixed[MODULE_INPUTS_MAX][RACK_BLOCK_FLOATS];
    _Alignas(64) float summed[RACK_BLOCK_FLOATS];
    struct rack_copy copy;

    // The keep thread's.
    _Alignas(64) struct rack_bench *newest;

    /// From the rendering thread to the keep thread.
    _Alignas(64) _Atomic(struct rack_bench *) retired;
};

/// \p size bytes, zeroed, aligned to 64, which free() takes back; NULL when memory is out.
void *rack_memory(size_t size);
/// Gives each module of \p bench its life: that of the program before, or a new one, for which its places are written.
/// The keep thread.
MUST_USE enum status rack_take_modules(struct rack *rack, struct rack_bench *bench, struct complaint *complaint);
/// Writes the places of fresh cables; its modules have their lives. The keep thread.
MUST_USE enum status rack_take_cables(struct rack *rack, const struct rack_bench *bench, struct complaint *complaint);
/// One bench less uses \p life (NULL is fine). The keep thread.
void rack_life_release(struct rack_life *life);
/// Frees \p bench and what no other needs. The keep thread.
void rack_bench_free(struct rack_bench *bench);

/// Aims the glide of \p ramp (NULL: of a cable into \p module).
void rack_bench_aim(struct rack_bench *bench, const struct rack_moving *moving, float target, uint32_t frames) REALTIME;
/// Finds all that moves, from the glides as they stand.
void rack_bench_gather(struct rack_bench *bench) REALTIME;
/// At most \p frames, and not past the end of a glide.
uint32_t rack_bench_limit(const struct rack_bench *bench, uint32_t frames) REALTIME;
/// Moves all glides on by \p frames.
void rack_bench_advance(struct rack_bench *bench, uint32_t frames) REALTIME;

/// Gives the call of \p module the inputs of \p group.
void rack_mix(struct rack *rack, struct rack_module *module, uint32_t group) REALTIME;

/// What a swap makes of a snapshot that is being taken.
void rack_copy_restart(struct rack *rack) REALTIME;
