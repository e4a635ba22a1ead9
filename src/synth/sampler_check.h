// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Whether a sampler can take over a state. Part of synth/sampler. Pure; any thread.
#pragma once

#include "core/realtime.h"
#include "core/status.h"
#include "synth/sampler_state.h"

/// A number that two SoundFonts seldom have in common unless they are the same: over the descriptions of samples,
/// presets and regions, not over the sound itself.
uint64_t sampler_fingerprint(const struct soundfont *soundfont) REALTIME;

/// Whether the \p size bytes at \p state, which may be anything, can replace \p own: STATUS_INVALID where it was made
/// with other options, a different SoundFont or another version, STATUS_CORRUPT where an index in it leads nowhere,
/// STATUS_AGAIN where voices play samples that are not in memory yet.
MUST_USE enum status sampler_check(const struct sampler_state *own, const struct soundfont *soundfont,
                                   const void *state, size_t size) REALTIME;
