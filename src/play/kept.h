// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Files whose bytes are kept in memory, so that other processes read the same at any time, whatever becomes of them.
#pragma once

#include "core/status.h"
#include "synth/program.h"

enum { KEPT_FILES_MAX = 256 };

struct kept;

/// NULL when memory is out.
struct kept *kept_new(void);
/// What was kept is gone once no process has it open. NULL is fine.
void kept_free(struct kept *kept);

/// Keeps the file at \p path as it is now; \p out gets the path where it is to be read while this process lives, the
/// same as before where the file is unchanged. A file of up to 1 GB, KEPT_FILES_MAX of them: STATUS_RANGE, STATUS_FULL,
/// STATUS_IO. Any thread but audio, several at once.
MUST_USE enum status kept_file(struct kept *kept, const char *path, char out[PROGRAM_FILE_SIZE],
                               struct complaint *complaint);
