// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Opus packets to Ogg pages (RFC 7845), for players and files. One thread owns it.
///
/// Pages made here can be sent to any number of players: each is given the head pages first, then live pages from
/// wherever the stream is.
#pragma once

#include "core/buffer.h"
#include "core/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ogg_opus;

/// \p serial tells streams apart; \p preskip from opus_stream_preskip(); \p title and \p comment go into
/// the tags, either may be NULL. NULL when memory is out.
struct ogg_opus *ogg_opus_new(uint32_t serial, int preskip, double source_rate, const char *title, const char *comment);

/// NULL is fine.
void ogg_opus_free(struct ogg_opus *stream);

/// The identification and comment pages; the stream keeps its reference.
struct buffer *ogg_opus_head(const struct ogg_opus *stream);

/// Adds a packet of \p frames frames at 48 kHz; \p last ends the stream, of which then \p trim frames at the end are
/// not to be played. STATUS_NO_MEMORY.
MUST_USE enum status ogg_opus_add(struct ogg_opus *stream, const uint8_t *packet, size_t size, int frames, bool last,
                                  int trim);

/// All that has been added since the last call, in whole pages; the caller's reference. NULL when there is nothing, or
/// memory is out.
struct buffer *ogg_opus_take(struct ogg_opus *stream);
