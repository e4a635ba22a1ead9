// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Where a load test takes place: a server, one that runs or one of the test's own, and what there is to listen to. One
/// thread.
#pragma once

#include "cmd/bench_listeners_url.h"
#include "cmd/child.h"
#include "core/status.h"

#include <stdbool.h>
#include <stddef.h>

enum { STAGE_STATIONS = 1024, STAGE_STATION_SIZE = 64 };

struct load_stage_options {
    const char *url;      ///< NULL for a server of the test's own
    const char *stations; ///< a list; NULL for all that the server says it has, of the test's own eight
    const char *format;   ///< of a ws stream
};

/// Read only, but through the functions below.
struct load_stage {
    struct load_url url;
    struct child server;           ///< of the test's own
    char address[URL_TARGET_SIZE]; ///< its URL
    char stations[STAGE_STATIONS][STAGE_STATION_SIZE];
    size_t station_count;
    char targets[STAGE_STATIONS][URL_TARGET_SIZE]; ///< what a listener of each station asks for
    size_t target_count;
};

/// Finds the server, or starts one, and sees that it answers. As load_url_parse() and load_url_reach(), and
/// STATUS_INVALID for names that no station has, STATUS_FULL for more than STAGE_STATIONS, STATUS_UNSUPPORTED where the
/// server does not say what stations it has, STATUS_IO where none can be started.
MUST_USE enum status load_stage_new(const struct load_stage_options *options, struct load_stage **out,
                                    struct complaint *complaint);

/// Whether each listener has a station of their own.
bool load_stage_private(const struct load_stage *stage);

/// Stops the test's own server. NULL is fine.
void load_stage_free(struct load_stage *stage);
