// SPDX-License-Identifier: GPL-3.0-or-later
// Every event takes at least two bytes of the track, so that the events added are in proportion to what was there.
// Running status goes on across meta and system-exclusive events: the specification forbids it, files do it, and
// players follow them.
#include "music/midi_track_read.h"

#include "music/midi_file.h"
#include "music/midi_reset.h"

#include <stddef.h>

enum { EXCLUSIVE = 0xf0, EXCLUSIVE_MORE = 0xf7, META = 0xff, META_END = 0x2f, META_TEMPO = 0x51, DATA_MAX = 0x7f };

static const double US_PER_MINUTE = 60e6;

/// A place in the bytes; \c end is the first that must not be read.
struct cursor {
    const uint8_t *at;
    const uint8_t *end;
};

/// A track being read.
struct track {
    struct cursor cursor;
    const struct midi_timebase *timebase;
    struct score *score;
    int64_t file_tick;
    int running; ///< the last channel status, 0 for none
    bool ended;  ///< the end mark was read
};

static size_t cursor_left(const struct cursor *cursor)
{
    return (size_t)(cursor->end - cursor->at);
}

/// Reads a variable-length quantity of at most four bytes. False where none stands.
static bool cursor_quantity(struct cursor *cursor, uint32_t *quantity)
{
    *quantity = 0;
    for (int i = 0; i < 4 && cursor->at < cursor->end; i++) {
        const uint8_t byte = *cursor->at++;
        *quantity = *quantity << 7 | (byte & 0x7fU);
        if (byte < 0x80) {
            return true;
        }
    }
    return false;
}

/// Reads a length and steps over as many bytes, which \p body then points to. False where they are not all there.
static bool cursor_body(struct cursor *cursor, const uint8_t **body, uint32_t *length)
{
    if (!cursor_quantity(cursor, length) || *length > cursor_left(cursor)) {
        return false;
    }
    *body = cursor->at;
    cursor->at += *length;
    return true;
}

static enum status track_add(struct track *track, struct event event)
{
    if (track->score->count == MIDI_FILE_EVENTS) {
        return STATUS_FULL;
    }
    const struct midi_timebase *base = track->timebase;
    const int64_t tick = (track->file_tick * base->multiply + base->divide / 2) / base->divide;
    event.tick = tick < MIDI_FILE_TICKS ? tick : MIDI_FILE_TICKS;
    return score_add(track->score, event);
}

/// \name Kinds of event. They return STATUS_CLOSED where the track breaks off.
/// @{
static enum status read_meta(struct track *track)
{
    if (track->cursor.at == track->cursor.end) {
        return STATUS_CLOSED;
    }
    const int type = *track->cursor.at++;
    const uint8_t *body = NULL;
    uint32_t length = 0;
    if (!cursor_body(&track->cursor, &body, &length)) {
        return STATUS_CLOSED;
    }
    if (type == META_END) {
        track->ended = true;
    }
    if (type == META_TEMPO && length >= 3 && !track->timebase->timecode) {
        const int us = body[0] << 16 | body[1] << 8 | body[2];
        if (us > 0) {
            return track_add(track, event_tempo(0, US_PER_MINUTE / us));
        }
    }
    return STATUS_OK;
}

static enum status read_channel_message(struct track *track, int status)
{
    const int kind = status & 0xf0;
    const size_t length = kind == MIDI_PROGRAM || kind == MIDI_PRESSURE ? 1 : 2;
    if (cursor_left(&track->cursor) < length) {
        return STATUS_CLOSED;
    }
    const int data1 = track->cursor.at[0];
    const int data2 = length == 2 ? track->cursor.at[1] : 0;
    if (data1 > DATA_MAX || data2 > DATA_MAX) {
        return STATUS_CLOSED; // a byte was lost, and with it the place in the track
    }
    track->cursor.at += length;
    if (kind == MIDI_NOTE_ON && data2 == 0) {
        enum { USUAL_RELEASE = 64 };
        return track_add(track, event_midi(0, status & 0x0f, MIDI_NOTE_OFF, data1, USUAL_RELEASE));
    }
    return track_add(track, event_midi(0, status & 0x0f, kind, data1, data2));
}

/// A system-exclusive message, or a piece of one that \p status says is none from its beginning. Only resets are
/// heeded.
static enum status read_exclusive(struct track *track, int status)
{
    const uint8_t *body = NULL;
    uint32_t length = 0;
    enum midi_reset reset = MIDI_RESET_GM;
    if (!cursor_body(&track->cursor, &body, &length)) {
        return STATUS_CLOSED;
    }
    return status == EXCLUSIVE && midi_reset_parse(body, length, &reset) ? track_add(track, event_reset(0, reset))
                                                                         : STATUS_OK;
}

/// A system message, which is over-read.
static enum status read_system(struct track *track, int status)
{
    static const uint8_t lengths[16] = {[1] = 1, [2] = 2, [3] = 1};
    if (status == EXCLUSIVE || status == EXCLUSIVE_MORE) {
        return read_exclusive(track, status);
    }
    const size_t length = lengths[status & 0x0f];
    if (cursor_left(&track->cursor) < length) {
        return STATUS_CLOSED;
    }
    track->cursor.at += length;
    return STATUS_OK;
}
/// @}

static enum status read_event(struct track *track)
{
    uint32_t delta = 0;
    if (!cursor_quantity(&track->cursor, &delta) || track->cursor.at == track->cursor.end) {
        return STATUS_CLOSED;
    }
    track->file_tick += delta;
    if (track->file_tick > MIDI_FILE_TICKS) {
        track->file_tick = MIDI_FILE_TICKS;
    }
    int status = track->running;
    if (*track->cursor.at & 0x80) {
        status = *track->cursor.at++;
    }
    if (status == META) {
        return read_meta(track);
    }
    if (status >= 0xf0) {
        return read_system(track, status);
    }
    if (status == 0) {
        return STATUS_CLOSED;
    }
    track->running = status;
    return read_channel_message(track, status);
}

enum status midi_track_read(const uint8_t *bytes, const uint8_t *end, const struct midi_timebase *timebase,
                            struct score *score, bool *spoke)
{
    struct track track = {.cursor = {.at = bytes, .end = end}, .timebase = timebase, .score = score};
    while (!track.ended) {
        const enum status status = read_event(&track);
        if (status) {
            return status == STATUS_CLOSED ? STATUS_OK : status;
        }
        *spoke = true;
    }
    return STATUS_OK;
}
