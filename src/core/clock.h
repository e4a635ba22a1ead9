// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The clocks of the edges: one that only moves forward, for pacing and measuring, the wall's, for stamps, and a
/// thread's own, for what work costs. Music never asks either: its time is a frame count.
#pragma once

#include <stdint.h>

/// Nanoseconds since some start, never going back. Any thread.
int64_t clock_now_ns(void);

/// Microseconds since 1970, UTC. May jump when the machine's clock is set. Any thread.
int64_t clock_wall_us(void);

/// Sleeps until clock_now_ns() reaches \p deadline_ns; returns at once when that has passed. Any thread but audio.
void clock_sleep_until(int64_t deadline_ns);

/// Nanoseconds of processor time that the calling thread has used.
int64_t clock_thread_ns(void);

/// The same of all threads of the process. Any thread.
int64_t clock_process_ns(void);
