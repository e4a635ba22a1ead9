// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// A call that somebody else may hold up for ever, such as a sound server that is there and does not answer: done on a
/// thread of its own. One owner, whose thread calls.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct errand;

/// Begins to run \p run with \p closure. NULL where no thread or memory can be had.
struct errand *errand_new(void (*run)(void *closure), void *closure);

/// Whether it has come back; what it wrote is seen then.
bool errand_is_done(const struct errand *errand);

/// Waits for it, \p patience_ns nanoseconds at most, and frees it. False where it is held up: it is left to itself
/// until the process ends, and so must be what it uses.
bool errand_end(struct errand *errand, int64_t patience_ns);
