// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Bringing near from memory what notes are about to begin with. Part of synth/sampler. One owner.
#pragma once

#include "core/realtime.h"
#include "synth/instrument.h"
#include "synth/sampler_state.h"

/// Has the processor fetch what the voices of \p count notes, INSTRUMENT_EXPECTED at most, will read first. Changes
/// nothing.
void foresight_fetch(const struct sampler_state *state, const struct soundfont *soundfont,
                     const struct instrument_note *notes, int count) REALTIME;

/// The same for one voice, of \p region and its \p sample, which is about to start among others.
void foresight_fetch_voice(const struct soundfont *soundfont, const struct soundfont_region *region,
                           const struct soundfont_sample *sample) REALTIME;
