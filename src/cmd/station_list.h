// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The stations that --stations asks for: as a text, "main,night=sleep", or in a file as a list with values for each.
///
///     stations:
///       - name: main
///       - name: night
///         preset: sleep
///         bpm: 50
///
/// What a station's item leaves open comes from the options of that name (--preset, --key, --mode, --bpm, --intensity,
/// --seed, --bitrate), and from its preset after those.
#pragma once

#include "cmd/music_options.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { STATION_LIST_MAX = 64, STATION_LIST_FIELDS = 8 };

/// The fields of an item, for the rule of --stations.
extern const struct option_rule station_list_fields[STATION_LIST_FIELDS];

/// One station that is asked for.
struct station_wish {
    char *name;
    const struct preset *preset; ///< belongs to the presets
    struct controls controls;
    uint64_t seed; ///< another for each, so that no two play the same
    bool seed_given;
    int bitrate;
};

struct station_list {
    size_t count;
    struct station_wish wishes[STATION_LIST_MAX];
};

/// Fills \p list, to be given back with station_list_clear(), on failure too; \p music is what the options say of all
/// stations. Refuses an empty list, a name that cannot be or is given twice, and what is no value, with where it
/// stands. STATUS_INVALID, STATUS_UNKNOWN, STATUS_FULL, STATUS_NO_MEMORY.
MUST_USE enum status station_list_read(const struct options *options, const struct presets *presets,
                                       const struct music *music, struct station_list *list,
                                       struct complaint *complaint);

void station_list_clear(struct station_list *list);

/// The wish for a station called \p name, or NULL.
const struct station_wish *station_list_find(const struct station_list *list, const char *name);

/// Whether both ask for the same station, a seed that nobody gave aside.
bool station_wish_equal(const struct station_wish *one, const struct station_wish *other);
