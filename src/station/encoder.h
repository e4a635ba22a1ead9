// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Turns a station's samples into the forms of a chunk: PCM, Opus packets, Ogg pages. One thread owns it.
#pragma once

#include "core/buffer.h"
#include "core/status.h"
#include "station/chunk.h"

#include <stddef.h>
#include <stdint.h>

struct encoder;

/// \p title stands in the Ogg tags, \p serial tells Ogg streams apart. STATUS_RANGE, STATUS_NO_MEMORY.
MUST_USE enum status encoder_new(const char *title, uint32_t rate, int bitrate, uint32_t serial, struct encoder **out,
                                 struct complaint *complaint);

/// What is added next begins with frame \p frame of the station's life, the first of a block, instead of frame 0.
void encoder_begin_at(struct encoder *encoder, uint64_t frame);

/// NULL is fine.
void encoder_free(struct encoder *encoder);

/// Takes one block of 20 ms; the fifth completes a chunk. STATUS_FULL beyond that.
MUST_USE enum status encoder_add(struct encoder *encoder, const float *left, const float *right, size_t frames);

/// Makes the forms of the chunk that was added, except the base64 one, for \p chunk, whose header fields are set.
/// STATUS_NO_MEMORY, with none made.
MUST_USE enum status encoder_finish(struct encoder *encoder, struct chunk *chunk);

/// Forgets what was added of a chunk that will not be finished.
void encoder_reset(struct encoder *encoder);

/// The first pages of the Ogg form; the encoder keeps its reference.
struct buffer *encoder_ogg_head(const struct encoder *encoder);
