// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Wakes the slots for the audio callback, after it.
///
/// To wake a thread that sleeps on another core costs the one who wakes it an interrupt sent there: a microsecond or
/// two on a plain machine, 30 to 100 on a virtual one, where the host has to send it. The callback therefore only wakes
/// a thread on its own core, which costs no interrupt, and which wakes the slots when the callback has returned.
#pragma once

#include "core/realtime.h"

#include <stdatomic.h>
#include <stdint.h>

struct waker;

/// More processors than these have no thread of a waker's.
enum { WAKER_CPUS = 64 };

/// For those that edge_wait() at \p word, which outlives it. Starts a thread on each of the first WAKER_CPUS processors
/// that the calling thread may use, in real time at \p priority (SCHED_FIFO), which is to be below that of the callback
/// and above that of those who are woken. (Above the callback it gains nothing, as it then runs at once; nor where its
/// processor was taken off line meanwhile.) NULL where the system allows no such threads: then the callback itself is
/// to wake. Those who are woken should also look by themselves after a while, as what holds up the callback's core
/// holds up this. Not for audio callbacks.
struct waker *waker_new(_Atomic uint32_t *word, int priority);

/// Nobody rings any more. NULL is fine.
void waker_free(struct waker *waker);

/// \name The callback
/// @{
/// Has all that wait at the word woken once the calling thread leaves its processor; at once where the processor has no
/// thread of the waker's.
void waker_ring(struct waker *waker) REALTIME;
/// Wakes them now, if that has not yet happened since the last ring: for one who stays and waits for them.
void waker_hurry(struct waker *waker) REALTIME;
/// @}
