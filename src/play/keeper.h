// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Keeps two slots alive: starts them, watches them, ends those that are no good, and starts others in their place.
///
/// What happens is told in the log: slot_started, slot_playing, slot_lost, sound_restarted.
#pragma once

#include "play/conductor.h"
#include "play/engine.h"

struct keeper;

struct keeper_options {
    struct shared_score *score;
    const struct shared_area *area[SHARED_SLOTS];
    int score_fd, area_fd[SHARED_SLOTS];
    struct conductor *conductor;
    const char *program;  ///< run as `PROGRAM slot ...`
    bool alone;           ///< slot 0 only
    uint32_t patience_ms; ///< for a slot that is behind
};

struct keeper_facts {
    enum engine_slot_state state;
    int pid;
    uint64_t deaths, joins;
    double join_ms;
};

/// Starts the slots. All of \p options outlives it. STATUS_IO where a process cannot be had.
MUST_USE enum status keeper_new(const struct keeper_options *options, struct keeper **out, struct complaint *complaint);
/// Ends the slots: those that do not go when they are told are killed. NULL is fine.
void keeper_free(struct keeper *keeper);

// Any thread but audio.

/// Of slot \p number.
struct keeper_facts keeper_facts(const struct keeper *keeper, uint32_t number);
/// Serial of the last program that was swapped in, after which those before it are needed no more.
uint64_t keeper_swapped(const struct keeper *keeper);
/// Has the process that slot \p number is now replaced, for \p cause, a constant.
void keeper_replace(struct keeper *keeper, uint32_t number, const char *cause);
