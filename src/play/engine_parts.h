// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What an engine is made of. Only the files of the engine see it.
#pragma once

#include "play/conductor.h"
#include "play/engine.h"
#include "play/errand.h"
#include "play/keeper.h"
#include "play/kept.h"

#include <pthread.h>

/// The try to have a device again that is gone.
struct seeker {
    struct errand *errand; ///< NULL for none
    enum status status;    ///< how it ended, and its complaint
    struct complaint complaint;
};

struct engine {
    struct engine_options options;
    struct shared_format format;
    struct device *device;
    bool started; ///< the device
    struct seeker seeker;
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

/// Ends the try for the device, if one is running. False where it is held up, and what it uses has to stay: the device
/// and the engine itself; but the device does not start any more.
MUST_USE bool engine_give_up(struct engine *engine);
/// Closes the device, or leaves it where it is held up: no callback runs any more in either case.
void engine_close_device(struct engine *engine);

/// Puts commands of any kind into the inbox, up to \p limit waiting ones.
MUST_USE enum status engine_push(struct engine *engine, const struct command *commands, uint32_t count, uint32_t limit);
