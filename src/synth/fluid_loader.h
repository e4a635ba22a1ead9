// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Loads a SoundFont into FluidSynth, and makes a complaint of what FluidSynth would print. Part of synth/fluid.
#pragma once

#include "core/status.h"

#include <fluidsynth.h>

/// Silences FluidSynth on standard error, in the whole process. Any thread, any number of times.
void fluid_loader_hush(void);

/// Loads the SoundFont at \p path into \p synth, made with \p settings, and resets its programs. STATUS_CORRUPT where
/// FluidSynth refuses the file.
MUST_USE enum status fluid_loader_load(fluid_settings_t *settings, fluid_synth_t *synth, const char *path,
                                       struct complaint *complaint);
