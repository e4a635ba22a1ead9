// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Another program, run to its end and measured. One thread; no other children may be waited for meanwhile.
#pragma once

#include "cmd/figures.h"
#include "core/status.h"

#include <stddef.h>

/// Runs argv[0], looked for along PATH, without input and with its output thrown away. \p argv ends with NULL.
/// STATUS_UNKNOWN where there is no such program, STATUS_IO where it cannot be run or does not exit with 0.
MUST_USE enum status child_run(const char *const *argv, struct cost *cost, struct complaint *complaint);

/// The first line that such a program prints on standard output, without its end; empty where it prints none. Fails as
/// child_run().
MUST_USE enum status child_first_line(const char *const *argv, char *line, size_t size, struct complaint *complaint);
