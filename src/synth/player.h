// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Plays a whole score on an instrument, from its start to its end. One thread owns it.
#pragma once

#include "music/score.h"
#include "synth/instrument.h"

#include <stddef.h>
#include <stdint.h>

struct player;

/// At the start of \p score, which is sorted, at 120 beats a minute until it says otherwise. Score and instrument stay
/// the caller's and must outlive the player. NULL when memory is out.
struct player *player_new(const struct score *score, struct instrument *instrument, double rate);

/// Plays and renders the next \p frames frames; beyond the end of the score, what still sounds. An event that event.h
/// does not allow is passed over. Where a score has more than SEQUENCER_EVENTS on one tick, they play in turn, a frame
/// apart.
void player_render(struct player *player, float *left, float *right, size_t frames);

/// Frames rendered so far.
uint64_t player_frame(const struct player *player);

/// Frames until the last event has been played and the last note has ended; what comes after is the instrument's tail.
uint64_t player_frames(const struct player *player);

/// NULL is fine.
void player_free(struct player *player);
