// SPDX-License-Identifier: GPL-3.0-or-later
// Chunk k is due one chunk after chunk k-1. Its five blocks are rendered one every 20 ms, the last a block's length
// before the chunk is due, so that the work is spread over the time there is, a change waits for no more than the
// block in the works, and a thread that is scheduled late has some time to spare before anyone notices.
//
// The station's thread owns the piece and the encoders (struct station's `own`); what others read stands in the
// broadcast, under its lock. Changes come in through a single-producer ring.
#include "station/station.h"

#include "core/clock.h"
#include "core/log.h"
#include "core/ring.h"
#include "station/broadcast.h"
#include "station/encoder.h"
#include "station/piece.h"
#include "station/reactions.h"
#include "station/score_log.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static const int64_t NS_PER_MS = 1000000;

enum {
    REANCHOR_MS = 2000,    ///< a pause of the machine longer than this is not caught up with
    WALL_STEP_US = 1000000 ///< how far the stamps may be from the wall's clock
};

struct command {
    struct station_change change;
    int64_t arrived_ns;
};

struct station {
    char name[STATION_NAME_MAX];
    uint64_t seed;
    uint32_t rate;
    double speed;
    const char *renderer;
    void (*published)(void *user);
    void *user;
    struct metrics metrics;
    struct ring *commands;
    struct buffer *ogg_head;
    pthread_t thread;
    bool running;
    _Atomic bool stopping;

    struct { ///< the station's thread alone
        struct piece *piece;
        struct encoder *encoder;
        struct score_log *log;
        float *left, *right; ///< one block
        size_t block_frames;
        uint32_t sequence;
        int64_t due_ns; ///< of the chunk in the works
        int64_t wall_offset_us;
        int64_t encode_ns; ///< spent on the chunk in the works so far
        struct reactions reactions;
    } own;

    struct broadcast broadcast;
};

static int64_t chunk_ns(const struct station *station)
{
    return (int64_t)((double)(CHUNK_MS * NS_PER_MS) / station->speed);
}

static bool name_is_good(const char *name)
{
    const size_t length = strlen(name);
    return length > 0 && length < STATION_NAME_MAX && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_") == length;
}

// What the watch says of is heard later by what the limiter looks ahead.
static uint64_t heard_at(const struct station *station, uint64_t frame)
{
    return frame + piece_delay(station->own.piece);
}

static void chord_begins(void *user, const struct event *event, uint64_t played)
{
    struct station *station = user;
    const uint64_t frame = heard_at(station, played);
    score_log_chord(station->own.log, event, frame);
    reactions_chord(&station->own.reactions, frame);
    broadcast_chord(&station->broadcast, event, frame);
}

static void note_begins(void *user, const struct event *event, uint64_t frame, uint64_t end)
{
    struct station *station = user;
    score_log_note(station->own.log, event, heard_at(station, frame), heard_at(station, end));
}

static void notes_are_cut(void *user, int channel, uint64_t frame)
{
    struct station *station = user;
    score_log_cut(station->own.log, channel, heard_at(station, frame));
}

// Everything that can fail; station_free() undoes whatever came about.
static enum status build(struct station *station, const struct station_options *options, struct complaint *complaint)
{
    const struct piece_options piece = {
        .harmony = options->harmony,
        .preset = options->preset,
        .controls = options->controls,
        .seed = options->seed,
        .rate = options->rate,
        .instrument = options->instrument,
        .watch = {.note = note_begins, .cut = notes_are_cut, .chord = chord_begins, .user = station}};
    station->own.piece = piece_new(&piece);
    const size_t ring_bytes = ring_footprint(STATION_COMMANDS, sizeof(struct command));
    void *block = aligned_alloc(64, ring_bytes);
    station->commands = block ? ring_init(block, STATION_COMMANDS, sizeof(struct command)) : NULL;
    station->own.block_frames = options->rate / (1000 / CHUNK_MS) / CHUNK_BLOCKS;
    station->own.left = calloc(station->own.block_frames, sizeof *station->own.left);
    station->own.right = calloc(station->own.block_frames, sizeof *station->own.right);
    station->own.log = score_log_new();
    if (!station->own.piece || !station->commands || !station->own.left || !station->own.right || !station->own.log) {
        return complain(complaint, STATUS_NO_MEMORY, "out of memory for station %s", options->name);
    }
    station->renderer = piece_instrument(station->own.piece)->name;
    const enum status status = encoder_new(options->name, options->rate, options->bitrate, (uint32_t)options->seed,
                                           &station->own.encoder, complaint);
    if (status == STATUS_OK) {
        station->ogg_head = buffer_ref(encoder_ogg_head(station->own.encoder));
    }
    return status;
}

