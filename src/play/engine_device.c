// SPDX-License-Identifier: GPL-3.0-or-later
// A server that is there and does not answer holds up whoever asks it for something, for as long as it likes. So it is
// asked on threads of their own: for a device that is gone, which the one who waits looks at now and then; and to let a
// client go at the end, which is waited for a while. A thread that is held up then is left where it is, with what it
// may still touch, until the process ends.
#include "core/clock.h"
#include "play/engine_parts.h"

#include <signal.h>
#include <stdlib.h>

enum { END_LOOKS = 500 };

static const int64_t LOOK_NS = 2000000;

/// With all signals blocked, as they are for others.
static bool start_thread(pthread_t *thread, void *(*run)(void *), void *closure)
{
    sigset_t all;
    sigset_t before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    const bool is_started = pthread_create(thread, NULL, run, closure) == 0;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return is_started;
}

/// Waits a second for \p is_done, and takes the thread away or lets it be.
static bool end_thread(pthread_t thread, const atomic_bool *is_done)
{
    for (int look = 0; look < END_LOOKS && !atomic_load(is_done); look++) {
        clock_sleep_until(clock_now_ns() + LOOK_NS);
    }
    const bool ends = atomic_load(is_done);
    (void)(ends ? pthread_join(thread, NULL) : pthread_detach(thread));
    return ends;
}

static void *seek(void *closure)
{
    struct engine *engine = closure;
    struct seeker *seeker = &engine->seeker;
    seeker->status = device_return(engine->device, &engine->options.device, &seeker->complaint);
    atomic_store(&seeker->is_done, true);
    return NULL;
}

enum status engine_return(struct engine *engine, struct complaint *complaint)
{
    struct seeker *seeker = &engine->seeker;
    if (!seeker->is_running) {
        atomic_store(&seeker->is_done, false);
        seeker->is_running = start_thread(&seeker->thread, seek, engine);
    }
    if (!seeker->is_running) {
        return complain(complaint, STATUS_NO_MEMORY, "no thread can be had to look for the device");
    }
    if (!atomic_load(&seeker->is_done)) {
        return complain(complaint, STATUS_AGAIN, "the device does not answer yet");
    }
    (void)pthread_join(seeker->thread, NULL);
    seeker->is_running = false;
    return seeker->status == STATUS_OK ? STATUS_OK : complain(complaint, seeker->status, "%s", seeker->complaint.text);
}

bool engine_give_up(struct engine *engine)
{
    struct seeker *seeker = &engine->seeker;
    if (!seeker->is_running) {
        return true;
    }
    device_give_up(engine->device);
    seeker->is_running = !end_thread(seeker->thread, &seeker->is_done);
    return !seeker->is_running;
}

struct closing {
    struct device *device;
    atomic_bool is_done;
};

static void *close_device(void *closure)
{
    struct closing *closing = closure;
    device_close(closing->device);
    atomic_store(&closing->is_done, true);
    return NULL;
}

void engine_close_device(struct engine *engine)
{
    struct closing *closing = calloc(1, sizeof *closing);
    pthread_t thread;
    if (!closing) {
        device_close(engine->device);
        return;
    }
    closing->device = engine->device;
    if (!start_thread(&thread, close_device, closing)) {
        device_close(engine->device);
        free(closing);
    } else if (end_thread(thread, &closing->is_done)) {
        free(closing);
    }
}
