// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What was said last of the levels and of the slots, so that news is told once.
#pragma once

#include "play/engine.h"

#include <stdint.h>

/// Zeroed: nothing was said yet.
struct meters {
    int64_t next_ns;    ///< when to look again
    int64_t slots_ns;   ///< when the slots were told last
    int64_t log_ns;     ///< when the figures were logged last
    uint64_t thousands; ///< of callbacks, at the last line for debugging
    struct engine_stats seen;
    enum status recorder;
};
