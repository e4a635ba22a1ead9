// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The text messages between a station and its listeners, as JSON (docs/architecture.md). Any thread.
#pragma once

#include "core/buffer.h"
#include "core/status.h"
#include "station/station.h"

#include <jansson.h>
#include <stddef.h>

/// Reads a listener's message into \p change: {"type":"control",...} or {"type":"preset","name":...}. STATUS_INVALID
/// for what is no JSON object, has no or an unknown type, a number that is none, or no field that changes anything;
/// STATUS_UNKNOWN for what is no name of a key, mode or preset; the complaint says which and what is allowed. Unknown
/// fields are ignored. Whether numbers are in their ranges is for station_command() to say.
MUST_USE enum status message_parse(const char *text, size_t size, const struct presets *presets,
                                   struct station_change *change, struct complaint *complaint);

/// \name Messages as WebSocket frames; one reference for the caller, NULL when memory is out
/// @{
/// \p json's reference is taken over; NULL gives NULL.
struct buffer *message_frame(json_t *json);
/// The first message: all that a player needs to set itself up.
struct buffer *message_hello(struct station *station, enum format format, const char *const *stations,
                             size_t station_count, const struct presets *presets);
/// What is played, for a listener in \p format (which tells the rate of the frame index).
struct buffer *message_state(struct station *station, enum format format);
struct buffer *message_skip(uint32_t chunks);
/// \p text is cut at COMPLAINT_SIZE; a byte that is no UTF-8 becomes '?'.
struct buffer *message_error(const char *text);
/// @}

/// {"symbol","numeral","key","tonic","mode"}: the key by its name in hello's list, the tonic as the key spells it; a
/// new reference.
json_t *message_chord(struct chord chord, struct key key);

/// What /api/status says of one station; a new reference.
json_t *message_station(struct station *station);
