// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// A patch, its compiler and racks that play it in lockstep, for the tests of the module graph. What cannot be fails
/// the test.
#pragma once

#include "synth/compiler.h"
#include "synth/rack.h"

enum { DESK_OUTS = 2, DESK_FRAMES_MAX = 1 << 17 };

static const double DESK_RATE = 48000;

struct desk {
    struct patch *patch;
    struct compiler *compiler;
    struct rack *rack;
    struct program *program; ///< the last that plays
    float out[DESK_OUTS][DESK_FRAMES_MAX];
};

struct desk *desk_new(void);
void desk_free(struct desk *desk);

void desk_add(struct desk *desk, const char *id, const char *type);
void desk_remove(struct desk *desk, const char *id);
/// \p from and \p to are "module.port".
void desk_connect(struct desk *desk, const char *from, const char *to, float gain);
void desk_disconnect(struct desk *desk, const char *from, const char *to);
/// In the patch alone.
void desk_write(struct desk *desk, const char *id, const char *name, const char *text);
/// In the patch, and at once in the rack.
void desk_set(struct desk *desk, const char *id, const char *name, double value);
uint32_t desk_uid(const struct desk *desk, const char *id);

/// Compiles the patch, commits and plays it from the next frame on.
void desk_play(struct desk *desk);
/// Renders \p frames frames in calls of \p block to the beginning of \c out.
void desk_render(struct desk *desk, uint32_t frames, uint32_t block);
/// The same with another rack that is to be a copy of the desk's: the outputs are \p out.
void desk_render_rack(struct rack *rack, uint32_t frames, uint32_t block, float *const out[DESK_OUTS]);

/// Largest absolute value, and largest step from frame to frame, of the first \p frames of channel 0.
float desk_peak(const struct desk *desk, uint32_t frames);
float desk_step(const struct desk *desk, uint32_t frames);
