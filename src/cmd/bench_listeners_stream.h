// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What a listener of a load test reads, from the answer to its request on: whether the stream opens, when the first
/// chunk is there, and whether what follows has holes. One thread owns a stream.
#pragma once

#include "cmd/bench_listeners_frames.h"
#include "cmd/bench_listeners_message.h"
#include "cmd/bench_listeners_pages.h"
#include "cmd/bench_listeners_tally.h"
#include "core/random.h"
#include "net/http_handshake.h"
#include "station/chunk.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LOAD_ANSWER_MAX = 2048 };

/// Zeroed but for the format and the key is a stream whose answer has not come.
struct load_stream {
    enum format format;
    char key[HTTP_HANDSHAKE_KEY_SIZE];
    size_t answer_size;
    char answer[LOAD_ANSWER_MAX + 1];
    struct frame_reader frames;
    struct page_reader pages;
    // Where the stream has got to.
    bool begun; ///< a chunk has been heard
    uint32_t sequence;
    uint32_t serial; ///< Ogg only
    uint64_t frame;  ///< with which the next chunk begins
};

/// A stream with a random key. NULL when memory is out.
struct load_stream *load_stream_new(enum format format, struct random *random);

/// Takes bytes of the answer's head from \p *at, which moves on. STATUS_AGAIN while it is incomplete, STATUS_OK where
/// it opens the stream, STATUS_UNSUPPORTED where it does not: \p *answer is then its HTTP status, or 0 where it is
/// none.
MUST_USE enum status load_stream_answer(struct load_stream *stream, const uint8_t **at, const uint8_t *end,
                                        int *answer);

/// How and where a stream is heard.
struct load_ear {
    int fd; ///< where answers go
    struct tally *tally;
    enum tally_phase phase;
    int64_t joined_us; ///< since 1970; what was due before is the burst, and cannot be in time
};

/// Takes what comes behind the answer, from \p *at, which moves on, and counts it: chunks, holes before them, jumps of
/// their frames, their lateness, skips, errors. Answers pings and closes. STATUS_OK once, when the first chunk or page
/// of music is complete (call again for the rest), STATUS_AGAIN when all bytes are used up, STATUS_CLOSED after a close
/// frame, whose code is counted, STATUS_CORRUPT after what cannot be, which is counted too. After the last two nothing
/// more may be taken.
MUST_USE enum status load_stream_hear(struct load_stream *stream, const struct load_ear *ear, const uint8_t **at,
                                      const uint8_t *end);
