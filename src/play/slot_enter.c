// SPDX-License-Identifier: GPL-3.0-or-later
// A slot asks for a state with a number that is never used twice, and gets it from the engine (which says so by the
// slot's mode) or from the other slot. While it waits, the mode may change, when the other dies: then it asks anew, as
// it does whenever what it got cannot be used any more.
//
// Joining: the other's state is copied to memory of our own before it is looked at, and counts only where the other is
// still the same process and did not begin another copy. Then the programs are prepared from the one that plays there,
// and the state is taken over. The slot stands where the other stood, and renders the blocks since then, faster than
// they are played.
//
// Alone: what was played while no slot was there is not rendered any more. The slot begins with the next block; what
// the log says up to there is applied without sound: programs and values. Notes that began in the meantime are lost.
#include "play/slot_parts.h"

#include "play/edge.h"

#include <stdlib.h>
#include <string.h>

enum { ASKS_A_LIFE = 1 << 16, LOOK_MS = 5, REST_MS = 20 };

static void rest(const struct slot *slot, uint32_t ms)
{
    const _Atomic uint32_t *bell = &slot->score->bell;
    edge_wait(bell, atomic_load(bell), ms);
}

// STATUS_AGAIN where the mode changes first.
static enum status wait_for(const struct slot *slot, const _Atomic uint64_t *answer, uint64_t ask, uint32_t mode)
{
    const struct shared_seat *seat = &slot->score->seat[slot->number];
    while (atomic_load_explicit(answer, memory_order_acquire) != ask) {
        if (slot_is_over(slot)) {
            return STATUS_CLOSED;
        }
        if (atomic_load(&seat->mode) != mode) {
            return STATUS_AGAIN;
        }
        rest(slot, LOOK_MS);
    }
    return STATUS_OK;
}

static bool is_held(const struct slot *slot, uint64_t log)
{
    return atomic_load(&slot->score->log_written) - log <= SHARED_LOG - SHARED_LOG_MARGIN;
}

// Prepares what keep->program is, and swaps it in.
static enum status begin_program(struct slot *slot, uint64_t ticket, struct complaint *complaint)
{
    struct rack_bench *bench = NULL;
    const enum status status = rack_prepare(slot->rack, slot->keep.program, &bench, complaint);
    if (!status) {
        slot->keep.prepared = slot->keep.program->serial;
        slot->keep.ticket = ticket;
        atomic_store(&slot->benches.ready, slot->keep.prepared);
        rack_swap(slot->rack, bench);
    }
    return status;
}

// Applies programs and values of the log up to the block that comes next.
static enum status skip(struct slot *slot, struct complaint *complaint)
{
    struct renderer *renderer = &slot->renderer;
    renderer->block = atomic_load_explicit(&slot->score->go, memory_order_acquire);
    const uint64_t written = atomic_load_explicit(&slot->score->log_written, memory_order_acquire);
    for (; renderer->log < written; renderer->log++) {
        const struct command command = slot->score->log[renderer->log % SHARED_LOG];
        if (!is_held(slot, renderer->log)) {
            return STATUS_AGAIN;
        }
        if (command.frame >= renderer->block * slot->score->format.block) {
            break;
        }
        if (command.kind == COMMAND_SWAP && command.serial > slot->keep.prepared) {
            const enum status status = slot_keep_look(&slot->keep, complaint);
            if (status) {
                return status;
            }
        }
        if ((command.kind == COMMAND_SWAP || command.kind == COMMAND_SET) && !renderer_apply(renderer, &command)) {
            return complain(complaint, STATUS_CORRUPT, "program %llu cannot be played",
                            (unsigned long long)command.serial);
        }
    }
    return STATUS_OK;
}

static enum status enter_alone(struct slot *slot, uint64_t ask, struct complaint *complaint)
{
    const struct shared_base *base = &slot->score->base;
    enum status status = wait_for(slot, &base->answer, ask, SHARED_BASE);
    if (status) {
        return status;
    }
    memcpy(slot->keep.program, &base->program, sizeof *slot->keep.program);
    slot->renderer.log = base->log;
    atomic_thread_fence(memory_order_acquire);
    if (atomic_load(&base->answer) != ask) {
        return STATUS_AGAIN;
    }
    status = slot->keep.program->serial ? begin_program(slot, 0, complaint) : STATUS_OK;
    status = status ? status : slot_keep_look(&slot->keep, complaint);
    return status ? status : skip(slot, complaint);
}

