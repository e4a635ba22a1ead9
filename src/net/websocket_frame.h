// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// How a WebSocket frame is laid out (RFC 6455, 5.2); net/websocket.h has what makes whole messages.
#pragma once

#include "core/buffer.h"

enum { WEBSOCKET_CONTROL_MAX = 125 };

/// Frames that carry no message.
enum websocket_control { WEBSOCKET_CONTROL_CLOSE = 8, WEBSOCKET_CONTROL_PONG = 10 };

/// An unmasked control frame with a copy of the \p size bytes at \p source, at most WEBSOCKET_CONTROL_MAX. NULL when
/// memory is out.
struct buffer *websocket_frame_control(enum websocket_control opcode, const void *source, size_t size);
