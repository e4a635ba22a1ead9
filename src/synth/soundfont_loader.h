// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Brings the samples of a SoundFont into memory while the program goes on. Part of synth/soundfont.
#pragma once

#include "core/realtime.h"
#include "core/status.h"
#include "synth/soundfont_presets.h"
#include "synth/soundfont_riff.h"
#include "synth/soundfont_source.h"

#include <stdbool.h>

struct soundfont_loader;

/// What a loader works on, which outlives it.
struct soundfont_load {
    struct soundfont_sources *sources;
    const struct soundfont_presets *presets;
    struct soundfont_span mapped; ///< the file that the frames lie in; empty where they lie in memory
    size_t compressed;            ///< bytes that Vorbis samples are decoded from, all together
    _Atomic uint32_t *left_out;
};

/// Begins to load, on a thread of its own where there is anything to do. NULL when the system has no memory or no
/// thread left.
struct soundfont_loader *soundfont_loader_new(const struct soundfont_load *load);

/// Ends the thread and waits for it. NULL is fine.
void soundfont_loader_free(struct soundfont_loader *loader);

/// See soundfont_sample_wait().
MUST_USE enum status soundfont_loader_wait(struct soundfont_loader *loader, uint32_t index);

/// See soundfont_want().
void soundfont_loader_want(struct soundfont_loader *loader, uint32_t preset) REALTIME;
