// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Waiting in tests for what another thread or process brings about.
#pragma once

#include "core/clock.h"

#include <stdbool.h>

/// Waits until \p is_true says so of \p what; false when that has not come in a time that says that it never will.
static inline bool wait_until(bool (*is_true)(void *what), void *what)
{
    const int64_t never_ns = 60000000000;
    const int64_t look_ns = 2000000;
    for (const int64_t start = clock_now_ns(); clock_now_ns() - start < never_ns;) {
        if (is_true(what)) {
            return true;
        }
        clock_sleep_until(clock_now_ns() + look_ns);
    }
    return false;
}
