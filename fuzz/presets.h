// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The program's own presets, for fuzzers of what names them.
#pragma once

#include "compose/preset.h"

/// Loaded once and kept: that takes far longer than an input.
static inline const struct presets *fuzz_presets(void)
{
    static struct presets *presets;
    if (!presets && presets_load(&presets, NULL) != STATUS_OK) {
        __builtin_trap();
    }
    return presets;
}
