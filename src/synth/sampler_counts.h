// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What a sampler counts. Plain data.
#pragma once

#include <stdint.h>

/// Since the start.
struct sampler_counts {
    uint64_t stolen;  ///< voices that made way for others
    uint64_t cut;     ///< of these, voices that ended without a fade because too many were stolen at once
    uint64_t dropped; ///< notes of which not all voices started: they had all lanes already, or 256 voices
    uint64_t missed;  ///< voices that did not start because their sample was not in memory
};
