// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Whether the bytes of an OSC packet are what they say, and the messages in them. Pure; any thread.
#pragma once

#include "core/status.h"

#include <stddef.h>
#include <stdint.h>

enum { OSC_DEPTH_MAX = 8 }; ///< bundles within bundles

/// One message, yet to be read: its bytes, which are good.
struct osc_piece {
    const uint8_t *bytes;
    size_t size;
    uint64_t time; ///< of the innermost bundle, or OSC_NOW
};

typedef void osc_piece_taker(void *closure, const struct osc_piece *piece);

/// Checks all of \p packet: sizes, alignment, ends of texts, type tags, depth; \p messages gets how many there are.
/// STATUS_CORRUPT with what is wrong, or STATUS_UNSUPPORTED for a type that osc.h does not take.
MUST_USE enum status osc_packet_check(const uint8_t *packet, size_t size, size_t *messages,
                                      struct complaint *complaint);

/// Hands out the messages of a packet that was found good, in their order.
void osc_packet_walk(const uint8_t *packet, size_t size, osc_piece_taker *taker, void *closure);
