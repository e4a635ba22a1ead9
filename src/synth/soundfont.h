// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The SoundFont file to play when nobody named one, and what can be said of a file before it is loaded. Any thread.
#pragma once

#include "core/status.h"

/// The path of the system's General MIDI set: the first that can be read of the places where distributions put it, or
/// the first of those places where none can. Static.
const char *soundfont_find(void);

/// Whether \p path can be read and begins as a SoundFont. STATUS_IO where it cannot be opened, STATUS_CORRUPT where it
/// is something else; \p complaint says what to do.
MUST_USE enum status soundfont_check(const char *path, struct complaint *complaint);
