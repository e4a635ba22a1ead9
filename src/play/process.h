// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// A slot's process: started with three descriptors, and asked whether it still runs.
#pragma once

#include "core/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/// Starts `PROGRAM slot 3 4 5 NUMBER` with \p fds, which are above 5, as descriptors 3 to 5, and no others but standard
/// output and error; in a process group of its own, so that what a terminal sends is not for it, and with SIGHUP,
/// SIGINT and SIGTERM blocked. STATUS_IO, with errno in the complaint. It dies with the calling thread.
MUST_USE enum status process_start(const char *program, const int fds[3], unsigned number, pid_t *out,
                                   struct complaint *complaint);

/// Whether it has ended; then it is no more, and \p cause says why ("killed by signal 9", "exit status 1").
bool process_has_ended(pid_t pid, char *cause, size_t size);

/// Kills it and waits until it has ended.
void process_end(pid_t pid);
