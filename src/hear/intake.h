// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What every ear listens to: the performer's sound at two rates that suit analysis.
///
/// The fast stream, for onsets, pitch and beat, has the device's rate divided by the largest whole number that leaves
/// 40 kHz (44.1 to 79.9 kHz, or the device's own where that is lower). The slow one, for harmony, has that divided by
/// the largest whole number that leaves 10.5 kHz.
#pragma once

#include "core/realtime.h"
#include "core/status.h"

#include <stddef.h>
#include <stdint.h>

enum {
    INTAKE_RATE_MIN = 8000,
    INTAKE_RATE_MAX = 192000,
    INTAKE_BLOCK = 256, ///< most frames that intake_push() takes at once
};

struct intake;

/// One of the two streams.
struct intake_stream {
    double rate;         ///< Hz
    uint32_t factor;     ///< device frames a frame
    double delay;        ///< device frames that it lies behind the device
    const float *frames; ///< what the last intake_push() brought; valid until the next one
    size_t count;
};

/// \p rate in Hz. NULL with a \p complaint. Not for audio callbacks.
struct intake *intake_new(uint32_t rate, struct complaint *complaint);

void intake_free(struct intake *intake);

/// Takes \p count frames, at most INTAKE_BLOCK, of one channel. They are numbers, which hear.h sees to: one that is not
/// would stay in the filters and all ears.
void intake_push(struct intake *intake, const float *in, size_t count) REALTIME;

const struct intake_stream *intake_fast(const struct intake *intake) REALTIME;
const struct intake_stream *intake_slow(const struct intake *intake) REALTIME;

/// The device frame that lies under frame \p frame (counted from 0, fractions allowed) of \p stream.
double intake_device_frame(const struct intake_stream *stream, double frame) REALTIME;
