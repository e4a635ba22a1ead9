// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The few things that real-time code asks of the outside although the compiler cannot see that they never wait.
///
/// All exemptions from the check of core/realtime.h in this folder are here, each with its reason in edge.c.
#pragma once

#include "core/realtime.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

/// clock_now_ns(), for measuring what the audio thread takes and for how long it looks for a block.
int64_t edge_now_ns(void) REALTIME;

/// The processor that the thread runs on, or -1.
int edge_cpu(void) REALTIME;

/// Wakes all that wait at \p word, in any process that maps it.
void edge_wake(_Atomic uint32_t *word) REALTIME;

/// Sleeps until \p word is no longer \p seen and a wake came, or \p ms milliseconds at most; may return early. Not for
/// audio callbacks.
void edge_wait(const _Atomic uint32_t *word, uint32_t seen, uint32_t ms);

/// The same for \p ns nanoseconds at most.
void edge_wait_ns(const _Atomic uint32_t *word, uint32_t seen, int64_t ns);

/// A hash of \p size bytes at \p data and of \p number. Two that differ by a bit differ in it, but for one case in
/// 2^64.
uint64_t edge_hash(const void *data, size_t size, uint64_t number) REALTIME;

/// Ends the process as a wild pointer would: for tests of what happens then.
void edge_crash(void) REALTIME;
