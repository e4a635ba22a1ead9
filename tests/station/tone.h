// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// An instrument that costs next to nothing: every note is a sine that decays. For what is not about the sound.
#pragma once

#include "synth/instrument.h"

/// Freed with instrument_free(). Fails the test when memory is out.
struct instrument *tone_new(double rate);

/// How many there are that were not freed.
int tone_count(void);
