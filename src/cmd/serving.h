// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// A service made from the options of `tutti serve`, and what becomes of it when they are read anew.
#pragma once

#include "cmd/serve_options.h"
#include "cmd/station_list.h"
#include "core/options.h"
#include "core/secret.h"
#include "core/status.h"
#include "station/service.h"

/// All that serving holds; zeroed is nothing yet. Main thread only.
struct serving {
    struct options *options; ///< as they were at the start
    struct serve_settings settings;
    char made_token[SECRET_SIZE]; ///< "" where none had to be made
    bool guarded;                 ///< steering takes a token, from the start or since a reload
    struct presets *presets;
    struct harmony *harmony;
    struct service *service;
    struct music music;
    struct station_list stations; ///< that play
    unsigned added;               ///< stations so far
};

/// Makes the service and its stations from \p options, which go over, and starts it. The complaint is for a person;
/// serving_done() is due on failure too.
MUST_USE enum status serving_start(struct serving *serving, struct options *options, struct complaint *complaint);

/// Takes over what \p options, which stay the caller's, say now: all of it, or nothing where something is wrong, with a
/// complaint. What cannot change while it runs is told in the log.
MUST_USE enum status serving_reload(struct serving *serving, const struct options *options,
                                    struct complaint *complaint);

/// Says good-bye to the listeners, ends the service and frees all.
void serving_done(struct serving *serving);
