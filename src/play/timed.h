// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Commands that wait for their frame, the next one first; those of one frame in their order.
#pragma once

#include "core/realtime.h"
#include "core/status.h"
#include "synth/command.h"

#include <stdbool.h>

enum { TIMED_SIZE = 8192 + 64 };

/// Zeroed, it is empty. One thread.
struct timed {
    uint32_t count;
    struct command heap[TIMED_SIZE];
};

/// False where it is full.
MUST_USE bool timed_push(struct timed *timed, const struct command *command) REALTIME;
/// The next one, or NULL.
const struct command *timed_first(const struct timed *timed) REALTIME;
/// Takes it out; there must be one.
void timed_pop(struct timed *timed) REALTIME;
