// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Whether the server's thread is alive: a note of when it last did something, and a touch that makes it. Internal to
/// net.
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/// Embed it, zeroed.
struct http_pulse {
    _Atomic int64_t beat_ns; ///< when the thread last did something, on clock_now_ns()
};

/// The server's thread does something: takes a connection or a request, hands one over, or ends one.
void http_pulse_beat(struct http_pulse *pulse);

/// Whether the thread has done something in the last \p quiet_ms; or else answers a request to \p listener, the
/// server's listening socket, or does anything else meanwhile. Any thread but the server's; waits twice \p timeout_ms
/// at most.
bool http_pulse_felt(struct http_pulse *pulse, int listener, int quiet_ms, int timeout_ms);
