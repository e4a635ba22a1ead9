// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// What a station tells everyone: its last two seconds in every form, and what it plays. Internal to station.
///
/// The station's thread writes, any thread reads. The lock is held for copies of references only, and for making the
/// base64 form when the first listener asks for it.
#pragma once

#include "station/station.h"

#include <pthread.h>

/// Embed it.
struct broadcast {
    pthread_mutex_t lock; ///< guards what follows
    struct station_state state;
    struct chunk ring[STATION_RING];
    uint32_t oldest; ///< sequence of the first chunk that is there
    uint32_t head;   ///< sequence of the next chunk
    uint64_t frame;  ///< its first
};

void broadcast_init(struct broadcast *broadcast, const struct station_state *state);

/// Before anyone reads: the next chunk is \p sequence and begins with \p frame, and there are none before it.
void broadcast_stand(struct broadcast *broadcast, const struct station_state *state, uint32_t sequence, uint64_t frame);

/// Drops the chunks. Nobody reads any more.
void broadcast_done(struct broadcast *broadcast);

/// \name The station's thread
/// @{
/// Takes over the references of \p chunk, whose sequence is that of broadcast_head(); the oldest chunk leaves.
/// The next one will begin with \p next_frame.
void broadcast_publish(struct broadcast *broadcast, const struct chunk *chunk, uint64_t next_frame);
/// All chunks leave.
void broadcast_forget(struct broadcast *broadcast);
/// From \p frame on the station follows \p controls and, where that is not NULL, \p preset.
void broadcast_controls(struct broadcast *broadcast, const struct preset *preset, const struct controls *controls,
                        uint64_t frame);
/// From \p frame on the harmony is that of \p event, an EVENT_CHORD.
void broadcast_chord(struct broadcast *broadcast, const struct event *event, uint64_t frame);
/// @}

/// \name Any thread: see the functions of station/station.h
/// @{
uint32_t broadcast_oldest(struct broadcast *broadcast);
struct station_position broadcast_position(struct broadcast *broadcast);
uint32_t broadcast_head(struct broadcast *broadcast);
uint64_t broadcast_version(struct broadcast *broadcast);
struct station_state broadcast_state(struct broadcast *broadcast);
MUST_USE enum status broadcast_take(struct broadcast *broadcast, uint32_t sequence, enum format format,
                                    struct buffer **out, struct buffer **score, int64_t *due_ns);
/// @}
