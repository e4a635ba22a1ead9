// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Numbers too small to hear, which many processors reckon with a hundred times slower than with others.
///
/// The tails of filters and reverbs fall into them after each note. A thread that renders sound calls this first; what
/// it renders then depends on it, so all that are to render the same do so.
#pragma once

#include "core/realtime.h"

#include <stdint.h>

/// From now on the calling thread takes denormal floats for 0, and gives 0 for them; on processors other than x86-64
/// and AArch64 nothing changes. A few nanoseconds. Any thread.
static inline void denormals_flush(void) REALTIME
{
#if defined(__x86_64__)
    enum { FLUSH_TO_ZERO = 0x8000, DENORMALS_ARE_ZERO = 0x0040 };
    __builtin_ia32_ldmxcsr(__builtin_ia32_stmxcsr() | FLUSH_TO_ZERO | DENORMALS_ARE_ZERO);
#elif defined(__aarch64__)
    uint64_t control;
    __asm__ volatile("mrs %0, fpcr" : "=r"(control));
    control |= UINT64_C(1) << 24; // FZ: both ways
    __asm__ volatile("msr fpcr, %0" : : "r"(control));
#endif
}
