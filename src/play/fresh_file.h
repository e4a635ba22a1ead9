// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// A file for something new, in whose place nothing was.
#pragma once

#include "core/status.h"

#include <stddef.h>

/// Opens \p path for writing, created where it is not there, and locked (flock) until it is closed. Where it is there,
/// and has bytes in it or is locked so, the next free name is taken in its place: take.wav, take-2.wav, take-3.wav ...
/// up to -9999. What is no file (a pipe, a device) is opened as it is. \p descriptor gets the descriptor, which does
/// not wait, and \p name, of \p size bytes, what was taken. STATUS_IO with the system's reason; STATUS_RANGE where \p
/// name is too short; STATUS_FULL where no number is left. Any thread.
MUST_USE enum status fresh_file_open(const char *path, int *descriptor, char *name, size_t size,
                                     struct complaint *complaint);
