// SPDX-License-Identifier: GPL-3.0-or-later
#include "station/station_parts.h"

#include <stdlib.h>
#include <string.h>

static bool name_is_good(const char *name)
{
    const size_t length = strlen(name);
    return length > 0 && length < STATION_NAME_MAX && strspn(name, STATION_NAME_CHARACTERS) == length;
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
    if (station->own.catching_up) {
        station->own.chord = *event;
        station->own.chord_frame = frame;
        return;
    }
    score_log_chord(station->own.log, event, frame);
    reactions_chord(&station->own.reactions, frame);
    broadcast_chord(&station->broadcast, event, frame);
}

static void note_begins(void *user, const struct event *event, uint64_t frame, uint64_t end)
{
    struct station *station = user;
    if (station->own.catching_up) {
        return;
    }
    score_log_note(station->own.log, event, heard_at(station, frame), heard_at(station, end));
}

static void notes_are_cut(void *user, int channel, uint64_t frame)
{
    struct station *station = user;
    if (station->own.catching_up) {
        return;
    }
    score_log_cut(station->own.log, channel, heard_at(station, frame));
}

// Everything that can fail; station_free() undoes whatever came about.
static enum status build(struct station *station, const struct station_options *options, const struct life_birth *birth,
                         struct complaint *complaint)
{
    const struct piece_options piece = {
        .harmony = options->harmony,
        .preset = birth->preset,
        .controls = birth->controls,
        .seed = birth->seed,
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
    const enum status status = encoder_new(options->name, options->rate, options->bitrate, (uint32_t)birth->seed,
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
    if (options->phase_ms >= CHUNK_MS) {
        return complain(complaint, STATUS_RANGE, "phase %u is out of range: give 0 to %d ms", options->phase_ms,
                        CHUNK_MS - 1);
    }
    return STATUS_OK;
}

static struct life_birth birth_of(const struct station_options *options)
{
    struct life_birth birth = {
        .seed = options->seed, .rate = options->rate, .preset = options->preset, .controls = options->controls};
    memcpy(birth.station, options->name, strlen(options->name) + 1);
    const char *renderer = options->instrument->name;
    const size_t length = strlen(renderer);
    memcpy(birth.renderer, renderer, length < sizeof birth.renderer ? length : sizeof birth.renderer - 1);
    return birth;
}

// Opens the journal and stands where it says. \p birth becomes that of the life that goes on.
static enum status take_up(struct station *station, const struct station_options *options, struct life_birth *birth,
                           struct complaint *complaint)
{
    const struct journal_options journal = {
        .dir = options->state_dir, .birth = *birth, .seed_given = options->seed_given, .presets = options->presets};
    const enum status status = journal_open(&journal, &station->own.journal, complaint);
    if (status != STATUS_OK) {
        return status;
    }
    const struct life *life = journal_life(station->own.journal);
    const struct life_change latest = life_latest(life);
    *birth = life->birth;
    station->resumed = journal_resumed(station->own.journal);
    station->own.sequence = station->own.written = life->position.sequence;
    const struct station_state state = {
        .version = 1, .frame = latest.frame, .preset = latest.preset, .controls = latest.controls};
    broadcast_stand(&station->broadcast, &state, life->position.sequence, life->position.frame);
    return STATUS_OK;
}

static void set_up(struct station *station, const struct station_options *options)
{
    memcpy(station->name, options->name, strlen(options->name) + 1);
    station->rate = options->rate;
    station->sleeps = options->sleeps;
    station->published = options->published;
    station->user = options->user;
    (void)pthread_mutex_init(&station->command_lock, NULL);
    slumber_init(&station->slumber);
    pace_init(&station->own.pace, options->speed, options->phase_ms);
    const struct station_state state = {.version = 1, .preset = options->preset, .controls = options->controls};
    broadcast_init(&station->broadcast, &state);
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
    set_up(station, options);
    struct life_birth birth = birth_of(options);
    status = options->state_dir ? take_up(station, options, &birth, complaint) : STATUS_OK;
    if (status != STATUS_OK) {
        instrument_free(options->instrument);
        station_free(station);
        return status;
    }
    station->seed = birth.seed;
    station->own.behind = station->resumed ? STATION_POSITION_MS / CHUNK_MS : options->sleeps ? STATION_BURST : 0;
    status = build(station, options, &birth, complaint);
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
    journal_free(station->own.journal);
    broadcast_done(&station->broadcast);
    slumber_done(&station->slumber);
    (void)pthread_mutex_destroy(&station->command_lock);
    buffer_unref(station->ogg_head);
    encoder_free(station->own.encoder);
    score_log_free(station->own.log);
    piece_free(station->own.piece);
    free(station->own.left);
    free(station->own.right);
    free(station->commands);
    free(station);
}
