// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// A place for a thread to sleep in until it is wanted, without a timer. Internal to station.
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/// Embed it.
struct slumber {
    pthread_mutex_t lock;
    pthread_cond_t roused;
    _Atomic bool wanted;   ///< since the sleeper last looked
    _Atomic bool stopping; ///< there is no sleep any more
    _Atomic bool asleep;
};

void slumber_init(struct slumber *slumber);

/// Nobody sleeps there, or wakes anyone, any more.
void slumber_done(struct slumber *slumber);

/// \name Any thread
/// @{
/// The sleeper is wanted: it wakes, or does not go to sleep before it has looked. Cheap where it is awake.
void slumber_wake(struct slumber *slumber);
/// Wakes the sleeper for good.
void slumber_stop(struct slumber *slumber);
/// @}

/// \name The sleeper
/// @{
/// Sleep is possible again.
void slumber_start(struct slumber *slumber);
/// Whether it was wanted since the last call.
bool slumber_was_wanted(struct slumber *slumber);
/// Sleeps until it is wanted or stopped; not at all where it is already. \p woke_ns gets clock_now_ns() before others
/// see it awake.
void slumber_sleep(struct slumber *slumber, _Atomic int64_t *woke_ns);
/// @}
