// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Samples to Opus packets of 20 ms, at any of the station's rates. One thread owns it.
///
/// Opus itself runs at 48 kHz; a station at another rate is resampled (libsoxr) on the way in.
#pragma once

#include "core/status.h"

#include <stddef.h>
#include <stdint.h>

enum {
    OPUS_STREAM_RATE = 48000,
    OPUS_STREAM_PACKET_FRAMES = OPUS_STREAM_RATE / 50,
    OPUS_STREAM_PACKET_MAX = 1500, ///< bytes; 600 kbit/s
    OPUS_STREAM_CHANNELS = 2
};

struct opus_stream;

/// \p rate 8000 to 192000; \p bitrate 6000 to 510000 bit/s. STATUS_RANGE, STATUS_NO_MEMORY.
MUST_USE enum status opus_stream_new(double rate, int bitrate, struct opus_stream **out, struct complaint *complaint);

/// NULL is fine.
void opus_stream_free(struct opus_stream *stream);

/// Takes \p frames interleaved stereo frames in. STATUS_FULL when more than half a second waits to be taken out.
MUST_USE enum status opus_stream_write(struct opus_stream *stream, const float *samples, size_t frames);

/// Encodes the next packet into \p packet and returns its bytes; 0 when less than a packet of samples waits.
/// Where Opus fails the packet is one that decoders conceal.
size_t opus_stream_read(struct opus_stream *stream, uint8_t packet[OPUS_STREAM_PACKET_MAX]);

/// Frames at 48 kHz that a decoder drops at the very start (RFC 7845, 5.1: pre-skip).
int opus_stream_preskip(const struct opus_stream *stream);
