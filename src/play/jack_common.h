// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What all clients of a JACK server have in common: how they become one, and what a person is told where they do not.
#pragma once

#include "core/status.h"

#include <jack/jack.h>
#include <stdbool.h>

/// Has JACK's library, which PortAudio uses too, say nothing on standard error any more: it tells its troubles there
/// unless it is given functions of ours, for the whole process. The main thread.
void jack_common_quiet(void);

/// A client called \p name, or like it where that is taken, of the server that runs, quietly. STATUS_RANGE for a name
/// that is too long; STATUS_IO where there is no server that takes it, with a complaint that ends with \p instead, a
/// hint at what else to do, or "". The main thread.
MUST_USE enum status jack_common_join(const char *name, const char *instead, jack_client_t **client,
                                      struct complaint *complaint);

/// Closes a client, which a server that is frozen, or dies at the same moment, can hold up for ever: so it is waited
/// for two seconds and then left to itself until the process ends. False where it was left, and may still call back.
/// Not an audio thread.
MUST_USE bool jack_common_leave(jack_client_t *client);
