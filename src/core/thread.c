// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/thread.h"

#include <signal.h>

int thread_start(pthread_t *thread, void *(*run)(void *), void *closure)
{
    sigset_t all;
    sigset_t before;
    (void)sigfillset(&all);
    // A thread begins with the mask of the one that starts it.
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    const int error = pthread_create(thread, NULL, run, closure);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error;
}
