// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// A little band for the tests of the ears for harmony: chords whose notes are known.
#pragma once

#include <math.h>
#include <stddef.h>

/// Adds a note of five overtones that dies away, in semitones (69 is 440 Hz).
static inline void band_note(float *frames, size_t count, double rate, double pitch, double gain)
{
    const double hz = 440.0 * exp2((pitch - 69.0) / 12.0);
    for (int partial = 1; partial <= 5; partial++) {
        for (size_t i = 0; i < count && hz * partial < rate / 2.0; i++) {
            const double seconds = (double)i / rate;
            frames[i] += (float)(gain / partial * exp(-seconds * partial) * sin(2.0 * M_PI * hz * partial * seconds));
        }
    }
}

/// Adds a chord: \p bass as a MIDI note, and \p intervals above middle C, \p sharp semitones too high.
static inline void band_chord(float *frames, size_t count, double rate, int bass, const int *intervals, int notes,
                              double sharp)
{
    band_note(frames, count, rate, bass + sharp, 0.15);
    for (int i = 0; i < notes; i++) {
        band_note(frames, count, rate, 60 + intervals[i] + sharp, 0.1);
    }
}
