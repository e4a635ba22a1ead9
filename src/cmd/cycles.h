// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// How many cycles of its core a thread has spent. One thread owns a counter and counts itself.
#pragma once

struct cycles;

/// Counts with the processor's own counter where the system lets us, else by the clock rate of the core, measured now
/// and then: processor time times that. NULL when memory is out.
struct cycles *cycles_new(void);

/// "counter" or "clock", which says how.
const char *cycles_source(const struct cycles *cycles);

/// Begins to count.
void cycles_start(struct cycles *cycles);

/// Cycles since the start, in user space.
double cycles_stop(struct cycles *cycles);

/// NULL is fine.
void cycles_free(struct cycles *cycles);
