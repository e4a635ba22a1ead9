// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What the sources of the sampler share. Part of synth/sampler.
#pragma once

#include "synth/kernel/kernel.h"
#include "synth/sampler.h"
#include "synth/sampler_state.h"
#include "synth/soundfont.h"

#include <stdbool.h>

struct sampler {
    struct instrument base;
    struct soundfont *soundfont;
    const struct kernel *kernel;
    struct sampler_state *state; ///< all that changes
    bool waits;                  ///< for samples that are not in memory
    char name[32];
};

/// What sampler.c does for struct instrument.
extern const struct instrument_ops sampler_ops;

static inline struct sampler *sampler_of(struct instrument *instrument)
{
    return (struct sampler *)(void *)instrument;
}

static inline const struct sampler *sampler_of_const(const struct instrument *instrument)
{
    return (const struct sampler *)(const void *)instrument;
}
