// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The system-exclusive messages that ask a synthesizer to follow a standard from here on. Pure; any thread.
#pragma once

#include "music/event.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// The message for \p reset, from F0 to F7, to every device or to the usual one (MIDI_RESET_DEVICE). Static.
const uint8_t *midi_reset_message(enum midi_reset reset, size_t *size);

/// The device that a GS or XG message calls when nobody has chosen another number.
enum { MIDI_RESET_DEVICE = 0x10 };

/// Whether the message whose \p size bytes after its F0 are \p rest (as a MIDI file holds them) asks for a reset, of
/// any device, and for which.
bool midi_reset_parse(const uint8_t *rest, size_t size, enum midi_reset *reset);
