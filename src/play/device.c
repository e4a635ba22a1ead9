// SPDX-License-Identifier: GPL-3.0-or-later
// What all kinds share: the check of the options, and the way from the kind's own callback to the user's. That way
// leads through a gate, which is closed first when the device stops. So no kind has to be trusted with the promise that
// no callback runs any more, and one that ends its thread by force, as JACK's library does, never ends it within the
// user's code. A kind may ask for more frames at once than a callback is promised (JACK's period can be changed under
// us), so they are asked for in pieces.
#include "play/device.h"

#include "core/denormals.h"
#include "play/device_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double RATE_MIN = 8000, RATE_MAX = 768000;

static const struct device_ops *const kinds[] = {&device_jack_ops, &device_portaudio_ops, &device_null_ops};

static const struct device_ops *find_kind(const char *kind)
{
    for (size_t i = 0; kind && i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(kinds[i]->kind, kind) == 0) {
            return kinds[i];
        }
    }
    return NULL;
}

static enum status check_options(const struct device_options *options, struct complaint *complaint)
{
    const double rate = options->rate;
    if (rate != 0 && (!(rate >= RATE_MIN && rate <= RATE_MAX) || rate != floor(rate))) {
        return complain(complaint, STATUS_RANGE, "a rate is a whole number from %.0f to %.0f frames a second", RATE_MIN,
                        RATE_MAX);
    }
    if (options->block > DEVICE_BLOCK_MAX) {
        return complain(complaint, STATUS_RANGE, "a period has 1 to %d frames, not %u", DEVICE_BLOCK_MAX,
                        options->block);
    }
    if (options->outs < 1 || options->outs > DEVICE_CHANNELS_MAX) {
        return complain(complaint, STATUS_RANGE, "a device has 1 to %d output channels, not %u", DEVICE_CHANNELS_MAX,
                        options->outs);
    }
    if (options->ins > DEVICE_CHANNELS_MAX) {
        return complain(complaint, STATUS_RANGE, "a device has up to %d input channels, not %u", DEVICE_CHANNELS_MAX,
                        options->ins);
    }
    return STATUS_OK;
}

enum status device_open(const struct device_options *options, device_callback *callback, void *closure,
                        struct device **out, struct complaint *complaint)
{
    *out = NULL;
    const struct device_ops *ops = find_kind(options->kind);
    if (!ops) {
        return complain(complaint, STATUS_UNKNOWN, "no device \"%s\": give jack, portaudio or null",
                        options->kind ? options->kind : "");
    }
    enum status status = check_options(options, complaint);
    if (status) {
        return status;
    }
    struct device *device = calloc(1, sizeof *device);
    if (!device) {
        return complain(complaint, STATUS_NO_MEMORY, "no memory for a device");
    }
    device->ops = ops;
    device->callback = callback;
    device->closure = closure;
    device->ins = options->ins;
    device->outs = options->outs;
    status = ops->open(device, options, complaint);
    if (status) {
        free(device);
        return status;
    }
    device->rate = device->offer.rate;
    device->block = device->offer.block;
    *out = device;
    return STATUS_OK;
}

static enum status start(struct device *device, struct complaint *complaint)
{
    gate_open(&device->gate);
    const enum status status = device->ops->start(device, complaint);
    if (status) {
        gate_close(&device->gate);
        return status;
    }
    device->is_started = true;
    return STATUS_OK;
}

enum status device_start(struct device *device, struct complaint *complaint)
{
    if (device->is_started) {
        return complain(complaint, STATUS_IN_USE, "the device plays already");
    }
    if (device_is_gone(device)) {
        return complain(complaint, STATUS_CLOSED, "the device is gone");
    }
    return start(device, complaint);
}

void device_hush(struct device *device)
{
    gate_close(&device->gate);
}

void device_stop(struct device *device)
{
    if (device->is_started) {
        gate_close(&device->gate);
        device->ops->stop(device);
        device->is_started = false;
    }
}

/// Stops it and gives back what it has of the system.
static void let_go(struct device *device)
{
    device_stop(device);
    if (device->backend) {
        device->ops->close(device);
        device->backend = NULL;
    }
}

enum status device_return(struct device *device, const struct device_options *options, struct complaint *complaint)
{
    if (!device_is_gone(device)) {
        return complain(complaint, STATUS_IN_USE, "the device is not gone");
    }
    let_go(device);
    // From here on none that is told is of the time before.
    const uint32_t losses = atomic_load(&device->losses);
    struct device_options same = *options;
    same.rate = device->rate;
    enum status status = device->ops->open(device, &same, complaint);
    if (status) {
        device->backend = NULL;
        return status;
    }
    status = atomic_load(&device->unwanted) ? complain(complaint, STATUS_CLOSED, "nobody wants the device any more")
                                            : start(device, complaint);
    if (status == STATUS_OK) {
        atomic_store(&device->forgiven, losses);
    }
    return status;
}

void device_give_up(struct device *device)
{
    atomic_store(&device->unwanted, true);
}

void device_close(struct device *device)
{
    if (device) {
        let_go(device);
        free(device);
    }
}

void device_feed(struct device *device, const float *const *in, float *const *out, uint32_t frames)
{
    (void)denormals_flush();
    for (uint32_t channel = 0; channel < device->outs; channel++) {
        memset(out[channel], 0, frames * sizeof(float));
    }
    if (!gate_enter(&device->gate)) {
        return;
    }
    for (uint32_t done = 0; done < frames;) {
        const uint32_t count = frames - done < DEVICE_BLOCK_MAX ? frames - done : DEVICE_BLOCK_MAX;
        const float *ins[DEVICE_CHANNELS_MAX];
        float *outs[DEVICE_CHANNELS_MAX];
        for (uint32_t channel = 0; channel < device->ins; channel++) {
            ins[channel] = in[channel] + done;
        }
        for (uint32_t channel = 0; channel < device->outs; channel++) {
            outs[channel] = out[channel] + done;
        }
        device->callback(device->closure, ins, outs, count);
        done += count;
    }
    gate_leave(&device->gate);
}

double device_rate(const struct device *device)
{
    return device->rate;
}

uint32_t device_block(const struct device *device)
{
    return device->block;
}

const char *device_kind(const struct device *device)
{
    return device->ops->kind;
}

uint64_t device_xruns(const struct device *device)
{
    return atomic_load(&device->xruns);
}

bool device_is_gone(const struct device *device)
{
    return atomic_load(&device->losses) != atomic_load(&device->forgiven);
}

const char *device_hint(const struct device *device)
{
    return atomic_load(&device->hint);
}
