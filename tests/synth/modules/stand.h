// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// A stand on which one module runs alone: signals in, signals out, parameters, events, for the tests of modules.
#pragma once

#include "synth/modules.h"

struct stand;

/// A module of \p type for \p voices voices at \p rate, its parameters at their standards; \p file is for a type that
/// has one. Fails the test where that cannot be.
struct stand *stand_new(const char *type, double rate, uint32_t voices, const char *file);
void stand_free(struct stand *stand);

/// The setting of a parameter, by name, from the next run on (at once, no glide).
void stand_set(struct stand *stand, const char *param, float value);
/// From the next run on the parameter moves by \p step in each frame, without end.
void stand_glide(struct stand *stand, const char *param, float step);
/// The state of the first group but for its lines, for a test that spoils it.
unsigned char *stand_state(struct stand *stand, size_t *size);
/// Plugs \p samples, as long as the runs that follow need (they read from where they are), into an input for voice \p
/// voice, or all (-1). NULL unplugs.
void stand_plug(struct stand *stand, const char *input, int voice, const float *samples);
/// From the next run on nobody hears \p output, which the module may then leave as it is.
void stand_mute(struct stand *stand, const char *output);
void stand_event(struct stand *stand, const struct module_event *event);
/// Runs \p frames frames in calls of \p block frames, and writes those of voice \p voice of \p output to \p out.
void stand_run(struct stand *stand, uint32_t frames, uint32_t block, const char *output, int voice, float *out);
/// The same, and nothing is written.
void stand_skip(struct stand *stand, uint32_t frames, uint32_t block);
