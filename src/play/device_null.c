// SPDX-License-Identifier: GPL-3.0-or-later
// A thread keeps the time of a card. Frame n is due at the anchor plus n / rate, reckoned anew from the whole count of
// frames and rounded once, so that no error adds up. A card that is not served within a period has lost it, and asks
// for the next when that is due by its own clock: so a period that begins late by one or more is counted with all that
// were lost, and the time goes on from there. One that is late by less is followed by others that come somewhat sooner
// than usual, until they are in time: never so soon that who is to be ready by then had no time for it. Frames are
// never skipped, for they are the music's, not the clock's.
#include "core/clock.h"
#include "play/device_parts.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { RATE_DEFAULT = 48000, BLOCK_DEFAULT = 64, PRIORITY = 70, ALIGNMENT = 64, HASTE = 4 };

static const int64_t NS_PER_S = 1000000000;
static const char *const NO_PRIORITY =
    "its thread has no real-time priority: raise the limit, for example with \"@audio - rtprio 80\" in "
    "/etc/security/limits.d/audio.conf";

struct null {
    pthread_t thread;
    atomic_bool stopping;
    uint64_t rate;
    float *memory; ///< of all channels
    const float *in[DEVICE_CHANNELS_MAX];
    float *out[DEVICE_CHANNELS_MAX];
};

/// Nanoseconds that \p frames frames last. Right for 4 s of the largest rate at least, and as long as 2^63 ns.
static int64_t span_ns(uint64_t frames, uint64_t rate)
{
    return (int64_t)(frames / rate) * NS_PER_S + (int64_t)(frames % rate * (uint64_t)NS_PER_S / rate);
}

static void *play(void *argument)
{
    struct device *device = argument;
    struct null *null = device->backend;
    const int64_t period_ns = span_ns(device->block, null->rate);
    int64_t anchor_ns = clock_now_ns();
    int64_t begin_ns = anchor_ns - period_ns;
    uint64_t frames = 0; ///< since the anchor
    while (!atomic_load(&null->stopping)) {
        const int64_t due_ns = anchor_ns + span_ns(frames, null->rate);
        const int64_t soonest_ns = begin_ns + period_ns - period_ns / HASTE;
        clock_sleep_until(due_ns > soonest_ns ? due_ns : soonest_ns);
        begin_ns = clock_now_ns();
        if (begin_ns - due_ns >= period_ns) {
            atomic_fetch_add(&device->xruns, (uint64_t)((begin_ns - due_ns) / period_ns));
            anchor_ns = begin_ns;
            frames = 0;
        }
        device_feed(device, null->in, null->out, device->block);
        frames += device->block;
    }
    return NULL;
}

static void close_null(struct device *device)
{
    struct null *null = device->backend;
    free(null->memory);
    free(null);
}

static enum status open_null(struct device *device, const struct device_options *options, struct complaint *complaint)
{
    device->offer.rate = options->rate != 0 ? options->rate : RATE_DEFAULT;
    device->offer.block = options->block ? options->block : BLOCK_DEFAULT;
    struct null *null = calloc(1, sizeof *null);
    if (!null) {
        return complain(complaint, STATUS_NO_MEMORY, "no memory for a device");
    }
    const size_t floats = ALIGNMENT / sizeof(float);
    const size_t stride = (device->offer.block + floats - 1) / floats * floats;
    const size_t size = (device->ins + device->outs) * stride * sizeof(float);
    null->memory = aligned_alloc(ALIGNMENT, size);
    if (!null->memory) {
        free(null);
        return complain(complaint, STATUS_NO_MEMORY, "no memory for a device");
    }
    memset(null->memory, 0, size);
    null->rate = (uint64_t)device->offer.rate;
    for (uint32_t channel = 0; channel < device->ins; channel++) {
        null->in[channel] = null->memory + channel * stride;
    }
    for (uint32_t channel = 0; channel < device->outs; channel++) {
        null->out[channel] = null->memory + (device->ins + channel) * stride;
    }
    device->backend = null;
    return STATUS_OK;
}

/// Starts the thread at \p priority, or as any other where that is 0. An errno, or 0.
static int start_thread(struct device *device, int priority)
{
    struct null *null = device->backend;
    pthread_attr_t attributes;
    const struct sched_param parameters = {.sched_priority = priority};
    int error = pthread_attr_init(&attributes);
    if (error) {
        return error;
    }
    if (priority) {
        error = pthread_attr_setinheritsched(&attributes, PTHREAD_EXPLICIT_SCHED);
        error = error ? error : pthread_attr_setschedpolicy(&attributes, SCHED_FIFO);
        error = error ? error : pthread_attr_setschedparam(&attributes, &parameters);
    }
    error = error ? error : pthread_create(&null->thread, &attributes, play, device);
    (void)pthread_attr_destroy(&attributes);
    return error;
}

static enum status start_null(struct device *device, struct complaint *complaint)
{
    struct null *null = device->backend;
    atomic_store(&null->stopping, false);
    atomic_store(&device->hint, (const char *)NULL);
    int error = start_thread(device, PRIORITY);
    struct rlimit limit;
    if (error == EPERM && getrlimit(RLIMIT_RTPRIO, &limit) == 0 && limit.rlim_cur > 0 && limit.rlim_cur < PRIORITY) {
        error = start_thread(device, (int)limit.rlim_cur);
    }
    if (error) {
        error = start_thread(device, 0);
        atomic_store(&device->hint, NO_PRIORITY);
    }
    if (error) {
        return complain(complaint, STATUS_IO, "cannot start a thread: %s", strerror(error));
    }
    return STATUS_OK;
}

static void stop_null(struct device *device)
{
    struct null *null = device->backend;
    atomic_store(&null->stopping, true);
    (void)pthread_join(null->thread, NULL);
}

const struct device_ops device_null_ops = {
    .kind = "null",
    .open = open_null,
    .start = start_null,
    .stop = stop_null,
    .close = close_null,
};
