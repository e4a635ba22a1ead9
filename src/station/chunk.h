// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// 100 ms of a station in every form that a listener may take, encoded once for all of them.
///
/// The 32-byte header of a binary chunk is described in docs/architecture.md.
#pragma once

#include "core/buffer.h"
#include "core/status.h"

#include <stddef.h>
#include <stdint.h>

enum {
    CHUNK_MS = 100,
    CHUNK_BLOCKS = 5, ///< blocks of 20 ms, each an Opus packet
    CHUNK_HEADER = 32,
    CHUNK_OGG = 2 ///< chunks in one Ogg page: players keep a second and more, and a page costs what a chunk does
};

/// How a listener takes the stream.
enum format {
    FORMAT_OPUS, ///< binary WebSocket messages of Opus packets
    FORMAT_PCM,  ///< binary WebSocket messages of s16le samples
    FORMAT_JSON, ///< text WebSocket messages of the same samples in base64
    FORMAT_OGG,  ///< Ogg Opus pages, without framing, for HTTP
    FORMAT_COUNT
};

/// "opus", "pcm", "json", "ogg"; static.
const char *format_name(enum format format);

/// STATUS_UNKNOWN for a name that format_name() does not give.
MUST_USE enum status format_parse(const char *text, enum format *format);

/// One chunk. Plain data; the buffers are references of its owner's, NULL where a form was not made.
struct chunk {
    uint32_t sequence;
    uint64_t frame; ///< index of its first frame in the station's life
    int64_t due_us; ///< when it was due, since 1970
    int64_t due_ns; ///< the same on clock_now_ns()
    uint32_t rate;
    struct buffer *forms[FORMAT_COUNT]; ///< the Ogg form of CHUNK_OGG chunks is with the last of them
    struct buffer *score;               ///< the score message for what begins in it (as it is rendered: it sounds up to
                                        ///< piece_delay() later, 5 ms); NULL when nothing begins
    struct buffer *score_opus;          ///< the same in frames at 48 kHz, where the station runs at another rate
};

/// Drops its references.
void chunk_done(struct chunk *chunk);

/// \name Making the forms
/// Each returns one reference that is the caller's, or NULL when memory is out.
/// @{
/// The WebSocket frame of \p samples, \p frames interleaved stereo frames.
struct buffer *chunk_pcm(const struct chunk *chunk, const int16_t *samples, size_t frames);
/// The WebSocket frame of \p count packets, each with its length as u16 before it, \p size bytes in all. Its rate is
/// 48 kHz whatever the station's, and \p frame is the index of its first frame at that rate.
struct buffer *chunk_opus(const struct chunk *chunk, uint64_t frame, const uint8_t *packets, size_t size,
                          unsigned count);
/// The WebSocket frame of the samples that \p pcm (made by chunk_pcm()) holds, as a JSON text message.
struct buffer *chunk_json(const struct chunk *chunk, const struct buffer *pcm);
/// @}
