// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// A question that the server asks itself, to learn whether its thread still runs. Internal to net.
#pragma once

#include <microhttpd.h>
#include <stdbool.h>

/// Whether \p daemon does something about a new connection within \p timeout_ms: an answer, of whatever kind, or a
/// refusal. Any thread but its own; waits.
bool http_probe(struct MHD_Daemon *daemon, int timeout_ms);
