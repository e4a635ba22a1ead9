// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What an engine is made of. Only the files of the engine see it.
#pragma once

#include "play/conductor.h"
#include "play/engine.h"
#include "play/keeper.h"
#include "play/kept.h"

#include <pthread.h>

struct engine {
    struct engine_options options;
    struct shared_format format;
    struct device *device;
    bool started; ///< the device
    struct recorder *recorder;
    struct conductor *conductor;
    struct waker *waker; ///< or NULL
    struct keeper *keeper;
    struct kept *kept;
    int score_fd, area_fd[SHARED_SLOTS];
    struct shared_score *score;
    const struct shared_area *area[SHARED_SLOTS];

    pthread_mutex_t sending; ///< one at a time fills the inbox
    uint64_t order;          ///< of the next command
    _Atomic uint64_t commands, refused;
    uint64_t tickets; ///< given to posts
    uint64_t swap;    ///< frame of the last one posted
};

/// Puts commands of any kind into the inbox, up to \p limit waiting ones.
MUST_USE enum status engine_push(struct engine *engine, const struct command *commands, uint32_t count, uint32_t limit);
