// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What a process uses, by /proc. Any thread.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct process_use {
    double cpu_s; ///< of all its threads since its start, user and system, in steps of a clock tick
    uint64_t resident_bytes;
    unsigned open_files; ///< 0 where the process is somebody else's
};

/// False, and \p use zeroed, where there is no such process.
bool process_use_read(pid_t pid, struct process_use *use);
