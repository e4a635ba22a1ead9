// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What the kinds of devices have in common, and how they differ. Only the files of the device see it.
#pragma once

#include "play/device.h"
#include "play/gate.h"

#include <stdatomic.h>

/// A kind of device. All is called by one thread at a time in the order open, (start, stop)..., close; and anew from
/// open on where the device was gone.
struct device_ops {
    const char *kind;
    /// Sets \c backend and \c offer of \p device. Where it fails nothing is left to close.
    enum status (*open)(struct device *device, const struct device_options *options, struct complaint *complaint);
    /// Has device_feed() called from now on, and sets \c hint. Where it fails it is as before.
    enum status (*start)(struct device *device, struct complaint *complaint);
    /// Never called unless started.
    void (*stop)(struct device *device);
    void (*close)(struct device *device);
};

extern const struct device_ops device_jack_ops, device_portaudio_ops, device_null_ops;

/// What a device turned out to be.
struct device_offer {
    double rate;
    uint32_t block;
};

struct device {
    const struct device_ops *ops;
    void *backend; ///< the kind's own; NULL while it is not open
    struct device_offer offer;
    device_callback *callback;
    void *closure;
    double rate;
    uint32_t block, ins, outs;
    bool is_started;
    struct gate gate; ///< open while callbacks are wanted
    _Atomic uint64_t xruns;
    _Atomic uint32_t losses;    ///< times that it went: \sa device_lose
    _Atomic uint32_t forgiven;  ///< of these, those after which it is back
    atomic_bool unwanted;       ///< is not to start any more
    _Atomic(const char *) hint; ///< static text
};

/// For a kind to tell that the device went. Any thread.
static inline void device_lose(struct device *device)
{
    atomic_fetch_add(&device->losses, 1);
}

/// Fills \p out with what the callback makes of \p in, in pieces of at most DEVICE_BLOCK_MAX frames, and with zeros
/// while the device is stopped. The device's thread.
void device_feed(struct device *device, const float *const *in, float *const *out, uint32_t frames) REALTIME;
