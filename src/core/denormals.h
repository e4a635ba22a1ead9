// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Numbers too small for full precision count as 0, for as long as sound is made: they are inaudible, slow on many
/// processors, and a setting of the thread, on which the same samples in two processes must not depend.
#pragma once

#include "core/realtime.h"

#include <stdint.h>

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

/// Switches them off on this thread, and returns what denormals_restore() is to be told.
static inline uint64_t denormals_flush(void) REALTIME
{
#if defined(__SSE__)
    const uint32_t before = _mm_getcsr();
    const uint32_t flush_to_zero = 0x8000;
    const uint32_t denormals_are_zero = 0x0040;
    _mm_setcsr(before | flush_to_zero | denormals_are_zero);
    return before;
#elif defined(__aarch64__)
    uint64_t before;
    __asm__ volatile("mrs %0, fpcr" : "=r"(before));
    const uint64_t flush_to_zero = UINT64_C(1) << 24;
    __asm__ volatile("msr fpcr, %0" : : "r"(before | flush_to_zero));
    return before;
#else
    return 0;
#endif
}

static inline void denormals_restore(uint64_t before) REALTIME
{
#if defined(__SSE__)
    _mm_setcsr((uint32_t)before);
#elif defined(__aarch64__)
    __asm__ volatile("msr fpcr, %0" : : "r"(before));
#else
    (void)before;
#endif
}
