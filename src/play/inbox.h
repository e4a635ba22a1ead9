// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Commands on their way from who sends them to the audio thread, which is to take each once.
///
/// It counts what was sent and is not done with, wherever it is then, so that a sender knows beforehand that there is
/// room for it all the way.
#pragma once

#include "core/realtime.h"
#include "core/status.h"
#include "synth/command.h"

#include <stdatomic.h>
#include <stdbool.h>

enum { INBOX_SIZE = 1 << 14 };

struct inbox {
    _Alignas(64) _Atomic uint64_t sent;
    _Atomic uint32_t waiting; ///< sent and not done
    _Alignas(64) uint64_t taken;
    struct command commands[INBOX_SIZE];
};

/// Sends \p count commands, which become visible at once; false where more than \p limit (to INBOX_SIZE) would wait.
/// One thread at a time, not audio.
MUST_USE bool inbox_send(struct inbox *inbox, const struct command *commands, uint32_t count, uint32_t limit);

/// Takes the oldest. False where there is none. The audio thread.
MUST_USE bool inbox_take(struct inbox *inbox, struct command *out) REALTIME;
/// One that was taken is done with. The audio thread.
void inbox_done(struct inbox *inbox) REALTIME;
