// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The pitch of one render of a note relative to another of the same note, whatever its waveform.
#pragma once

#include "note_measure.h"

struct note_pitch {
    double cents;     ///< the second is so much higher
    double coherence; ///< 0 to 1: how far one ratio of pitch explains how the phases of the two move
};

/// Compares the held parts; \p onset is that of \p reference. Within 10 cents right to 3%, at the least to some
/// hundredths; what is further off gives some larger number or little coherence, and what is not the same sound gives
/// little coherence. \p tested may be late or early by up to 3 ms. Nothing (0, 0) where one of them is silent.
struct note_pitch note_pitch(const struct note *reference, const struct note *tested, double onset);
