// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// A gate before what one audio thread does, and another thread takes away: who closes it knows that nobody is inside.
///
/// The audio thread never waits: it says that it comes, and turns back where the gate is closed. Each side writes its
/// own word before it reads the other's, in the one order of sequentially consistent atomics, so that never both
/// believe to have been first.
#pragma once

#include "core/clock.h"
#include "core/realtime.h"
#include "core/status.h"

#include <stdatomic.h>
#include <stdbool.h>

/// Zeroed, it is closed.
struct gate {
    atomic_bool is_open;
    atomic_bool inside;
};

/// Whether the audio thread may go on; then gate_leave() follows. Only one thread at a time enters.
MUST_USE static inline bool gate_enter(struct gate *gate) REALTIME
{
    atomic_store(&gate->inside, true);
    if (atomic_load(&gate->is_open)) {
        return true;
    }
    atomic_store(&gate->inside, false);
    return false;
}

/// What was done inside is seen by who closes.
static inline void gate_leave(struct gate *gate) REALTIME
{
    atomic_store(&gate->inside, false);
}

/// What was done before is seen by who enters. Any thread but audio.
static inline void gate_open(struct gate *gate)
{
    atomic_store(&gate->is_open, true);
}

/// When it returns nobody is inside, nor comes in again. Waits as long as what is done inside takes. Any thread but
/// audio.
static inline void gate_close(struct gate *gate)
{
    enum { LOOK_NS = 50000 };
    atomic_store(&gate->is_open, false);
    while (atomic_load(&gate->inside)) {
        clock_sleep_until(clock_now_ns() + LOOK_NS);
    }
}
