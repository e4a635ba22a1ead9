// SPDX-License-Identifier: GPL-3.0-or-later
#include "play/errand.h"

#include "core/clock.h"
#include "core/thread.h"

#include <stdatomic.h>
#include <stdlib.h>

static const int64_t LOOK_NS = 2000000;

struct errand {
    pthread_t thread;
    void (*run)(void *closure);
    void *closure;
    atomic_bool is_done;
};

static void *go(void *argument)
{
    struct errand *errand = argument;
    errand->run(errand->closure);
    atomic_store(&errand->is_done, true);
    return NULL;
}

struct errand *errand_new(void (*run)(void *closure), void *closure)
{
    struct errand *errand = calloc(1, sizeof *errand);
    if (!errand) {
        return NULL;
    }
    errand->run = run;
    errand->closure = closure;
    if (thread_start(&errand->thread, go, errand)) {
        free(errand);
        return NULL;
    }
    return errand;
}

bool errand_is_done(const struct errand *errand)
{
    return atomic_load(&errand->is_done);
}

bool errand_end(struct errand *errand, int64_t patience_ns)
{
    for (const int64_t last_ns = clock_now_ns() + patience_ns; !errand_is_done(errand) && clock_now_ns() < last_ns;) {
        clock_sleep_until(clock_now_ns() + LOOK_NS);
    }
    if (!errand_is_done(errand)) {
        (void)pthread_detach(errand->thread);
        return false;
    }
    (void)pthread_join(errand->thread, NULL);
    free(errand);
    return true;
}