static enum status check_options(const struct station_options *options, struct complaint *complaint)
{
    if (!name_is_good(options->name)) {
        return complain(complaint, STATUS_INVALID, "station name \"%.40s\": give 1 to %d of a-z, 0-9, - and _",
                        options->name, STATION_NAME_MAX - 1);
    }
    if (options->rate != 48000 && options->rate != 44100) {
        return complain(complaint, STATUS_RANGE, "sample rate %u: give 48000 or 44100", options->rate);
    }
    if (!(options->speed > 0.0 && options->speed <= 1000.0)) {
        return complain(complaint, STATUS_RANGE, "speed %g is out of range: give above 0 to 1000", options->speed);
    }
    return STATUS_OK;
}

enum status station_new(const struct station_options *options, struct station **out, struct complaint *complaint)
{
    enum status status = check_options(options, complaint);
    struct station *station = status == STATUS_OK ? calloc(1, sizeof *station) : NULL;
    if (!station) {
        instrument_free(options->instrument);
        return status != STATUS_OK
                   ? status
                   : complain(complaint, STATUS_NO_MEMORY, "out of memory for station %s", options->name);
    }
    memcpy(station->name, options->name, strlen(options->name) + 1);
    station->seed = options->seed;
    station->rate = options->rate;
    station->speed = options->speed;
    station->published = options->published;
    station->user = options->user;
    const struct station_state state = {.version = 1, .preset = options->preset, .controls = options->controls};
    broadcast_init(&station->broadcast, &state);
    status = build(station, options, complaint);
    if (status != STATUS_OK) {
        station_free(station);
        return status;
    }
    *out = station;
    return STATUS_OK;
}

void station_free(struct station *station)
{
    if (!station) {
        return;
    }
    station_stop(station);
    broadcast_done(&station->broadcast);
    buffer_unref(station->ogg_head);
    encoder_free(station->own.encoder);
    score_log_free(station->own.log);
    piece_free(station->own.piece);
    free(station->own.left);
    free(station->own.right);
    free(station->commands);
    free(station);
}

static struct controls changed(struct controls controls, const struct station_change *change)
{
    if (change->preset) {
        controls = change->preset->defaults;
    }
    controls.key.tonic = change->set_tonic ? change->tonic : controls.key.tonic;
    controls.key.mode = change->set_mode ? change->mode : controls.key.mode;
    controls.bpm = change->set_bpm ? change->bpm : controls.bpm;
    controls.intensity = change->set_intensity ? change->intensity : controls.intensity;
    return controls;
}

// The changes that wait become one, so that a flood of them asks no more of the sequencer than one does.
static enum status apply_commands(struct station *station)
{
    const struct composer *composer = piece_composer(station->own.piece);
    struct controls controls = *composer_controls(composer);
    const struct preset *preset = NULL;
    int64_t arrivals[STATION_COMMANDS];
    unsigned count = 0;
    struct command command;
    while (count < STATION_COMMANDS && ring_pop(station->commands, &command)) {
        controls = changed(controls, &command.change);
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
        reactions_add(&station->own.reactions, arrivals[i], frame, with_chord);
    }
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
    const int64_t block_ns = chunk_ns(station) / CHUNK_BLOCKS;
    atomic_store_explicit(&station->metrics.rendered_until_ns, station->own.due_ns + (block + 1) * block_ns,
                          memory_order_relaxed);
    return status;
}

