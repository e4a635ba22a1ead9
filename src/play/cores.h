// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The cores of the machine, dealt to threads that are to stand in for each other.
///
/// A core can be held up for milliseconds: by an interrupt, by firmware, by the host of a virtual machine. What runs
/// there stands still, and so does what waits there for its turn, whatever its priority. Two of which one is to deliver
/// where the other does not must therefore not share a core; left to itself, the system puts both on one now and then.
#pragma once

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>

enum { CORES_NONE = UINT16_MAX };

/// What a thread may use: for each processor the first one of its core, which stands for the core, or CORES_NONE.
struct cores {
    uint16_t core[CPU_SETSIZE];
};

/// Looks at the machine and at what the calling thread may use of it (taskset, cpusets).
///
/// Not for audio callbacks. Without /sys each processor is a core. False, and \p cores is without any, where the system
/// does not tell.
bool cores_look(struct cores *cores);

/// The processors of one of \p parts shares of the cores, as equal as can be, \p part counted from 0: shares have no
/// core in common, and all processors of a core are in the same. Pure.
///
/// False, and \p out is empty, where there are fewer cores than parts, or no such part.
bool cores_share(const struct cores *cores, unsigned part, unsigned parts, cpu_set_t *out);

/// Binds the calling thread to its share. It stays where it is, and false is returned, where there are too few cores
/// or the system refuses. Not for audio callbacks.
bool cores_keep_apart(unsigned part, unsigned parts);
