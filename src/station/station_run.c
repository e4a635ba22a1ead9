// SPDX-License-Identifier: GPL-3.0-or-later
// Chunk k is due one chunk after chunk k-1. Its five blocks are rendered one every 20 ms, the last a block's length
// before the chunk is due, so that the work is spread over the time there is, a change waits for no more than the
// block in the works, and a thread that is scheduled late has some time to spare before anyone notices.
//
// A station that nobody has heard for a while sleeps. When it wakes, its first chunks were due already, so they are
// made at once, and whoever woke it has a burst of sound to begin with.
#include "station/station_parts.h"

#include "core/clock.h"
#include "core/log.h"

#include <string.h>

enum {
    LINGER_CHUNKS = STATION_LINGER_MS / CHUNK_MS,
    POSITION_CHUNKS = STATION_POSITION_MS / CHUNK_MS ///< between two positions in the journal
};

// The changes that wait become one, so that a flood of them asks no more of the sequencer than one does.
static enum status apply_commands(struct station *station)
{
    const enum status replayed = station_replay(station);
    if (replayed != STATUS_OK || !station_has_replayed(station)) {
        return replayed;
    }
    const struct composer *composer = piece_composer(station->own.piece);
    struct controls controls = *composer_controls(composer);
    const struct preset *preset = NULL;
    int64_t arrivals[STATION_COMMANDS];
    unsigned count = 0;
    struct command command;
    while (count < STATION_COMMANDS && ring_pop(station->commands, &command)) {
        controls = station_changed(controls, &command.change);
        preset = command.change.preset ? command.change.preset : preset;
        arrivals[count++] = command.arrived_ns;
    }
    if (count == 0) {
        return STATUS_OK;
    }
    const uint64_t frame = piece_frame(station->own.piece);
    const bool with_chord = composer_crosses(composer, preset, &controls);
    const enum status status = piece_change(station->own.piece, preset, &controls);
    if (status != STATUS_OK) {
        return status;
    }
    for (unsigned i = 0; i < count; i++) {
        // What came while the station slept could be heard from the moment when it woke.
        const int64_t since = arrivals[i] > station->own.pace.begun_ns ? arrivals[i] : station->own.pace.begun_ns;
        reactions_add(&station->own.reactions, since, frame, with_chord);
    }
    station_write_change(station, &(struct life_change){.frame = frame, .preset = preset, .controls = controls});
    broadcast_controls(&station->broadcast, preset, &controls, frame);
    return STATUS_OK;
}

static enum status render_block(struct station *station, int block)
{
    enum status status = apply_commands(station);
    const int64_t before = clock_now_ns();
    if (status == STATUS_OK) {
        status = piece_render(station->own.piece, station->own.left, station->own.right, station->own.block_frames);
    }
    const int64_t rendered = clock_now_ns();
    histogram_record(&station->metrics.render, (uint64_t)((rendered - before) / 1000));
    if (status == STATUS_OK) {
        status = encoder_add(station->own.encoder, station->own.left, station->own.right, station->own.block_frames);
    }
    station->own.encode_ns += clock_now_ns() - rendered;
    const int64_t block_ns = station->own.pace.period_ns / CHUNK_BLOCKS;
    atomic_store_explicit(&station->metrics.rendered_until_ns, station->own.pace.due_ns + (block + 1) * block_ns,
                          memory_order_relaxed);
    return status;
}

static enum status render_chunk(struct station *station, struct chunk *chunk)
{
    const int64_t period = station->own.pace.period_ns;
    const uint64_t first_frame = piece_frame(station->own.piece);
    for (int block = 0; block < CHUNK_BLOCKS; block++) {
        clock_sleep_until(station->own.pace.due_ns - (CHUNK_BLOCKS - block) * period / CHUNK_BLOCKS);
        const enum status status = render_block(station, block);
        if (status != STATUS_OK) {
            return status;
        }
    }
    *chunk = (struct chunk){.sequence = station->own.sequence,
                            .frame = first_frame,
                            .due_us = pace_due_us(&station->own.pace),
                            .due_ns = station->own.pace.due_ns,
                            .rate = station->rate};
    const int64_t before = clock_now_ns();
    const enum status status = encoder_finish(station->own.encoder, chunk);
    if (status == STATUS_OK) {
        score_log_take(station->own.log, station->rate, chunk);
    }
    const int64_t encode_ns = station->own.encode_ns + clock_now_ns() - before;
    histogram_record(&station->metrics.encode, (uint64_t)(encode_ns / 1000));
    station->own.encode_ns = 0;
    return status;
}

