// SPDX-License-Identifier: GPL-3.0-or-later
// A block is cut at the frames of its commands. A program that is not prepared yet makes the renderer wait before the
// block, not leave the program out: a slot that is late is replaced, one that differs would be wrong.
//
// The log and the input are read without asking the engine, which overwrites what is old: after the block it is
// checked that what was read could not have been overwritten meanwhile.
#include "play/renderer.h"

#include "play/edge.h"

#include <string.h>

enum {
    CHANNELS_MAX = 64,
    COPIED_A_BLOCK = 128 << 10, ///< bytes of a snapshot
    DIVERGING_BLOCKS = 8,
    GARBAGE = 0xa5,
};

void renderer_announce(struct renderer *renderer)
{
    atomic_store_explicit(&renderer->area->first, renderer->block, memory_order_relaxed);
    atomic_store_explicit(&renderer->area->done, renderer->block, memory_order_release);
}

static void fail_on_purpose(struct renderer *renderer, const struct command *command) REALTIME;

static void fail_on_purpose(struct renderer *renderer, const struct command *command)
{
    if (command->uid != renderer->number) {
        return;
    }
    if (command->index == COMMAND_FAULT_CRASH) {
        edge_crash();
    } else if (command->index == COMMAND_FAULT_GARBAGE) {
        memset((void *)renderer->area, GARBAGE, shared_area_size(&renderer->score->format));
    } else if (command->index == COMMAND_FAULT_DIVERGE) {
        renderer->diverging = DIVERGING_BLOCKS;
    }
}

bool renderer_apply(struct renderer *renderer, const struct command *command)
{
    switch (command->kind) {
    case COMMAND_SET:
        // A module that is gone by now is no error: who sent it could not know.
        renderer->unheard += !rack_set(renderer->rack, command->uid, command->index, command->value);
        return true;
    case COMMAND_EVENT:
        renderer->unheard += !rack_event(renderer->rack, command->uid, &command->event);
        return true;
    case COMMAND_SWAP: {
        struct renderer_benches *benches = renderer->benches;
        struct rack_bench *bench = atomic_exchange(&benches->at[command->serial % SHARED_PROGRAMS], NULL);
        if (bench) {
            rack_swap(renderer->rack, bench);
        }
        return bench != NULL && rack_serial(renderer->rack) == command->serial;
    }
    case COMMAND_FAULT:
        fail_on_purpose(renderer, command);
        return true;
    default:
        return true;
    }
}

// Whether every program that the block before frame `end` begins is prepared.
static bool is_prepared(const struct renderer *renderer, uint64_t written, uint64_t end) REALTIME;

static bool is_prepared(const struct renderer *renderer, uint64_t written, uint64_t end)
{
    const uint64_t ready = atomic_load_explicit(&renderer->benches->ready, memory_order_acquire);
    for (uint64_t i = renderer->log; i < written; i++) {
        const struct command *command = &renderer->score->log[i % SHARED_LOG];
        if (command->frame >= end) {
            break;
        }
        if (command->kind == COMMAND_SWAP && command->serial > ready) {
            return false;
        }
    }
    return true;
}

static void render_part(struct renderer *renderer, float *samples, uint32_t from, uint32_t to) REALTIME;

static void render_part(struct renderer *renderer, float *samples, uint32_t from, uint32_t to)
{
    const struct shared_format *format = &renderer->score->format;
    const float *input = renderer->score->input + shared_input_at(format, renderer->block);
    const float *in[CHANNELS_MAX];
    float *out[CHANNELS_MAX];
    for (uint32_t channel = 0; channel < format->ins; channel++) {
        in[channel] = input + (size_t)channel * format->block + from;
    }
    for (uint32_t channel = 0; channel < format->outs; channel++) {
        out[channel] = samples + (size_t)channel * format->block + from;
    }
    if (to > from) {
        rack_render(renderer->rack, in, out, to - from);
    }
}

// The whole block, with the commands that are in it.
static bool render_block(struct renderer *renderer, uint64_t written, float *samples) REALTIME;

