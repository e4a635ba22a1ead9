// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What plays, as far as it can be known without a slot: the program, with its parameters as they were last set.
///
/// It reads the log as the slots do, off the audio thread. When no slot is left, sound comes back from here.
#pragma once

#include "play/shared.h"

struct base {
    uint64_t log;            ///< commands of the log that it knows
    _Atomic uint64_t serial; ///< of the program, for other threads
    uint64_t lost;           ///< commands that it could not read in time
    struct program program;  ///< serial 0: none yet
};

/// Reads what is new on the log; \p swapped is the serial of the last swap on it. One thread.
void base_read(struct base *base, const struct shared_score *score, uint64_t swapped);
