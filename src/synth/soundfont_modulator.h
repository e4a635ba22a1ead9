// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// One modulator of a SoundFont, read and compared. Part of synth/soundfont.
#pragma once

#include "synth/soundfont.h"

#include <stdbool.h>
#include <stdint.h>

enum { SOUNDFONT_MODULATOR_RECORD = 10 };

/// Reads the record of SOUNDFONT_MODULATOR_RECORD bytes. False where it means nothing here: its source, destination or
/// transform is unknown, or it is linked to another.
bool soundfont_modulator_read(const uint8_t *record, struct soundfont_modulator *out);

/// Whether they are the same but for the amount, so that one takes the place of the other (section 9.5).
bool soundfont_modulator_is_identical(const struct soundfont_modulator *a, const struct soundfont_modulator *b);
