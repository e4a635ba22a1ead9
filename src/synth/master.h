// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The last of every mix, whoever made it: no direct current, and no sample above -1 dBFS. One thread owns it.
#pragma once

#include "core/realtime.h"

#include <stddef.h>

struct master;

/// NULL when memory is out.
struct master *master_new(double rate);

/// Frames by which the output is late: 5 ms.
size_t master_delay(const struct master *master) REALTIME;

/// Processes \p frames frames in place.
void master_process(struct master *master, float *left, float *right, size_t frames) REALTIME;

/// NULL is fine.
void master_free(struct master *master);
