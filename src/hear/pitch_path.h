// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The most likely course of a melody through the candidates that each moment offers, decided as it goes.
///
/// The costs are those of Boersma ("Accurate short-term analysis of the fundamental frequency and the
/// harmonics-to-noise ratio of a sampled sound", IFA Proceedings 17, 1993, section 2): a leap costs in proportion to
/// its width in octaves, and to begin or to end costs too. The path is Viterbi's without a look ahead: the best one up
/// to now.
#pragma once

#include "core/realtime.h"
#include "core/status.h"

#include <stdint.h>

enum { PITCH_PATH_CANDIDATES = 12 };

/// One thing that may be heard at a moment.
struct pitch_candidate {
    double frequency; ///< Hz; 0 for unvoiced
    double strength;  ///< how good it is, about 0 to 1
    double value;     ///< how periodic the sound is at it, 0 to 1
    double age;       ///< frames from the middle of what speaks for it to now
};

/// The owner's to hold, its own to touch.
struct pitch_path {
    uint32_t count;
    struct pitch_candidate candidates[PITCH_PATH_CANDIDATES];
    double scores[PITCH_PATH_CANDIDATES]; ///< of the best path to each; the best has 0
};

/// Nothing has been heard: unvoiced.
void pitch_path_init(struct pitch_path *path) REALTIME;

/// Takes the \p count candidates of the next moment, 1 to PITCH_PATH_CANDIDATES, some milliseconds after the one
/// before; returns which of them the best path ends in.
uint32_t pitch_path_add(struct pitch_path *path, const struct pitch_candidate *candidates, uint32_t count) REALTIME;