// Where the other stands; the serial of what it plays, 0 for nothing.
static uint64_t read_place(struct slot *slot)
{
    const struct shared_snapshot *snapshot = &slot->other->snapshot;
    slot->renderer.block = atomic_load_explicit(&snapshot->block, memory_order_relaxed);
    slot->renderer.log = atomic_load_explicit(&snapshot->log, memory_order_relaxed);
    return atomic_load_explicit(&snapshot->serial, memory_order_relaxed);
}

// Copies the state of program `serial`, and the program.
static bool copy_state(struct slot *slot, uint64_t serial, uint64_t *ticket)
{
    if (!slot_keep_copy(&slot->keep, serial, ticket) || program_check(slot->keep.program, NULL) != STATUS_OK) {
        return false;
    }
    memcpy(slot->state, slot->other->saved, rack_snapshot_size(slot->keep.program));
    atomic_thread_fence(memory_order_acquire);
    return true;
}

// Goes on from the snapshot that answers `ask`.
static enum status take_over(struct slot *slot, uint64_t ask, struct complaint *complaint)
{
    const _Atomic uint64_t *era = &slot->score->seat[1 - slot->number].era;
    const uint64_t before = atomic_load(era);
    const uint64_t serial = read_place(slot);
    uint64_t ticket = 0;
    const bool have = serial == 0 || copy_state(slot, serial, &ticket);
    const bool same = atomic_load(&slot->other->snapshot.answer) == ask && atomic_load(era) == before;
    if (!have || !same || slot->renderer.block > atomic_load(&slot->score->go) ||
        slot->renderer.log > atomic_load(&slot->score->log_written)) {
        return STATUS_AGAIN;
    }
    if (serial == 0) {
        return STATUS_OK;
    }
    const enum status status = begin_program(slot, ticket, complaint);
    return !status && rack_restore(slot->rack, slot->state) != STATUS_OK ? STATUS_AGAIN : status;
}

static enum status enter_joining(struct slot *slot, uint64_t ask, struct complaint *complaint)
{
    atomic_store(&slot->area->state, SHARED_JOINING);
    enum status status = wait_for(slot, &slot->other->snapshot.answer, ask, SHARED_JOIN);
    status = status ? status : take_over(slot, ask, complaint);
    status = status ? status : slot_keep_look(&slot->keep, complaint);
    return !status && !is_held(slot, slot->renderer.log) ? STATUS_AGAIN : status;
}

static enum status make_rack(struct slot *slot, struct complaint *complaint)
{
    rack_free(slot->rack);
    for (uint32_t i = 0; i < SHARED_PROGRAMS; i++) {
        atomic_store(&slot->benches.at[i], NULL); // they were the rack's
    }
    const struct shared_format *format = &slot->score->format;
    slot->rack = NULL;
    slot->keep.prepared = slot->keep.ticket = slot->keep.refused = 0;
    atomic_store(&slot->benches.ready, 0);
    const enum status status = rack_new(format->rate, format->ins, format->outs, &slot->rack);
    slot->keep.rack = slot->renderer.rack = slot->rack;
    return status ? complain(complaint, status, "a rack: %s", status_text(status)) : STATUS_OK;
}

enum status slot_enter(struct slot *slot, struct complaint *complaint)
{
    const struct shared_seat *seat = &slot->score->seat[slot->number];
    const uint64_t era = atomic_load(&seat->era);
    for (uint64_t attempt = 1; attempt < ASKS_A_LIFE; attempt++) {
        enum status status = make_rack(slot, complaint);
        if (status) {
            return status;
        }
        const uint64_t ask = era * ASKS_A_LIFE + attempt;
        atomic_store_explicit(&slot->area->ask, ask, memory_order_release);
        status = atomic_load(&seat->mode) == SHARED_BASE ? enter_alone(slot, ask, complaint)
                                                         : enter_joining(slot, ask, complaint);
        if (status != STATUS_AGAIN) {
            return status;
        }
        if (slot_is_over(slot)) {
            return STATUS_CLOSED;
        }
        rest(slot, REST_MS);
    }
    return complain(complaint, STATUS_AGAIN, "no state to start from could be had");
}
