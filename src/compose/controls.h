// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What a listener or a performer steers: key, mode, tempo and intensity, with their ranges. Pure; any thread.
#pragma once

#include "core/status.h"
#include "music/scale.h"

#define CONTROLS_BPM_MIN 30.0
#define CONTROLS_BPM_MAX 200.0

struct controls {
    struct key key;
    double bpm;       ///< quarter notes a minute, CONTROLS_BPM_MIN to CONTROLS_BPM_MAX
    double intensity; ///< 0 the calmest to 1 the fullest
};

/// STATUS_OK when every field is in its range; else STATUS_RANGE and which one, its value and the range. NaN is
/// refused.
MUST_USE enum status controls_check(const struct controls *controls, struct complaint *complaint);
