// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What can be measured of one rendered note by itself: level, onset, attack, release, spectral centroid.
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { NOTE_RATE = 44100, NOTE_FRAMES = 6 * NOTE_RATE, NOTE_FALLS = 12, NOTE_FALL_STEP = 5, NOTE_BINS = 2049 };

/// One note, rendered: \c held frames with the key down, then its release. Zero from \c count to NOTE_FRAMES.
struct note {
    size_t held;
    size_t count;
    float left[NOTE_FRAMES];
    float right[NOTE_FRAMES];
};

/// A time in seconds, and how early and how late it is where the level that it waits for is 0.1 dB off: the same unless
/// the envelope is flat there or wavers about that level, as a beat or a low note's own wave makes it.
struct note_time {
    double at, early, late;
};

/// Levels are RMS over the held part, times are from the note-on (the note-off for \c falls).
struct note_features {
    double level, left, right; ///< dB, 0 for RMS 1; both sides together, and each; -200 where it is silent
    struct note_time onset;    ///< the envelope reaches 10% of its peak
    struct note_time attack;   ///< from there to 90%
    /// When the envelope has come down for good by 5, 10, ... 60 dB from its level at note-off. Where that level is 60
    /// dB and more under the peak, the note ended by itself, and it is from the peak on and below the peak. NAN where
    /// it did not come down so far within what was rendered.
    struct note_time falls[NOTE_FALLS];
    bool ended;      ///< before note-off
    double centroid; ///< Hz, weighted by power over 20 Hz to 16 kHz
};

/// Sets \p note to silence.
void note_clear(struct note *note);

/// Whether nothing is louder than -100 dB of full scale.
bool note_silent(const struct note *note);

/// Measures \p note, at least 100 ms of it held. What has no meaning in silence is 0 or NAN.
void note_measure(const struct note *note, struct note_features *out);
