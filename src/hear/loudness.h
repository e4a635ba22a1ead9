// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// How loud a sound is to people: momentary, short-term and integrated loudness, as it runs.
///
/// ITU-R BS.1770-4 with the windows of EBU Tech 3341: K-weighting, 400 ms and 3 s, and blocks of 400 ms each 100 ms
/// that pass a gate at -70 LUFS and one 10 LU below what passed that. The filters at other rates than 48 kHz are those
/// of De Man ("Evaluation of implementations of the EBU R128 loudness measurement", AES Convention 145, 2018). Memory
/// is flat however long it runs: the blocks are kept as counts and sums in steps of 0.1 LU, so the lower gate is true
/// to that.
#pragma once

#include "core/realtime.h"
#include "core/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    LOUDNESS_CHANNELS = 8,
    LOUDNESS_STEPS = 100, ///< a second, in which the values move
};

/// What is said of silence, and of less than that: LUFS.
static const double LOUDNESS_SILENCE = -100.0;

struct loudness_options {
    double rate;       ///< Hz, 8000 to 192000
    uint32_t channels; ///< 1 to LOUDNESS_CHANNELS
    bool surround; ///< 4 to 8 channels are weighed as L R Ls Rs, L R C Ls Rs, and from 6 on L R C LFE Lb Rb Ls Rs of a
                   ///< file (with 6 the last two are the surrounds); else all weigh 1
};

struct loudness;

/// NULL without memory or when an option is outside its range. Not for audio callbacks.
struct loudness *loudness_new(const struct loudness_options *options);

void loudness_free(struct loudness *loudness);

/// Takes \p count interleaved frames, which are numbers.
void loudness_push(struct loudness *loudness, const float *frames, size_t count) REALTIME;

/// Of the last 400 ms, or what there is of them, in LUFS.
double loudness_momentary(const struct loudness *loudness) REALTIME;

/// Of the last 3 s, or what there is of them, in LUFS.
double loudness_short_term(const struct loudness *loudness) REALTIME;

/// Since the start, in LUFS.
double loudness_integrated(const struct loudness *loudness) REALTIME;
