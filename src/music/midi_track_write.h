// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// The bytes of one track of a MIDI file; private to midi_file_write.c. Pure; any thread.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Bytes that grow; zeroed memory is none. Once memory has run out nothing more is added.
struct midi_bytes {
    uint8_t *data;
    size_t size;
    size_t capacity;
    bool failed;
};

void midi_bytes_add(struct midi_bytes *bytes, const void *data, size_t size);

/// A track being written at the end of \c bytes; the other members begin as 0.
struct midi_track {
    struct midi_bytes *bytes;
    size_t start; ///< where its chunk begins
    int64_t tick; ///< of the last event written
};

/// Begins the chunk, with a name unless \p name is NULL.
void midi_track_begin(struct midi_track *track, const char *name);

/// Writes the time from the last event to \p tick, which comes before every event; none where \p tick has passed, and
/// empty texts on the way where it is longer than a delta can be. Stops at MIDI_FILE_TICKS.
void midi_track_move(struct midi_track *track, int64_t tick);

/// Writes a meta event.
void midi_track_meta(struct midi_track *track, int type, const void *body, size_t size);

/// Writes the end mark and the length of the chunk.
void midi_track_finish(struct midi_track *track);
