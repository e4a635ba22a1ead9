// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The options of `tutti serve` and what they mean for the service.
#pragma once

#include "core/log.h"
#include "core/options.h"
#include "core/status.h"
#include "station/service.h"

#include <stdbool.h>

enum { SERVE_ORIGINS_MAX = 32 };

/// What the options say, but for the music and the stations.
struct serve_settings {
    enum log_level log_level;
    bool local; ///< only this machine can reach the service
    char *origin_text;
    const char *origins[SERVE_ORIGINS_MAX + 1];
    char *state_dir;
    /// Without the presets and the page. Its texts belong to the options and to these settings.
    struct service_options service;
};

/// Reads them; give them back with serve_settings_clear(), on failure too. STATUS_INVALID, STATUS_FULL,
/// STATUS_NO_MEMORY with a complaint.
MUST_USE enum status serve_settings_read(const struct options *options, struct serve_settings *settings,
                                         struct complaint *complaint);

/// The connections that one address may have, where only this machine can reach the service, or the world.
unsigned serve_per_address(const struct options *options, bool local);

void serve_settings_clear(struct serve_settings *settings);

/// The options whose values cannot change while the service runs, ended by NULL.
extern const char *const serve_fixed_options[];
