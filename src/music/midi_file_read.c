// SPDX-License-Identifier: GPL-3.0-or-later
// Tutti reads and writes MIDI files itself, since Debian's libsmf brings GLib along and logs and asserts on bad input.
//
// Files in the wild lie about their lengths, so a chunk's length is believed only where another chunk or the end of the
// file follows; else it lasts until the next track begins. What has been read is never gone back to, so time is in
// proportion to the size, and so is memory, since only events that stood in the file take any.
#include "music/midi_file.h"

#include "music/midi_track_read.h"

#include <stdbool.h>
#include <string.h>

enum { CHUNK_HEADER = 8, FILE_HEADER = 6, TIMECODE_BPM = 120 };

/// A place in the file; \c end is the first byte that must not be read.
struct cursor {
    const uint8_t *at;
    const uint8_t *end;
};

static size_t cursor_left(const struct cursor *cursor)
{
    return (size_t)(cursor->end - cursor->at);
}

static uint32_t bytes_u32(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/// Sets how the file's ticks become the score's, from the header's division. False where it is nonsense.
static bool timebase_set(struct midi_timebase *timebase, const uint8_t division[2])
{
    if (!(division[0] & 0x80)) {
        timebase->multiply = TICKS_PER_BEAT;
        timebase->divide = division[0] << 8 | division[1];
        return timebase->divide > 0;
    }
    // Frames a second and ticks a frame; at TIMECODE_BPM a second is two beats.
    const int frames = 256 - division[0];
    const bool drop = frames == 29;
    timebase->timecode = true;
    timebase->multiply = 2LL * TICKS_PER_BEAT * (drop ? 1001 : 1);
    timebase->divide = (int64_t)division[1] * (drop ? 30000 : frames);
    return timebase->divide > 0 && (frames == 24 || frames == 25 || drop || frames == 30);
}

/// Whether a chunk, or the end of the file, stands at \p at.
static bool chunk_follows(const uint8_t *at, const uint8_t *end)
{
    if (at == end) {
        return true;
    }
    if (end - at < CHUNK_HEADER) {
        return false;
    }
    for (int i = 0; i < 4; i++) {
        if (at[i] < ' ' || at[i] > '~') {
            return false;
        }
    }
    return true;
}

/// Reads the chunk at the cursor, and moves behind it.
static enum status read_chunk(struct cursor *file, const struct midi_timebase *timebase, struct score *score,
                              bool *spoke)
{
    const uint8_t *chunk = file->at;
    const uint32_t length = bytes_u32(chunk + 4);
    file->at += CHUNK_HEADER;
    const bool believed = length <= cursor_left(file) && chunk_follows(file->at + length, file->end);
    const uint8_t *next = believed ? file->at + length : memmem(file->at, cursor_left(file), "MTrk", 4);
    const uint8_t *end = next ? next : file->end;
    enum status status = STATUS_OK;
    if (memcmp(chunk, "MTrk", 4) == 0) {
        status = midi_track_read(file->at, end, timebase, score, spoke);
    }
    file->at = end;
    return status;
}

static enum status complain_memory(struct complaint *complaint)
{
    return complain(complaint, STATUS_NO_MEMORY, "there is not enough memory to read the MIDI file");
}

static enum status read_chunks(struct cursor *file, const struct midi_timebase *timebase, struct score *score,
                               struct complaint *complaint)
{
    bool spoke = false;
    while (cursor_left(file) >= CHUNK_HEADER) {
        const enum status status = read_chunk(file, timebase, score, &spoke);
        if (status == STATUS_FULL) {
            return complain(complaint, status, "the MIDI file has more than %d events", MIDI_FILE_EVENTS);
        }
        if (status) {
            return complain_memory(complaint);
        }
    }
    if (!spoke) {
        return complain(complaint, STATUS_CORRUPT, "the MIDI file has no track that can be read");
    }
    return STATUS_OK;
}

/// Reads the header chunk into the pattern of all tracks, and moves behind it.
static enum status read_header(struct cursor *file, struct midi_timebase *timebase, struct complaint *complaint)
{
    if (cursor_left(file) < CHUNK_HEADER + FILE_HEADER || memcmp(file->at, "MThd", 4) != 0) {
        return complain(complaint, STATUS_CORRUPT, "this is not a MIDI file: it does not begin with an MThd chunk");
    }
    const uint8_t *header = file->at + CHUNK_HEADER;
    const uint32_t length = bytes_u32(file->at + 4);
    const int format = header[0] << 8 | header[1];
    if (format > 1) {
        return complain(complaint, STATUS_UNSUPPORTED, "the MIDI file is of format %d; save it as format 0 or 1",
                        format);
    }
    if (!timebase_set(timebase, header + 4)) {
        return complain(complaint, STATUS_CORRUPT, "the MIDI file's time division, %02x%02x, means nothing", header[4],
                        header[5]);
    }
    file->at += CHUNK_HEADER;
    const bool believed =
        length >= FILE_HEADER && length <= cursor_left(file) && chunk_follows(file->at + length, file->end);
    file->at += believed ? length : FILE_HEADER;
    return STATUS_OK;
}

bool midi_file_cut_short(const void *bytes, size_t size)
{
    struct midi_timebase timebase;
    struct cursor file = {.at = bytes, .end = (const uint8_t *)bytes + size};
    if (size == 0 || read_header(&file, &timebase, NULL) != STATUS_OK) {
        return false;
    }
    const uint8_t *header = (const uint8_t *)bytes + CHUNK_HEADER;
    int missing = header[2] << 8 | header[3];
    while (cursor_left(&file) >= CHUNK_HEADER) {
        const uint32_t length = bytes_u32(file.at + 4);
        missing -= memcmp(file.at, "MTrk", 4) == 0;
        file.at += CHUNK_HEADER;
        if (length > cursor_left(&file)) {
            return true;
        }
        file.at += length;
    }
    return missing > 0;
}

/// All but the clearing up.
static enum status read_file(struct cursor *file, struct score *score, struct complaint *complaint)
{
    struct midi_timebase timebase = {0};
    enum status status = read_header(file, &timebase, complaint);
    if (status) {
        return status;
    }
    if (timebase.timecode && score_add(score, event_tempo(0, TIMECODE_BPM))) {
        return complain_memory(complaint);
    }
    status = read_chunks(file, &timebase, score, complaint);
    if (status) {
        return status;
    }
    return score_sort(score) ? complain_memory(complaint) : STATUS_OK;
}

enum status midi_file_read(const void *bytes, size_t size, struct score *score, struct complaint *complaint)
{
    static const uint8_t nothing[1];
    const uint8_t *const start = size > 0 ? bytes : nothing;
    struct cursor file = {.at = start, .end = start + size};
    const enum status status = read_file(&file, score, complaint);
    if (status) {
        score_done(score);
    }
    return status;
}
