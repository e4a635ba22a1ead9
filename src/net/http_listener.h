// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// A TCP socket that listens, and what to tell a person when there can be none.
#pragma once

#include "core/status.h"

#include <stdbool.h>
#include <stdint.h>

/// Listens on \p address, a numeric IPv4 or IPv6 address ("::" takes IPv4 too), and \p port, 0 for any free one. The
/// socket is the caller's. STATUS_INVALID, STATUS_IN_USE or STATUS_IO with a complaint.
MUST_USE enum status http_listener_open(const char *address, uint16_t port, int *out, struct complaint *complaint);

/// The port that \p listener is bound to, or 0.
uint16_t http_listener_port(int listener);

/// Whether only this machine can reach \p listener.
bool http_listener_local(int listener);
