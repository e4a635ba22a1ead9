// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The feeds of one shard: one for each station that somebody there hears. Internal to station; of the shard's thread.
#pragma once

#include "station/feed.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Embed it; zeroed but for the bit, there are none.
struct feeds {
    uint32_t bit; ///< the shard's in struct stations_entry
    struct feed **list;
    size_t count, room;
    bool has_empty; ///< there may be one that nobody is in
};

/// The feed of \p entry, which the station wakes the shard for from now on. NULL when memory is out.
struct feed *feeds_take(struct feeds *feeds, struct stations_entry *entry);

/// Frees those that nobody is in. Somebody still holds their stations.
void feeds_drop_empty(struct feeds *feeds);

/// Nobody is in any.
void feeds_done(struct feeds *feeds);
