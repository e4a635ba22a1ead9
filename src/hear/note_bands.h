// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What the beat's network would see if the notes of a MIDI instrument were heard and not told: how loud they would
/// make each band.
///
/// A note is overtones that decay, the lower ones slower, and the noise of its attack; a drum is noise between two
/// frequencies. That is enough for a network that has learned from many instruments.
#pragma once

#include "core/realtime.h"
#include "hear/band_levels.h"
#include "hear/midi_ear.h"

struct note_bands;

/// For rows \p seconds apart. NULL without memory. Not for audio callbacks.
struct note_bands *note_bands_new(double seconds);

void note_bands_free(struct note_bands *bands);

/// The row at \p time, in seconds of \p ear's clock: BEAT_BANDS_VALUES numbers as beat_bands.h has them, valid until
/// the next call.
const float *note_bands_row(struct note_bands *bands, const struct midi_ear *ear, double time) REALTIME;