static enum status render_chunk(struct station *station, struct chunk *chunk)
{
    const int64_t period = chunk_ns(station);
    const uint64_t first_frame = piece_frame(station->own.piece);
    for (int block = 0; block < CHUNK_BLOCKS; block++) {
        clock_sleep_until(station->own.due_ns - (CHUNK_BLOCKS - block) * period / CHUNK_BLOCKS);
        const enum status status = render_block(station, block);
        if (status != STATUS_OK) {
            return status;
        }
    }
    *chunk = (struct chunk){.sequence = station->own.sequence,
                            .frame = first_frame,
                            .due_us = station->own.due_ns / 1000 + station->own.wall_offset_us,
                            .due_ns = station->own.due_ns,
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
    const int64_t late_ns = clock_now_ns() - station->own.due_ns;
    histogram_record(&metrics->publish, late_ns > 0 ? (uint64_t)(late_ns / 1000) : 0);
    atomic_fetch_add_explicit(&metrics->chunks, 1, memory_order_relaxed);
    if (late_ns > chunk_ns(station)) {
        atomic_fetch_add_explicit(&metrics->underruns, 1, memory_order_relaxed);
    }
    reactions_record(&station->own.reactions, chunk, &metrics->control);
}

// After a pause of the machine the music goes on from where it was, and the clock is taken anew.
static void advance_clock(struct station *station)
{
    const int64_t now = clock_now_ns();
    station->own.due_ns += chunk_ns(station);
    if (now - station->own.due_ns > REANCHOR_MS * NS_PER_MS) {
        log_write(LOG_LEVEL_WARNING, "station_paused", "station=%s late_ms=%lld", station->name,
                  (long long)((now - station->own.due_ns) / NS_PER_MS));
        station->own.due_ns = now + chunk_ns(station);
    }
    // The wall's clock may be set, and goes on while the machine sleeps; small corrections would make the stamps
    // uneven.
    const int64_t offset_us = clock_wall_us() - now / 1000;
    if (llabs(offset_us - station->own.wall_offset_us) > WALL_STEP_US) {
        station->own.wall_offset_us = offset_us;
    }
}

static void *run(void *user)
{
    struct station *station = user;
    station->own.due_ns = clock_now_ns() + chunk_ns(station);
    station->own.wall_offset_us = clock_wall_us() - clock_now_ns() / 1000;
    while (!atomic_load(&station->stopping)) {
        struct chunk chunk;
        const enum status status = render_chunk(station, &chunk);
        if (status != STATUS_OK) {
            // Out of memory: this chunk is lost, the next may do, and takes its number.
            log_write(LOG_LEVEL_ERROR, "chunk_lost", "station=%s reason=%s", station->name, status_text(status));
            encoder_reset(station->own.encoder);
            score_log_clear(station->own.log);
            station->own.encode_ns = 0;
            advance_clock(station);
            continue;
        }
        clock_sleep_until(station->own.due_ns);
        broadcast_publish(&station->broadcast, &chunk);
        station->own.sequence++;
        count_publication(station, &chunk);
        station->published(station->user);
        advance_clock(station);
    }
    return NULL;
}

enum status station_start(struct station *station)
{
    if (station->running) {
        return STATUS_OK;
    }
    atomic_store(&station->stopping, false);
    if (pthread_create(&station->thread, NULL, run, station) != 0) {
        return STATUS_NO_MEMORY;
    }
    station->running = true;
    return STATUS_OK;
}

void station_ask_to_stop(struct station *station)
{
    atomic_store(&station->stopping, true);
}

void station_stop(struct station *station)
{
    if (station->running) {
        station_ask_to_stop(station);
        pthread_join(station->thread, NULL);
        station->running = false;
    }
}

const char *station_name(const struct station *station)
{
    return station->name;
}

uint32_t station_rate(const struct station *station)
{
    return station->rate;
}

uint64_t station_seed(const struct station *station)
{
    return station->seed;
}

const char *station_renderer(const struct station *station)
{
    return station->renderer;
}

struct metrics *station_metrics(struct station *station)
{
    return &station->metrics;
}

struct station_state station_state(struct station *station)
{
    return broadcast_state(&station->broadcast);
}

void station_wake(struct station *station)
{
    (void)station;
}

bool station_asleep(const struct station *station)
{
    (void)station;
    return false;
}

uint64_t station_version(struct station *station)
{
    return broadcast_version(&station->broadcast);
}

uint32_t station_head(struct station *station)
{
    return broadcast_head(&station->broadcast);
}

enum status station_take(struct station *station, uint32_t sequence, enum format format, struct buffer **out,
                         struct buffer **score, int64_t *due_ns)
{
    return broadcast_take(&station->broadcast, sequence, format, out, score, due_ns);
}

struct buffer *station_ogg_head(struct station *station)
{
    return buffer_ref(station->ogg_head);
}

enum status station_command(struct station *station, const struct station_change *change, struct complaint *complaint)
{
    const struct controls controls = changed(station_state(station).controls, change);
    const enum status status = controls_check(&controls, complaint);
    if (status != STATUS_OK) {
        return status;
    }
    const struct command command = {.change = *change, .arrived_ns = clock_now_ns()};
    if (!ring_push(station->commands, &command)) {
        atomic_fetch_add_explicit(&station->metrics.refused_commands, 1, memory_order_relaxed);
        return complain(complaint, STATUS_FULL, "%d changes are waiting already: send fewer a second",
                        STATION_COMMANDS);
    }
    return STATUS_OK;
}
