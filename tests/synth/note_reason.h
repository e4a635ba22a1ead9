// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Why two right instruments may sound a note differently: what docs/sampler.md says of FluidSynth, looked up in the
/// SoundFont.
#pragma once

#include "note_compare.h"

/// Looks up the reason of every exception in \p results, of notes of \p bank. The SoundFont at \p path must open.
void note_results_explain(struct note_results *results, const char *path, int bank);

/// The part of the notes that are within all limits or have a reason not to be; 1 for none.
double note_results_explained(const struct note_results *results);

/// A few words.
const char *note_reason_text(enum note_reason reason);