static void count_publication(struct station *station, const struct chunk *chunk)
{
    struct metrics *metrics = &station->metrics;
    const struct pace *pace = &station->own.pace;
    const int64_t late_ns = clock_now_ns() - pace->due_ns;
    atomic_fetch_add_explicit(&metrics->chunks, 1, memory_order_relaxed);
    if (!pace_is_behind(pace)) {
        histogram_record(&metrics->publish, late_ns > 0 ? (uint64_t)(late_ns / 1000) : 0);
        if (late_ns > pace->period_ns) {
            atomic_fetch_add_explicit(&metrics->underruns, 1, memory_order_relaxed);
        }
    }
    reactions_record(&station->own.reactions, chunk, &metrics->control);
}

static void count_busy(struct station *station)
{
    atomic_store_explicit(&station->metrics.busy_ns, station->own.busy_before_ns + clock_thread_ns(),
                          memory_order_relaxed);
}

static void write_position(struct station *station)
{
    if (station->own.journal) {
        const struct life_position position = {.frame = piece_frame(station->own.piece),
                                               .sequence = station->own.sequence,
                                               .wall_us = pace_due_us(&station->own.pace)};
        journal_position(station->own.journal, &position);
        station->own.written = position.sequence;
    }
}

// Out of memory: this chunk is lost, the next may do, and takes its number.
static void lose_chunk(struct station *station, enum status status)
{
    log_write(LOG_LEVEL_ERROR, "chunk_lost", "station=%s reason=%s", station->name, status_text(status));
    encoder_reset(station->own.encoder);
    score_log_clear(station->own.log);
    station->own.encode_ns = 0;
    write_position(station);
}

static void play_chunk(struct station *station)
{
    struct chunk chunk;
    const enum status status = render_chunk(station, &chunk);
    if (status == STATUS_OK) {
        clock_sleep_until(station->own.pace.due_ns);
        broadcast_publish(&station->broadcast, &chunk, piece_frame(station->own.piece));
        station->own.sequence++;
        count_publication(station, &chunk);
        station->published(station->user);
    } else {
        lose_chunk(station, status);
    }
    const int64_t late_ns = pace_advance(&station->own.pace, clock_now_ns());
    if (late_ns > 0) {
        log_write(LOG_LEVEL_WARNING, "station_paused", "station=%s late_ms=%lld", station->name,
                  (long long)(late_ns / 1000000));
    }
    if (station->own.sequence - station->own.written >= POSITION_CHUNKS) {
        write_position(station);
    }
    station->own.idle++;
    count_busy(station);
}

void station_is_alive(struct station *station)
{
    atomic_store_explicit(&station->metrics.rendered_until_ns, clock_now_ns(), memory_order_relaxed);
}

// Sleep.

static bool is_idle(struct station *station)
{
    if (slumber_was_wanted(&station->slumber) || metrics_listeners(&station->metrics) > 0) {
        station->own.idle = 0;
    }
    return station->sleeps && station->own.idle >= LINGER_CHUNKS;
}

static void begin_pace(struct station *station)
{
    pace_begin(&station->own.pace, clock_now_ns(), station->own.behind);
    station->own.behind = station->sleeps ? STATION_BURST : 0;
}

static void fall_asleep(struct station *station)
{
    write_position(station);
    broadcast_forget(&station->broadcast);
    atomic_fetch_add_explicit(&station->metrics.sleeps, 1, memory_order_relaxed);
    log_write(LOG_LEVEL_INFO, "station_asleep", "station=%s sequence=%u", station->name, station->own.sequence);
    count_busy(station);
    slumber_sleep(&station->slumber, &station->metrics.rendered_until_ns);
    if (!atomic_load(&station->slumber.stopping)) {
        log_write(LOG_LEVEL_INFO, "station_awake", "station=%s sequence=%u", station->name, station->own.sequence);
        begin_pace(station);
    }
}

void *station_run(void *user)
{
    struct station *station = user;
    station->own.busy_before_ns = atomic_load(&station->metrics.busy_ns);
    if (!station_catch_up(station)) {
        return NULL;
    }
    station->own.idle = LINGER_CHUNKS;
    if (!is_idle(station)) {
        begin_pace(station);
    }
    while (!atomic_load(&station->slumber.stopping)) {
        if (is_idle(station)) {
            fall_asleep(station);
        } else {
            play_chunk(station);
        }
    }
    write_position(station);
    count_busy(station);
    return NULL;
}
