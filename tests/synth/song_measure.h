// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// How two renders of one song differ: in loudness and in spectrum. A file of its own because libebur128 has an enum
/// mode, as Tutti has.
#pragma once

#include <stddef.h>

struct song_measure;

/// For two sides at \p rate. Aborts when memory is out.
struct song_measure *song_measure_new(unsigned rate);

/// The next \p frames frames, at most 4096, left and right, of the two renders.
void song_measure_add(struct song_measure *measure, const float *const reference[2], const float *const tested[2],
                      size_t frames);

struct song_difference {
    double reference_lufs; ///< integrated loudness, EBU R 128
    double tested_lufs;
    /// Log-spectral distance in dB: over all windows of 1024 frames, half overlapping, and all their bins from 20 Hz to
    /// 16 kHz, the RMS of the difference in dB of the two powers, both sides together. A power under -90 dB (0 is a
    /// sine at full scale) counts as -90 dB; where both are under it, the bin is left out.
    double distance_db;
};

struct song_difference song_measure_result(struct song_measure *measure);

/// NULL is fine.
void song_measure_free(struct song_measure *measure);
