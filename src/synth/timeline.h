// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Where ticks fall on frames, and frames on ticks, under a tempo that changes. No drift, over years. One owner.
#pragma once

#include <stdbool.h>
#include <stdint.h>

/// No tick or frame lies beyond it: 1900 years of frames at 150000 a second. What would is moved here.
#define TIMELINE_END (INT64_C(1) << 53)

/// Plain state; the functions keep it.
struct timeline {
    double rate;         ///< frames a second
    double bpm;          ///< quarter notes a minute since the anchor
    double anchor_frame; ///< the last tempo change, with the fraction of a frame
    double anchor_tick;  ///< the same place in ticks, with the fraction of a tick
};

/// Whether \p bpm is finite and above 0. What is beyond 0.001 to 1000000 is held to that.
bool timeline_bpm_valid(double bpm);

/// Tick 0 on frame 0. \p rate above 0, \p bpm valid.
void timeline_init(struct timeline *timeline, double rate, double bpm);

/// The frame that \p tick plays on: the first that is not before it. Holds for ticks since the last tempo change; one
/// from before it gets a frame that is not after the change.
int64_t timeline_frame(const struct timeline *timeline, int64_t tick);

/// The last tick that plays on \p frame or before it.
int64_t timeline_tick(const struct timeline *timeline, int64_t frame);

/// \p bpm, valid, from \p frame or from \p tick on. Neither may be before the last change.
void timeline_turn_at_frame(struct timeline *timeline, int64_t frame, double bpm);
void timeline_turn_at_tick(struct timeline *timeline, int64_t tick, double bpm);
