// SPDX-License-Identifier: GPL-3.0-or-later
// The device's callback listens, and sends what is said over a ring to this thread, which prints it. Where the printing
// is held up for so long that the ring is full, events are lost and counted.
#include "cmd/listen.h"

#include "cmd/hearing_print.h"
#include "cmd/interrupt.h"
#include "core/clock.h"
#include "core/ring.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { WAITING = 4096, LINE = 64 };

static const double NS_PER_S = 1e9;
static const int64_t LOOK_NS = 5000000;
static const int64_t SHOW_NS = 50000000;

struct ear {
    struct hearing hearing;
    struct ring *ring;
    void *memory;
    struct device *device;
    float frames[HEAR_FRAMES_MAX * HEAR_CHANNELS_MAX];
    struct hear_event events[HEAR_EVENTS_MAX];
};

static void hear_some(struct ear *ear, const float *const *in, uint32_t from, uint32_t count) REALTIME;

static void hear_some(struct ear *ear, const float *const *in, uint32_t from, uint32_t count)
{
    const uint32_t channels = ear->hearing.options.channels;
    for (uint32_t channel = 0; channel < channels; channel++) {
        for (uint32_t i = 0; i < count; i++) {
            ear->frames[i * channels + channel] = in[channel][from + i];
        }
    }
    const size_t said = hearing_push(&ear->hearing, ear->frames, count, ear->events);
    for (size_t i = 0; i < said; i++) {
        if (!ring_push(ear->ring, &ear->events[i])) {
            atomic_fetch_add_explicit(&ear->hearing.lost, 1, memory_order_relaxed);
        }
    }
}

static void hear_device(void *closure, const float *const *in, float *const *out, uint32_t frames) REALTIME;

static void hear_device(void *closure, const float *const *in, float *const *out, uint32_t frames)
{
    struct ear *ear = closure;
    (void)out;
    for (uint32_t done = 0; done < frames;) {
        const uint32_t some = frames - done < HEAR_FRAMES_MAX ? frames - done : HEAR_FRAMES_MAX;
        hear_some(ear, in, done, some);
        done += some;
    }
}

// False where standard output takes no more.
static bool print_events(struct ear *ear, bool live)
{
    struct hear_event event;
    while (ring_pop(ear->ring, &event)) {
        if (!live) {
            hearing_print_event(stdout, &ear->hearing, &event);
        }
    }
    return fflush(stdout) == 0 && hearing_print_is_read();
}

// Until it is over; false where the device is gone.
static bool watch(struct ear *ear, const struct listen_options *options)
{
    const int64_t start_ns = clock_now_ns();
    const double most = options->seconds > 0 ? options->seconds * ear->hearing.options.rate : 0;
    int64_t shown_ns = 0;
    bool is_gone = false;
    while (!interrupt_came() && (most <= 0 || (double)atomic_load(&ear->hearing.frames) < most)) {
        is_gone = device_is_gone(ear->device);
        if (is_gone) {
            break;
        }
        if (!print_events(ear, options->live)) {
            break;
        }
        const int64_t now_ns = clock_now_ns();
        if (options->live && now_ns - shown_ns >= SHOW_NS) {
            hearing_print_live(stdout, &ear->hearing, shown_ns > 0);
            shown_ns = now_ns;
        }
        clock_sleep_until(now_ns + LOOK_NS);
    }
    device_stop(ear->device);
    (void)print_events(ear, options->live);
    hearing_print_summary(stdout, &ear->hearing, (double)(clock_now_ns() - start_ns) / NS_PER_S);
    return !is_gone;
}

static enum status open_ear(struct ear *ear, const struct listen_options *options, struct complaint *complaint)
{
    enum status status = device_open(&options->device, hear_device, ear, &ear->device, complaint);
    if (status != STATUS_OK) {
        return status;
    }
    ear->memory = aligned_alloc(LINE, (ring_footprint(WAITING, sizeof(struct hear_event)) + LINE - 1) / LINE * LINE);
    if (!ear->memory) {
        return complain(complaint, STATUS_NO_MEMORY, "out of memory");
    }
    ear->ring = ring_init(ear->memory, WAITING, sizeof(struct hear_event));
    const struct hear_options wanted = {
        .rate = (uint32_t)lround(device_rate(ear->device)), .channels = options->device.ins, .pitch = options->pitch};
    // What is measured is a push, and a longer period is pushed in parts.
    const uint32_t block = device_block(ear->device);
    status = hearing_init(&ear->hearing, &wanted, block < HEAR_FRAMES_MAX ? block : HEAR_FRAMES_MAX, complaint);
    return status == STATUS_OK ? device_start(ear->device, complaint) : status;
}

enum status listen_to_device(const struct listen_options *options, struct complaint *complaint)
{
    struct ear *ear = aligned_alloc(LINE, (sizeof *ear + LINE - 1) / LINE * LINE);
    if (!ear) {
        return complain(complaint, STATUS_NO_MEMORY, "out of memory");
    }
    memset(ear, 0, sizeof *ear);
    interrupt_watch();
    enum status status = open_ear(ear, options, complaint);
    if (status == STATUS_OK && device_hint(ear->device)) {
        (void)fprintf(stderr, "tutti listen: %s\n", device_hint(ear->device));
    }
    if (status == STATUS_OK && !watch(ear, options)) {
        status = complain(complaint, STATUS_CLOSED, "the sound device went away");
    } else if (status == STATUS_OK && !hearing_print_is_read()) {
        status = complain(complaint, STATUS_IO, "standard output takes no more");
    }
    device_close(ear->device);
    hearing_done(&ear->hearing);
    free(ear->memory);
    free(ear);
    return status;
}
