// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The pages of an Ogg stream (RFC 3533, 6), found as its bytes come: where each stands, not what is in it. One thread
/// owns a reader.
#pragma once

#include "core/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct page {
    int64_t granule; ///< frames of music up to its end; 0 for the pages of the stream's headers, -1 where none ends
    uint32_t serial; ///< of the stream that it belongs to
    uint32_t sequence;
};

/// Zeroed is at the start of a stream.
struct page_reader {
    uint8_t header[27 + 255];
    size_t header_size; ///< bytes of it that have come
    size_t left;        ///< of the page's body, when the header is complete
    bool inside;        ///< the header is complete, and the body is not
};

/// Reads from \p *at, which moves on, up to \p end. STATUS_OK at the end of a page (call again for the rest),
/// STATUS_AGAIN when all bytes are used up, STATUS_CORRUPT where a page should begin and none does.
MUST_USE enum status page_reader_take(struct page_reader *reader, const uint8_t **at, const uint8_t *end,
                                      struct page *page);
