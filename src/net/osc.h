// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// OSC over UDP, by liblo: messages in, whatever their packets hold, and messages out to whoever sent one.
///
/// Packets are checked before liblo sees them (net/osc_packet.h): what is malformed is counted and answered with
/// `/tutti/error "" TEXT` (ten at once and ten a second), never passed on. Bundles are taken apart; each message bears
/// the time tag of the innermost bundle around it.
#pragma once

#include "core/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { OSC_ARGS_MAX = 32, OSC_ADDRESS_SIZE = 64, OSC_NOW = 1, OSC_PACKET_MAX = 65507 };

/// Who sent: plain, may be kept and compared as memory.
struct osc_peer {
    char host[64];
    char port[8];
};

struct osc_arg {
    char type; ///< i f s T F h d N; h and d are given as they are, b and others refuse the message
    int64_t integer;
    double number;    ///< of i, h, f and d
    const char *text; ///< of s and S
};

struct osc_message {
    const char *address;
    uint64_t time; ///< NTP, 32.32; OSC_NOW for at once
    size_t left;   ///< how many more messages of the same packet follow
    const struct osc_arg *args;
    size_t count;
    struct osc_peer peer;
};

struct osc;

/// Takes one message; called on the thread of osc_poll(). \p message is gone when it returns.
typedef void osc_handler(void *closure, const struct osc_message *message);

/// Listens on UDP \p address:\p port (0 chooses one; NULL is 127.0.0.1). STATUS_IN_USE, STATUS_IO.
MUST_USE enum status osc_new(const char *address, uint16_t port, osc_handler *handler, void *closure, struct osc **out,
                             struct complaint *complaint);
void osc_free(struct osc *osc); ///< NULL is fine
uint16_t osc_port(const struct osc *osc);
/// For poll(): readable when a packet waits.
int osc_descriptor(const struct osc *osc);
/// Takes the packets that wait, 1024 at most: what is left makes the descriptor readable again. One thread.
void osc_poll(struct osc *osc);
/// One packet as if it had come from \p peer: what osc_poll() does with each, and what is fuzzed.
void osc_take(struct osc *osc, const void *packet, size_t size, const struct osc_peer *peer);
/// Sends \p address with \p count \p args (of the types that are received) to \p peer. What cannot be sent is counted.
/// Any thread.
void osc_send(struct osc *osc, const struct osc_peer *peer, const char *address, const struct osc_arg *args,
              size_t count);
/// Since the start.
struct osc_counts {
    uint64_t packets, messages, malformed, unsent;
};
struct osc_counts osc_counts(const struct osc *osc);
/// Whether \p pattern (with ? * [] {}) matches \p text, both one part of an address. Any thread.
bool osc_match(const char *pattern, const char *text);
/// A time tag as nanoseconds of clock_now_ns(). Any thread.
int64_t osc_time_ns(uint64_t time);
