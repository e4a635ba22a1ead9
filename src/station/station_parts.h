// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What a station is made of. Internal to station: station.c is what others call, station_new.c makes it,
/// station_catch_up.c brings it to where its journal says, and station_run.c is its thread.
///
/// The station's thread owns the piece, the encoder and the journal (\c own); what others read stands in the broadcast,
/// under its lock. Changes come in through a ring with one reader, whose writers take turns.
#pragma once

#include "core/ring.h"
#include "station/broadcast.h"
#include "station/encoder.h"
#include "station/journal.h"
#include "station/pace.h"
#include "station/piece.h"
#include "station/reactions.h"
#include "station/score_log.h"
#include "station/slumber.h"
#include "station/station.h"

#include <pthread.h>

struct command {
    struct station_change change;
    int64_t arrived_ns;
};

struct station {
    char name[STATION_NAME_MAX];
    uint64_t seed;
    uint32_t rate;
    const char *renderer;
    bool sleeps;
    bool resumed;
    void (*published)(void *user);
    void *user;
    struct metrics metrics;
    pthread_mutex_t command_lock; ///< of those who put into the ring
    struct ring *commands;
    struct buffer *ogg_head;
    pthread_t thread;
    bool running;
    struct slumber slumber;

    struct { ///< the station's thread alone
        struct piece *piece;
        struct encoder *encoder;
        struct score_log *log;
        struct journal *journal; ///< NULL for none
        float *left, *right;     ///< one block
        size_t block_frames;
        uint32_t sequence;
        struct pace pace;
        unsigned behind;   ///< chunks that are due already when the pace is begun
        int64_t encode_ns; ///< spent on the chunk in the works so far
        struct reactions reactions;
        unsigned idle;      ///< chunks since somebody listened
        uint32_t written;   ///< sequence of the last position in the journal
        size_t replayed;    ///< changes of the journal that the piece has had
        bool catching_up;   ///< what is played is not heard
        struct event chord; ///< the last one that was not heard, where its kind says so
        uint64_t chord_frame;
        int64_t busy_before_ns; ///< of earlier threads of this station
    } own;

    struct broadcast broadcast;
};

/// What \p controls become by \p change.
struct controls station_changed(struct controls controls, const struct station_change *change);

/// Tells \c rendered_until_ns that its thread is at work though it renders nothing to be heard.
void station_is_alive(struct station *station);

/// The thread; \p user is the station.
void *station_run(void *user);

/// \name The station's thread
/// @{
/// Plays silently up to where the journal says that the station is; nothing where it is there. False when it was
/// stopped over it.
MUST_USE bool station_catch_up(struct station *station);
/// Makes those changes of the journal that are due by the piece's frame. As piece_change().
MUST_USE enum status station_replay(struct station *station);
/// Whether all are made, so that new ones may be.
bool station_has_replayed(const struct station *station);
/// Puts a change that was made into the journal, where there is one.
void station_write_change(struct station *station, const struct life_change *change);
/// @}
