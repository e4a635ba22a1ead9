// SPDX-License-Identifier: GPL-3.0-or-later
// The way to a position has three parts. Most of it is composed without a sound. Then the piece is rendered for as long
// as notes that have ended may ring, and thrown away. The last second goes through the encoder too, so that a
// listener's first packet is one from the midst of a stream.
#include "core/clock.h"
#include "core/log.h"
#include "station/station_parts.h"

enum {
    ENCODED_S = 1,
    STRIDE_S = 3600 ///< how much is skipped between two looks at whether the station is stopping, and signs of life
};

static const int64_t RETRY_NS = 100000000;

bool station_has_replayed(const struct station *station)
{
    return !station->own.journal || station->own.replayed == journal_life(station->own.journal)->count;
}

enum status station_replay(struct station *station)
{
    enum status status = STATUS_OK;
    while (status == STATUS_OK && !station_has_replayed(station)) {
        const struct life_change *change = &journal_life(station->own.journal)->changes[station->own.replayed];
        if (change->frame > piece_frame(station->own.piece)) {
            break;
        }
        status = piece_change(station->own.piece, change->preset, &change->controls);
        station->own.replayed += status == STATUS_OK;
    }
    return status;
}

void station_write_change(struct station *station, const struct life_change *change)
{
    if (station->own.journal) {
        journal_change(station->own.journal, change);
        station->own.replayed = journal_life(station->own.journal)->count;
    }
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

// Skips to \p frame, or to the next change, or as far as may be at once.
static enum status skip(struct station *station, uint64_t frame)
{
    uint64_t until = least(frame, piece_frame(station->own.piece) + (uint64_t)STRIDE_S * station->rate);
    if (!station_has_replayed(station)) {
        until = least(until, journal_life(station->own.journal)->changes[station->own.replayed].frame);
    }
    return piece_skip(station->own.piece, until);
}

static enum status encode(struct station *station)
{
    struct encoder *encoder = station->own.encoder;
    enum status status = encoder_add(encoder, station->own.left, station->own.right, station->own.block_frames);
    if (status == STATUS_OK && piece_frame(station->own.piece) % (station->own.block_frames * CHUNK_BLOCKS) == 0) {
        struct chunk unheard = {.rate = station->rate};
        status = encoder_finish(encoder, &unheard);
        chunk_done(&unheard);
    }
    return status;
}

// One step nearer to \p frame.
static enum status advance(struct station *station, uint64_t frame)
{
    const uint64_t settled = (uint64_t)(PIECE_SETTLE_S + ENCODED_S) * station->rate;
    const uint64_t encoded = (uint64_t)ENCODED_S * station->rate;
    const uint64_t left = frame - piece_frame(station->own.piece);
    enum status status = station_replay(station);
    if (status != STATUS_OK) {
        return status;
    }
    if (left > settled) {
        return skip(station, frame - settled);
    }
    if (left == encoded) {
        encoder_begin_at(station->own.encoder, piece_frame(station->own.piece));
    }
    status = piece_render(station->own.piece, station->own.left, station->own.right, station->own.block_frames);
    return status == STATUS_OK && left <= encoded ? encode(station) : status;
}

static void arrive(struct station *station)
{
    encoder_reset(station->own.encoder);
    station->own.catching_up = false;
    if (station->own.chord.kind == EVENT_CHORD) {
        broadcast_chord(&station->broadcast, &station->own.chord, station->own.chord_frame);
    }
}

bool station_catch_up(struct station *station)
{
    const uint64_t frame = broadcast_position(&station->broadcast).frame;
    if (piece_frame(station->own.piece) >= frame) {
        return true;
    }
    const int64_t began_ns = clock_now_ns();
    station->own.catching_up = true;
    while (piece_frame(station->own.piece) < frame) {
        station_is_alive(station);
        if (atomic_load(&station->slumber.stopping)) {
            return false;
        }
        const enum status status = advance(station, frame);
        if (status != STATUS_OK) {
            log_write(LOG_LEVEL_ERROR, "station_waits", "station=%s reason=%s", station->name, status_text(status));
            clock_sleep_until(clock_now_ns() + RETRY_NS);
        }
    }
    arrive(station);
    log_write(LOG_LEVEL_INFO, "station_resumed", "station=%s played_s=%.0f sequence=%u took_s=%.3f", station->name,
              (double)frame / station->rate, station->own.sequence, (double)(clock_now_ns() - began_ns) / 1e9);
    return true;
}
