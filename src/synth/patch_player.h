// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Plays a score on a patch from its start to its end, in one process and as fast as it goes: a rack without an engine.
/// One thread owns it.
#pragma once

#include "music/score.h"
#include "synth/patch.h"

#include <stddef.h>
#include <stdint.h>

struct patch_player;

/// At the start of \p score, which is sorted, at 120 beats a minute until it says otherwise; NULL plays the patch
/// without notes. EVENT_MIDI goes to every module that hears events, EVENT_RESET ends all notes, other kinds are passed
/// over. Neither is needed afterwards. What compiler.h and rack.h refuse, and STATUS_NO_MEMORY.
MUST_USE enum status patch_player_new(const struct patch *patch, const struct score *score, double rate,
                                      struct patch_player **out, struct complaint *complaint);
/// NULL is fine.
void patch_player_free(struct patch_player *player);

/// Plays and renders the next \p frames frames; beyond the end of the score, what still sounds. From then on the
/// calling thread takes denormal numbers for 0, as all that render a patch do.
void patch_player_render(struct patch_player *player, float *left, float *right, size_t frames);

/// Frames rendered so far.
uint64_t patch_player_frame(const struct patch_player *player);
/// Frames until the last event.
uint64_t patch_player_frames(const struct patch_player *player);
/// Frames that were not finite, and are 0 in what was rendered.
uint64_t patch_player_broken(const struct patch_player *player);
