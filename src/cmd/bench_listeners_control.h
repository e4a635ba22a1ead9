// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Control frames of a WebSocket as a client sends them. Any thread.
#pragma once

#include "cmd/bench_listeners_frames.h"

#include <stddef.h>
#include <stdint.h>

/// Sends one with \p size bytes, at most 125, without waiting. Where the socket is full nothing is sent: the other side
/// is gone or will be.
void control_send(int fd, enum frame_opcode opcode, const uint8_t *bytes, size_t size);
