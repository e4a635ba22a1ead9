// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What the tests of instruments that sound have in common: making one, rendering it, measuring the result.
#pragma once

#include "synth/instrument.h"

#include <stdbool.h>

enum { SOUND_RATE = 48000, SOUND_FRAMES = 16 * SOUND_RATE };

/// Two channels with room for SOUND_FRAMES.
struct sound {
    size_t count;
    float left[SOUND_FRAMES];
    float right[SOUND_FRAMES];
};

/// Whether the default SoundFont is there; says so where it is not, for the test to be skipped.
bool sound_available(void);

/// \name Group set-up and tear-down
/// An instrument that lives all along keeps the SoundFont's samples in memory, so that each further one is made faster.
/// @{
int sound_keep(void **state);
int sound_drop(void **state);
/// @}

/// A FluidSynth instrument that must come to be.
struct instrument *sound_instrument(const struct instrument_options *options);

/// \p make must refuse \p options with \p status and a complaint that says \p word, and without one likewise.
void sound_refuse(instrument_new *make, const struct instrument_options *options, enum status status, const char *word);

/// The same of a SoundFont of \p size bytes, which is at \p path meanwhile.
void sound_refuse_file(instrument_new *make, const char *path, const void *bytes, size_t size, enum status status,
                       const char *word);

/// Appends \p frames frames of \p instrument, rendered \p block at a time.
void sound_render(struct sound *sound, struct instrument *instrument, size_t frames, size_t block);

/// Root mean square over both sides from frame \p from to before \p to, and the greatest magnitude.
double sound_rms(const struct sound *sound, size_t from, size_t to);
double sound_peak(const struct sound *sound, size_t from, size_t to);
