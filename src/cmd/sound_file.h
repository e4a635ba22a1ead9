// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// A file of sound as a listener takes it: one channel, at the rate that is asked for. One thread.
#pragma once

#include "core/status.h"

#include <stddef.h>

/// The mean of the channels of the file at \p path, at \p rate Hz: \p frames, the caller's to free, and their \p count.
/// STATUS_IO, STATUS_NO_MEMORY or STATUS_UNSUPPORTED. Not for audio callbacks.
MUST_USE enum status sound_file_read(const char *path, unsigned rate, float **frames, size_t *count,
                                     struct complaint *complaint);
