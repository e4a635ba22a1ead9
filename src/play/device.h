// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// An audio device: JACK, PortAudio, or a clock that plays to nobody. It calls back for sound, period after period.
#pragma once

#include "core/realtime.h"
#include "core/status.h"

#include <stdbool.h>
#include <stdint.h>

enum { DEVICE_CHANNELS_MAX = 16, DEVICE_BLOCK_MAX = 8192 };

/// Makes the next \p frames frames, on the device's own thread: 1 to DEVICE_BLOCK_MAX, usually the period but not
/// always (JACK's may change). \p in and \p out are one pointer a channel; \p out holds zeros. Denormals are flushed.
typedef void device_callback(void *closure, const float *const *in, float *const *out, uint32_t frames) REALTIME;

/// Zeroed means the defaults.
struct device_options {
    const char *kind;   ///< "jack", "portaudio", "null"
    const char *client; ///< the name shown to JACK; NULL for "tutti"
    const char *card;   ///< PortAudio: part of the device's name; NULL for the default one
    double rate;        ///< frames a second, a whole number from 8000; 0: what the device has (null: 48000)
    uint32_t block;     ///< frames a period; 0: what the device has (null: 64)
    uint32_t ins, outs; ///< channels, to DEVICE_CHANNELS_MAX; outs at least 1
    bool apart;         ///< JACK: leave the ports unconnected
};

struct device;

/// Opens but does not start. A server or card that is missing, or has another rate or period than asked for, is refused
/// with a complaint that says what to do: STATUS_IO, STATUS_RANGE, STATUS_UNKNOWN, STATUS_NO_MEMORY. The main thread.
MUST_USE enum status device_open(const struct device_options *options, device_callback *callback, void *closure,
                                 struct device **out, struct complaint *complaint);
/// Calls back from now on. STATUS_IN_USE where it does already, STATUS_CLOSED where the device is gone, STATUS_IO. The
/// main thread.
MUST_USE enum status device_start(struct device *device, struct complaint *complaint);
/// No callback runs when it returns, and none comes after; waits for as long as one takes, and a period. The main
/// thread.
void device_stop(struct device *device);
/// The first half of device_stop(), for who cannot wait for a server that does not answer: no callback runs when it
/// returns, and none comes after. Any thread.
void device_hush(struct device *device);
/// Opens a device that is gone anew with the \p options that it had, and has it call back again. STATUS_* as
/// device_open() while it cannot be had, or has another rate now (or another period than \p options ask for): it is
/// gone still, and this can be tried again. Where no period was asked for, JACK's may be another, in which the callback
/// is then called. STATUS_IN_USE where it is not gone. A server that is there and does not answer holds it up for as
/// long: a thread of its own, beside which nobody starts, stops or closes the device.
MUST_USE enum status device_return(struct device *device, const struct device_options *options,
                                   struct complaint *complaint);
/// Has a device_return() that is held up start nothing when it comes to it, and fail. Any thread.
void device_give_up(struct device *device);
/// Stops and frees; NULL is fine.
void device_close(struct device *device);

/// What it turned out to be. Any thread.
double device_rate(const struct device *device);
uint32_t device_block(const struct device *device);
const char *device_kind(const struct device *device);
/// Periods that the device says it lost, or (null) that passed before the callback could begin. Any thread.
uint64_t device_xruns(const struct device *device);
/// Whether it is gone (JACK shut down, a card unplugged): see device_return(). Any thread.
bool device_is_gone(const struct device *device);
/// Why its thread has no real-time priority, or NULL where it has: for a warning. After device_start()
/// (PortAudio: after the first callback). Any thread.
const char *device_hint(const struct device *device);
