// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// A few bars that let an instrument be heard: single notes from low to high, then chords. Pure.
#pragma once

#include "music/score.h"

/// Adds it to \p score, which is empty: 8 seconds at 120 beats a minute. STATUS_NO_MEMORY, with the score empty.
MUST_USE enum status demo_phrase_write(struct score *score);
