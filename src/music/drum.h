// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The percussion of General MIDI: what a key of the drum channel strikes. Pure; any thread.
#pragma once

#include "core/realtime.h"

#include <stdint.h>

/// Kinds of instruments, by how they sound.
enum drum {
    DRUM_OTHER, ///< sticks, claves, congas and all that no standard names
    DRUM_BASS,
    DRUM_SNARE, ///< with its rim and hand claps
    DRUM_TOM,
    DRUM_HAT, ///< closed, or by the pedal
    DRUM_OPEN_HAT,
    DRUM_RIDE,
    DRUM_CRASH,
    DRUM_TAMBOURINE,
    DRUM_KINDS
};

/// What key \p key, 0 to 127, strikes ("General MIDI System Level 1", percussion map).
enum drum drum_of_key(uint8_t key) REALTIME;
