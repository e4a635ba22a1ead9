// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// A station with its listeners over socket pairs: no HTTP, and a station as fast as the machine likes. Whatever waits
/// here has 20 s before the test fails.
#pragma once

#include "ear.h"
#include "fixture.h"
#include "station/listeners.h"

#include <stdatomic.h>

/// Bits and opcodes of a masked frame's first byte.
enum { TEXT = 0x81, BINARY = 0x82, CLOSE = 0x88, PING = 0x89 };

/// Listeners that it has room for.
enum { HALL_MOST = 1000 };

struct hall {
    struct stations *stations;
    struct station *station; ///< the one that there is
    struct listeners *listeners;
    struct listeners_options options;
};

/// A hall whose station runs. \p stall_ms of 0 is the program's own: a test that is held up drops nobody.
struct hall *hall_open(const struct fixture *fixture, double speed, unsigned stall_ms);

/// The same with options, of which stations and presets are set here, and HALL_MOST where they do not say.
struct hall *hall_open_with(const struct fixture *fixture, const struct listeners_options *listeners, double speed);

/// Stops the station, says good-bye, and frees.
void hall_close(struct hall *hall);

/// A new listener as \p as says, but for its socket and its station, which it has where it is not refused.
struct ear *hall_join_as(struct hall *hall, const struct listeners_join *as);

/// A new listener with score messages who may steer.
struct ear *hall_join(struct hall *hall, enum format format);

/// The same with bytes that came behind the handshake.
struct ear *hall_join_with(struct hall *hall, enum format format, const void *extra, size_t extra_size);

uint64_t hall_count(const _Atomic uint64_t *counter);

/// Waits until \p counter is at least \p wanted.
void hall_wait(const _Atomic uint64_t *counter, uint64_t wanted);

/// Listens until \p room more could join: a listener that is dropped is counted before it has left.
void hall_wait_room(struct hall *hall, struct ear *const *ears, size_t count, unsigned room);

/// Waits until the first of two listeners is dropped, and it alone; then frees both and closes the hall.
void hall_expect_first_dropped(struct hall *hall, struct ear *const ears[2]);

/// What an ear has heard, in any form.
struct hall_heard {
    unsigned chunks;
    unsigned skips; ///< times that some were left out, each announced before
    uint32_t first; ///< sequences
    uint32_t last;
};

/// The test fails for chunks that are out of order, or missing without a word.
struct hall_heard hall_heard(struct ear *ear);

/// Listens until each ear has heard at least \p chunks.
void hall_wait_chunks(struct ear *const *ears, size_t count, unsigned chunks);

/// Listens until each ear has heard the last chunk of a station that was stopped.
void hall_wait_last(struct hall *hall, struct ear *const *ears, size_t count);
