// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What the modulators of a voice come to. Part of synth/sampler. Pure; any thread.
#pragma once

#include "core/realtime.h"
#include "synth/channel.h"
#include "synth/soundfont.h"

/// Where the values of sources come from.
struct modulator_input {
    const struct channel *channel;
    int key;      ///< that counts: the one that is played, or what the generator says
    int velocity; ///< likewise
    int played_key;
};

/// Adds the outputs of \p count modulators to \p generators (SOUNDFONT_GENERATORS of them): SoundFont specification
/// 2.04, section 9.5. A source of 7 bits runs from 0 to 1 over 0 to 127, and a bipolar one through 0 at 64, so that the
/// centre of a pan is one. \p velocity_filter: whether the default modulator of section 8.4.2 counts.
void modulators_add(const struct soundfont_modulator *modulators, int count, const struct modulator_input *input,
                    bool velocity_filter, float *generators) REALTIME;
