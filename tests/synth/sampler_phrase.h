// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Random playing for the tests of the sampler: every kind of message, on a SoundFont that has a little of everything.
#pragma once

#include "core/random.h"
#include "sampler_fixture.h"

/// Makes and writes the SoundFont: loops of all modes, noise, filters, envelopes, LFOs, layers, exclusive classes,
/// modulators of its own; with 24 bits if it is wide. \p variant, 0 or 1, is a difference in one generator.
void phrase_font(struct font *font, int variant);

/// One event that music is made of: notes, pedals, controllers, bends, programs. Never long without a note.
void phrase_play(struct random *random, struct instrument *instrument);

/// Any event at all: the above, and parameters of all kinds, MPE zones, resets, mode messages.
void phrase_play_anything(struct random *random, struct instrument *instrument);
