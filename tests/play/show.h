// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// An engine on the device that plays to nobody, with a patch of sines, for tests; and what it should have played.
///
/// The test program is its own slot program: its main begins with show_is_slot().
#pragma once

#include "play/engine.h"
#include "synth/compiler.h"

enum { SHOW_RATE = 48000, SHOW_BLOCK = 512, SHOW_OUTS = 2, SHOW_PROGRAMS = 4 };

struct show {
    struct engine *engine;
    struct patch *patch;
    struct compiler *compiler;
    struct program *program[SHOW_PROGRAMS]; ///< in the order of posting
    uint64_t begins[SHOW_PROGRAMS];
    uint32_t programs;
    struct command *commands; ///< that were scheduled, in order of frames
    uint32_t count;
};

/// What \p argv asks of a slot is done, and its exit status is in \p exit.
bool show_is_slot(int argc, char **argv, int *exit);

/// Both slots play; \p patience_ms as in the engine's options. Nothing is posted yet.
struct show *show_new(uint32_t patience_ms);
/// With \p lead blocks rendered ahead.
struct show *show_new_ahead(uint32_t patience_ms, uint32_t lead);
void show_free(struct show *show);

/// Adds a sine called \p id to \p port of the output, at gain 0.3.
void show_add_sine(struct show *show, const char *id, const char *port, double frequency);
/// A sine whose phase is moved by what it was 64 frames ago.
void show_add_loop(struct show *show, const char *id, const char *port, double frequency);
uint32_t show_uid(const struct show *show, const char *id);
/// Posts the patch for \p frame.
void show_post(struct show *show, uint64_t frame);
/// Schedules \p count new frequencies of sine \p id, one every \p step frames from \p frame on.
void show_schedule(struct show *show, const char *id, uint64_t frame, uint32_t step, uint32_t count);
void show_fault(struct show *show, uint32_t slot, enum command_fault fault);

struct engine_stats show_stats(const struct show *show);
/// Fails the test where it does not come.
void show_wait_for_frame(struct show *show, uint64_t frame);
void show_wait_until_redundant(struct show *show);
/// Until \p slot has died as often as \p deaths says.
void show_wait_for_death(struct show *show, uint32_t slot, uint64_t deaths);

/// What plays from the first program on: \p frames frames of channel 0 and as many of channel 1. The caller frees.
float *show_render(const struct show *show, uint32_t frames);
