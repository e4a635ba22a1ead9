// SPDX-License-Identifier: GPL-3.0-or-later
/// \file
/// Writes what is played to a file, for any length, without holding up who plays.
///
/// The audio thread copies into a ring that is there from the start; a thread of the recorder's streams it to the disk.
/// The file is valid at any crash up to its last second. A disk that is full, or too slow for the ring's two seconds,
/// loses sound of the recording only: the frames are replaced by silence as soon as there is room again, so that the
/// rest stays in time, and counted.
///
/// Whole numbers are rounded to the nearest and clipped, without dither: the same sound gives the same file, and
/// silence stays silent.
#pragma once

#include "core/realtime.h"
#include "core/status.h"

#include <stdbool.h>
#include <stdint.h>

struct recorder;

enum recorder_bits { RECORDER_16, RECORDER_24, RECORDER_FLOAT };

struct recorder_facts {
    bool recording;
    uint64_t frames;    ///< in the file, silence for what was lost included
    uint64_t lost;      ///< that are silence in the file, or will be, or are missing at its end
    uint64_t bytes;     ///< of the file so far
    enum status status; ///< STATUS_IO while the disk is full, or gone; STATUS_OK again when it takes more
    char path[256];
};

/// A recorder for \p channels channels (1 to 16) at \p rate. Nothing is written yet. STATUS_NO_MEMORY, STATUS_RANGE.
MUST_USE enum status recorder_new(double rate, uint32_t channels, struct recorder **out);
/// Ends a recording; NULL is fine.
void recorder_free(struct recorder *recorder);

/// Starts a new file at \p path: .wav (RF64 above 4 GB) or .flac (16 and 24 bits, 1 to 8 channels, up to 655350 Hz; its
/// 32-bit float is refused). STATUS_IN_USE while one is recorded, STATUS_UNSUPPORTED for another ending, STATUS_IO
/// (with the system's reason), STATUS_RANGE for a path of more than 255 bytes. No file is
/// overwritten: where one is there already, take-2.wav is recorded in place of take.wav (play/fresh_file.h), which
/// recorder_facts() tells. Any thread but audio.
MUST_USE enum status recorder_start(struct recorder *recorder, const char *path, enum recorder_bits bits,
                                    struct complaint *complaint);
/// The same from frame \p from on, counted in all that recorder_write() was ever given, and only for \p frames frames
/// (0: until stopped). What of it is past already is left out. Any thread but audio.
MUST_USE enum status recorder_start_at(struct recorder *recorder, const char *path, enum recorder_bits bits,
                                       uint64_t from, uint64_t frames, struct complaint *complaint);
/// Ends it: when it returns, the file is whole. STATUS_CLOSED where none is recorded; STATUS_IO where something was
/// lost, and how much. Any thread but audio.
MUST_USE enum status recorder_stop(struct recorder *recorder, struct complaint *complaint);
/// The same with \p frame, of those that recorder_start_at() counts, as the first that is not recorded any more: waits
/// until that has come, or for a second in which no sound comes. Where it is past, what came since is recorded too. Any
/// thread but audio.
MUST_USE enum status recorder_stop_at(struct recorder *recorder, uint64_t frame, struct complaint *complaint);
/// Any thread.
struct recorder_facts recorder_facts(const struct recorder *recorder);

/// Takes the next \p frames frames, one pointer a channel; does nothing while none is recorded. The audio thread.
void recorder_write(struct recorder *recorder, const float *const *channels, uint32_t frames) REALTIME;