static bool render_block(struct renderer *renderer, uint64_t written, float *samples)
{
    const uint32_t frames = renderer->score->format.block;
    const uint64_t start = renderer->block * frames;
    uint32_t at = 0;
    for (; renderer->log < written; renderer->log++) {
        const struct command command = renderer->score->log[renderer->log % SHARED_LOG];
        if (command.frame >= start + frames) {
            break;
        }
        const uint32_t to = command.frame > start ? (uint32_t)(command.frame - start) : 0;
        if (to > at) {
            render_part(renderer, samples, at, to);
            at = to;
        }
        if (!renderer_apply(renderer, &command)) {
            return false;
        }
    }
    render_part(renderer, samples, at, frames);
    return true;
}

static void diverge(struct renderer *renderer, float *samples) REALTIME;

static void diverge(struct renderer *renderer, float *samples)
{
    if (renderer->diverging > 0) {
        uint32_t bits;
        memcpy(&bits, samples, sizeof bits);
        bits ^= 1;
        memcpy(samples, &bits, sizeof bits);
        renderer->diverging--;
    }
}

// Whether the engine may have overwritten what comes from `log` and `block` on.
static bool is_overtaken(const struct renderer *renderer, uint64_t block, uint64_t log) REALTIME;

static bool is_overtaken(const struct renderer *renderer, uint64_t block, uint64_t log)
{
    const struct shared_score *score = renderer->score;
    const uint64_t go = atomic_load_explicit(&score->go, memory_order_acquire);
    const uint64_t written = atomic_load_explicit(&score->log_written, memory_order_acquire);
    return written - log > SHARED_LOG - SHARED_LOG_MARGIN ||
           (score->format.ins > 0 && go - block > score->format.input_blocks - SHARED_INPUT_MARGIN);
}

enum renderer_result renderer_step(struct renderer *renderer)
{
    const struct shared_score *score = renderer->score;
    const struct shared_format *format = &score->format;
    const uint64_t number = renderer->block;
    const uint64_t log = renderer->log;
    if (number >= atomic_load_explicit(&score->go, memory_order_acquire)) {
        return RENDERER_IDLE;
    }
    const uint64_t written = atomic_load_explicit(&score->log_written, memory_order_acquire);
    if (is_overtaken(renderer, number, log)) {
        return RENDERER_LOST;
    }
    if (!is_prepared(renderer, written, (number + 1) * format->block)) {
        return RENDERER_UNREADY;
    }
    struct shared_block *block = shared_block_at(renderer->area, format, number);
    if (!render_block(renderer, written, block->samples) || is_overtaken(renderer, number, log)) {
        return RENDERER_LOST;
    }
    diverge(renderer, block->samples);
    const size_t bytes = (size_t)format->block * format->outs * sizeof(float);
    block->number = number;
    block->hash = edge_hash(block->samples, bytes, number);
    renderer->block++;
    atomic_store_explicit(&renderer->area->done, renderer->block, memory_order_release);
    return RENDERER_DONE;
}

static void publish(struct renderer *renderer, uint64_t ask) REALTIME;

static void publish(struct renderer *renderer, uint64_t ask)
{
    struct shared_snapshot *snapshot = &renderer->area->snapshot;
    atomic_store_explicit(&snapshot->serial, rack_serial(renderer->rack), memory_order_relaxed);
    atomic_store_explicit(&snapshot->block, renderer->block, memory_order_relaxed);
    atomic_store_explicit(&snapshot->log, renderer->log, memory_order_relaxed);
    atomic_store_explicit(&snapshot->answer, ask, memory_order_release);
    renderer->copying = 0;
}

void renderer_serve(struct renderer *renderer)
{
    struct shared_snapshot *snapshot = &renderer->area->snapshot;
    const struct shared_seat *seat = &renderer->score->seat[1 - renderer->number];
    const uint64_t ask = atomic_load_explicit(&renderer->other->ask, memory_order_acquire);
    if (ask == 0 || ask == atomic_load_explicit(&snapshot->answer, memory_order_relaxed) ||
        atomic_load_explicit(&seat->mode, memory_order_relaxed) != SHARED_JOIN) {
        return;
    }
    if (rack_serial(renderer->rack) == 0) {
        publish(renderer, ask);
        return;
    }
    if (renderer->copying != ask) {
        atomic_store_explicit(&snapshot->answer, 0, memory_order_release);
        atomic_thread_fence(memory_order_seq_cst);
        rack_snapshot_begin(renderer->rack, renderer->area->saved);
        renderer->copying = ask;
    }
    if (rack_snapshot_step(renderer->rack, COPIED_A_BLOCK)) {
        rack_snapshot_finish(renderer->rack);
        publish(renderer, ask);
    }
}
