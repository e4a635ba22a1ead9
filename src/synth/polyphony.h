// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Notes and pedals to voices: which lanes they take, which they end, who makes way. Part of synth/sampler. One owner.
#pragma once

#include "core/realtime.h"
#include "synth/sampler_state.h"

/// Starts the voices of a note: each region of the channel's preset that \p key (0 to 127) and \p velocity (1 to 127)
/// fall into, 256 at most. The same key of the channel is up first, and what shares an exclusive class with the new
/// voices is faded out. Beyond the polyphony voices make way, which \p kernel finds (place.h); regions whose samples
/// are not in memory are left out and counted.
void polyphony_note_on(struct sampler_state *state, const struct soundfont *soundfont, const struct kernel *kernel,
                       int channel, int key, int velocity) REALTIME;

/// The key is up: its voices are released unless a pedal holds them, and after 10 ms at the soonest.
void polyphony_note_off(struct sampler_state *state, int channel, int key) REALTIME;

/// All keys of the channel are up.
void polyphony_notes_off(struct sampler_state *state, int channel) REALTIME;

/// All voices of the channel fade out within milliseconds.
void polyphony_sound_off(struct sampler_state *state, int channel) REALTIME;

/// Looks at the pedals of \p channel after one has moved: \p sostenuto_pressed if it just went down.
void polyphony_pedals(struct sampler_state *state, int channel, bool sostenuto_pressed) REALTIME;

/// Before each block: releases what waited for its shortest length, and recomputes the voices of channels that are
/// dirty.
void polyphony_begin_block(struct sampler_state *state, const struct soundfont *soundfont) REALTIME;
