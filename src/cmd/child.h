// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Another program, run to its end and measured, or run beside this one. One thread; no other children may be waited
/// for meanwhile.
#pragma once

#include "cmd/figures.h"
#include "core/status.h"

#include <stddef.h>
#include <sys/types.h>

/// Runs argv[0], looked for along PATH, without input and with its output thrown away. \p argv ends with NULL.
/// STATUS_UNKNOWN where there is no such program, STATUS_IO where it cannot be run or does not exit with 0.
MUST_USE enum status child_run(const char *const *argv, struct cost *cost, struct complaint *complaint);

/// What such a program prints on standard output, as far as \p size goes, ended by a zero. Fails as child_run().
MUST_USE enum status child_output(const char *const *argv, char *out, size_t size, struct cost *cost,
                                  struct complaint *complaint);

/// The first line that such a program prints on standard output, without its end; empty where it prints none. Fails as
/// child_run().
MUST_USE enum status child_first_line(const char *const *argv, char *line, size_t size, struct complaint *complaint);

/// How long child_stop() waits.
enum { CHILD_PATIENCE_MS = 30000 };

/// One that runs beside this program.
struct child {
    pid_t pid;  ///< 0 where there is none
    int output; ///< what it prints, yet to be read; -1 where there is none
};

/// Starts such a program and waits for the first line that it prints, given without its end. Its errors go where this
/// program's go. STATUS_IO too where it ends without a line; it runs only after STATUS_OK, until child_stop().
MUST_USE enum status child_start(const char *const *argv, char *line, size_t size, struct child *child,
                                 struct complaint *complaint);

/// Ends it with SIGTERM, and with SIGKILL when it has not closed its output CHILD_PATIENCE_MS later. One that does not
/// run is fine.
void child_stop(struct child *child);
