// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The text messages between a station and its listeners, as JSON (docs/architecture.md). Any thread.
#pragma once

#include "core/buffer.h"
#include "core/status.h"
#include "station/stations.h"

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
struct buffer *message_hello(const struct stations_entry *entry, enum format format, bool controls,
                             const struct presets *presets);
/// What is played, for a listener in \p format (which tells the rate of the frame index) who missed \p skipped chunks
/// since it was told last.
struct buffer *message_state(struct station *station, enum format format, uint32_t skipped);
/// \p text is cut at COMPLAINT_SIZE; a byte that is no UTF-8 becomes '?'. \p code is a word for programs, or NULL.
struct buffer *message_error(const char *code, const char *text);
/// An error with the code "full" that names the shared stations.
struct buffer *message_full(const char *text, const struct stations *stations);
/// The server stops; how a listener whose next chunk is \p next may go on afterwards.
struct buffer *message_going_away(const struct stations_entry *entry, uint32_t next);
/// @}

/// {"symbol","numeral","key","tonic","mode"}: the key by its name in hello's list, the tonic as the key spells it; a
/// new reference.
json_t *message_chord(struct chord chord, struct key key);

/// What /api/status says of one station; a new reference.
json_t *message_station(struct station *station);
