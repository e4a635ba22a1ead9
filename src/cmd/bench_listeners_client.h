// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// One listener of a load test: a socket without blocking, from its connection to its end. A loop, one thread with an
/// epoll set, runs many of them; all functions here are that thread's.
#pragma once

#include "cmd/bench_listeners_tally.h"
#include "cmd/bench_listeners_url.h"
#include "core/random.h"
#include "station/chunk.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// What is the same for all listeners of a test.
struct load_plan {
    struct load_url url;
    enum format format; ///< FORMAT_OGG where the URL is http
    const char (*targets)[URL_TARGET_SIZE];
    size_t target_count;
    double churn_s;            ///< how long a listener stays on average; 0 to the end
    bool again;                ///< a listener who was closed or refused comes again
    _Atomic int phase;         ///< an enum tally_phase, for those who are there before a storm
    _Atomic uint64_t slow_bps; ///< bytes a second that a slow listener reads
};

enum load_role {
    LOAD_LISTENER, ///< looks at the bytes up to the first chunk, then throws them away
    LOAD_CHECKER,  ///< looks at every byte
    LOAD_STALLED,  ///< reads nothing after the handshake
    LOAD_SLOW      ///< reads slow_bps
};

enum load_state { LOAD_WAITING, LOAD_CONNECTING, LOAD_SHAKING, LOAD_HEARING, LOAD_PLAYING, LOAD_OVER };

struct load_stream;

/// Zeroed but for what the owner sets is a listener that waits for its start.
struct load_client {
    // Set by the owner.
    enum load_role role;
    bool stormed; ///< there before a storm: its lateness goes by the plan's phase
    const char *target;
    struct tally *tally;
    int64_t start_ns; ///< on clock_now_ns()
    // The listener's own.
    enum load_state state;
    int fd;
    int64_t began_ns;
    int64_t joined_us; ///< since 1970
    int64_t leaves_ns; ///< 0 for never
    int64_t lost_ns;   ///< when it was closed, until it hears again; 0 otherwise
    int64_t sipped_ns;
    int64_t swept_ns; ///< when one who is read now and then was read last
    double sip;       ///< bytes that a slow one may read now
    struct load_stream *stream;
};

/// What the clients of one thread share.
struct load_loop {
    struct load_plan *plan;
    int epoll;
    size_t opening; ///< clients between their start and their first chunk
    struct random random;
    uint8_t bytes[65536];
};

/// Starts to connect. A failure is counted, and the client is over or waits for another try.
void load_client_start(struct load_loop *loop, struct load_client *client, int64_t now_ns);

/// What epoll told of it.
void load_client_event(struct load_loop *loop, struct load_client *client, uint32_t events, int64_t now_ns);

/// What time brings, at least ten times a second: the first step or another one when it is time for it, the end of its
/// patience, its leave, a slow one's sip.
void load_client_tick(struct load_loop *loop, struct load_client *client, int64_t now_ns);

/// Says good-bye and ends it for good, uncounted.
void load_client_end(struct load_loop *loop, struct load_client *client);
