// SPDX-License-Identifier: GPL-3.0-or-later
// Whoever wakes says so first and then looks whether anyone sleeps; the sleeper says first that it sleeps and then
// looks whether it is wanted. So one of the two always sees the other, and only a sleeper costs the lock.
#include "station/slumber.h"

#include "core/clock.h"

void slumber_init(struct slumber *slumber)
{
    pthread_mutex_init(&slumber->lock, NULL);
    pthread_cond_init(&slumber->roused, NULL);
}

void slumber_done(struct slumber *slumber)
{
    pthread_cond_destroy(&slumber->roused);
    pthread_mutex_destroy(&slumber->lock);
}

static void rouse(struct slumber *slumber)
{
    if (atomic_load(&slumber->asleep)) {
        // Behind the lock the sleeper is either waiting for the signal, or has yet to look.
        pthread_mutex_lock(&slumber->lock);
        pthread_cond_signal(&slumber->roused);
        pthread_mutex_unlock(&slumber->lock);
    }
}

void slumber_wake(struct slumber *slumber)
{
    atomic_store(&slumber->wanted, true);
    rouse(slumber);
}

void slumber_stop(struct slumber *slumber)
{
    atomic_store(&slumber->stopping, true);
    rouse(slumber);
}

void slumber_start(struct slumber *slumber)
{
    atomic_store(&slumber->stopping, false);
}

bool slumber_was_wanted(struct slumber *slumber)
{
    return atomic_exchange(&slumber->wanted, false);
}

void slumber_sleep(struct slumber *slumber, _Atomic int64_t *woke_ns)
{
    pthread_mutex_lock(&slumber->lock);
    atomic_store(&slumber->asleep, true);
    while (!atomic_load(&slumber->wanted) && !atomic_load(&slumber->stopping)) {
        pthread_cond_wait(&slumber->roused, &slumber->lock);
    }
    // In this order: who sees it awake sees since when.
    atomic_store(woke_ns, clock_now_ns());
    atomic_store(&slumber->asleep, false);
    pthread_mutex_unlock(&slumber->lock);
}
