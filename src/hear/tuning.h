// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// How far a performer is tuned from 440 Hz, heard from where the peaks of the spectrum lie between the semitones.
///
/// The circular mean of the peaks' distances from the nearest semitone, with a memory that fades (Dressler and
/// Streich, "Tuning frequency estimation using circular statistics", ISMIR 2007).
#pragma once

#include "core/realtime.h"

#include <stdbool.h>

struct tuning {
    double keep;            ///< what a step leaves of the past
    double real, imaginary; ///< the sum of the peaks' directions
    double weight;          ///< the sum of their lengths
    double semitones;       ///< tuning_semitones()
    bool heard;             ///< a peak since the last step
};

/// Starts at 440 Hz, held to it by a little weight until more is heard. \p steps_per_second and the \p seconds of the
/// memory are above 0.
void tuning_init(struct tuning *tuning, double steps_per_second, double seconds);

/// Takes a peak of weight \p weight at \p pitch, in semitones (69 is 440 Hz).
void tuning_add(struct tuning *tuning, double pitch, double weight) REALTIME;

/// Ends a step: the past fades, but not in a rest, when no peak came.
void tuning_step(struct tuning *tuning) REALTIME;

/// By how many semitones the music lies above 440 Hz: -0.5 to 0.5, or up to 0.6 on the side where it was before.
double tuning_semitones(const struct tuning *tuning) REALTIME;

/// 0: the peaks lie anywhere; 1: all where tuning_semitones() says.
double tuning_confidence(const struct tuning *tuning) REALTIME;
