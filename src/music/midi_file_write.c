// SPDX-License-Identifier: GPL-3.0-or-later
// Each track is one pass over the score. A channel keeps for each key the tick on which its note will end; before an
// event is written, the ends that have come by then are, in order.
#include "music/midi_file.h"

#include "music/midi_reset.h"
#include "music/midi_track_write.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { CHANNELS = 16, USUAL_RELEASE = 64, META_MARKER = 6, META_TEMPO = 0x51, META_METER = 0x58, META_KEY = 0x59 };

/// Never ends by itself: a note that an EVENT_MIDI began.
static const int64_t HELD = INT64_MAX;

/// \name The tempo track
/// @{
static void write_tempo(struct midi_track *track, int64_t tick, double bpm)
{
    if (!(bpm > 0.0)) {
        return;
    }
    const double us = fmin(fmax(round(60e6 / bpm), 1.0), 0xffffff);
    const unsigned whole = (unsigned)us;
    const uint8_t body[3] = {(uint8_t)(whole >> 16), (uint8_t)(whole >> 8), (uint8_t)whole};
    midi_track_move(track, tick);
    midi_track_meta(track, META_TEMPO, body, sizeof body);
}

static void write_meter(struct midi_track *track, const struct midi_file_options *options)
{
    const unsigned unit = options->unit;
    if (options->beats == 0 || __builtin_popcount(unit) != 1) {
        return;
    }
    enum { CLOCKS_PER_WHOLE = 96, THIRTYSECONDS_PER_QUARTER = 8 };
    const unsigned clocks = unit < CLOCKS_PER_WHOLE ? CLOCKS_PER_WHOLE / unit : 1;
    const uint8_t body[4] = {options->beats, (uint8_t)__builtin_ctz(unit), (uint8_t)clocks, THIRTYSECONDS_PER_QUARTER};
    midi_track_move(track, 0);
    midi_track_meta(track, META_METER, body, sizeof body);
}

// The format knows major and minor only: a mode is written with its own accidentals, and as minor where it is Aeolian.
static void write_key(struct midi_track *track, int64_t tick, struct key key)
{
    const uint8_t body[2] = {(uint8_t)key_signature(key), key.mode == MODE_AEOLIAN};
    midi_track_move(track, tick);
    midi_track_meta(track, META_KEY, body, sizeof body);
}

static void write_harmony(struct midi_track *track, const struct event *event, struct key *key)
{
    char symbol[16];
    const struct key now = event->harmony.key;
    if (now.tonic != key->tonic || now.mode != key->mode) {
        write_key(track, event->tick, now);
        *key = now;
    }
    chord_symbol(event->harmony.chord, now, symbol, sizeof symbol);
    midi_track_move(track, event->tick);
    midi_track_meta(track, META_MARKER, symbol, strlen(symbol));
}

static void write_reset(struct midi_track *track, int64_t tick, enum midi_reset reset)
{
    size_t size = 0;
    const uint8_t *message = midi_reset_message(reset, &size);
    const uint8_t rest = (uint8_t)(size - 1);
    midi_track_move(track, tick);
    midi_bytes_add(track->bytes, message, 1);
    midi_bytes_add(track->bytes, &rest, 1);
    midi_bytes_add(track->bytes, message + 1, rest);
}

static bool starts_with_tempo(const struct score *score)
{
    for (size_t i = 0; i < score->count && score->events[i].tick <= 0; i++) {
        if (score->events[i].kind == EVENT_TEMPO) {
            return true;
        }
    }
    return false;
}

static void write_tempo_track(struct midi_bytes *bytes, const struct score *score,
                              const struct midi_file_options *options)
{
    struct midi_track track = {.bytes = bytes};
    struct key key = {.tonic = UINT8_MAX}; // none yet
    midi_track_begin(&track, options->title);
    write_meter(&track, options);
    if (!starts_with_tempo(score)) {
        write_tempo(&track, 0, options->bpm);
    }
    for (size_t i = 0; i < score->count; i++) {
        const struct event *event = &score->events[i];
        if (event->kind == EVENT_TEMPO) {
            write_tempo(&track, event->tick, event->bpm);
        } else if (event->kind == EVENT_CHORD) {
            write_harmony(&track, event, &key);
        } else if (event->kind == EVENT_RESET) {
            write_reset(&track, event->tick, event->reset);
        }
    }
    midi_track_finish(&track);
}
/// @}

/// \name The track of a channel
/// @{
/// A channel's track being written.
struct channel {
    struct midi_track track;
    int number;
    int64_t ends[PITCH_KEYS]; ///< when each key's note ends: 0 for silent, or HELD
    int64_t next_end;         ///< not after the first of them
};

static void write_message(struct channel *channel, int64_t tick, int status, int data1, int data2)
{
    const uint8_t message[3] = {(uint8_t)(status | channel->number), (uint8_t)(data1 & 0x7f), (uint8_t)(data2 & 0x7f)};
    midi_track_move(&channel->track, tick);
    midi_bytes_add(channel->track.bytes, message, status == MIDI_PROGRAM || status == MIDI_PRESSURE ? 2 : 3);
}

static void end_key(struct channel *channel, int64_t tick, int key)
{
    write_message(channel, tick, MIDI_NOTE_OFF, key, USUAL_RELEASE);
    channel->ends[key] = 0;
}

/// Ends the notes whose time has come by \p tick, the earliest first.
static void end_due(struct channel *channel, int64_t tick)
{
    while (channel->next_end <= tick && channel->next_end < HELD) {
        const int64_t due = channel->next_end;
        channel->next_end = HELD;
        for (int key = 0; key < PITCH_KEYS; key++) {
            if (channel->ends[key] == due) {
                end_key(channel, due, key);
            } else if (channel->ends[key] && channel->ends[key] < channel->next_end) {
                channel->next_end = channel->ends[key];
            }
        }
    }
}

static void write_note(struct channel *channel, const struct event *event)
{
    const int key = event->note.key & 0x7f;
    if (channel->ends[key]) {
        end_key(channel, event->tick, key);
    }
    write_message(channel, event->tick, MIDI_NOTE_ON, key, event->note.velocity);
    const int64_t end = event->tick + event->note.duration;
    channel->ends[key] = end;
    channel->next_end = end < channel->next_end ? end : channel->next_end;
}

static void write_cut(struct channel *channel, const struct event *event)
{
    for (int key = 0; key < PITCH_KEYS; key++) {
        if (channel->ends[key]) {
            end_key(channel, event->tick, key);
        }
    }
    channel->next_end = HELD;
}

static void write_midi(struct channel *channel, const struct event *event)
{
    const int kind = event->midi.status & 0xf0;
    const int key = event->midi.data[0] & 0x7f;
    const bool off = kind == MIDI_NOTE_OFF || (kind == MIDI_NOTE_ON && event->midi.data[1] == 0);
    if (off) {
        channel->ends[key] = 0;
    } else if (kind == MIDI_NOTE_ON && !channel->ends[key]) {
        channel->ends[key] = HELD;
    }
    write_message(channel, event->tick, kind, key, event->midi.data[1]);
}

static void write_channel_track(struct midi_bytes *bytes, const struct score *score, int number, const char *name)
{
    static void (*const writers[])(struct channel *, const struct event *) = {
        [EVENT_NOTE] = write_note, [EVENT_CUT] = write_cut, [EVENT_MIDI] = write_midi};
    struct channel channel = {.track = {.bytes = bytes}, .number = number, .next_end = HELD};
    midi_track_begin(&channel.track, name);
    for (size_t i = 0; i < score->count; i++) {
        const struct event *event = &score->events[i];
        if (event->kind <= EVENT_MIDI && event->channel == number) {
            end_due(&channel, event->tick);
            writers[event->kind](&channel, event);
        }
    }
    end_due(&channel, HELD);
    midi_track_finish(&channel.track);
}
/// @}

/// The channels that sound: bit n is channel n.
static unsigned channels_in_use(const struct score *score)
{
    unsigned used = 0;
    for (size_t i = 0; i < score->count; i++) {
        if (score->events[i].kind <= EVENT_MIDI) {
            used |= 1U << (score->events[i].channel % CHANNELS);
        }
    }
    return used;
}

enum status midi_file_write(const struct score *score, const struct midi_file_options *options, uint8_t **bytes,
                            size_t *size)
{
    struct midi_bytes out = {0};
    const unsigned used = channels_in_use(score);
    uint8_t header[] = "MThd\0\0\0\6\0\1\0\0\0\0";
    header[11] = (uint8_t)(1 + __builtin_popcount(used));
    header[12] = (uint8_t)(TICKS_PER_BEAT >> 8);
    header[13] = (uint8_t)(TICKS_PER_BEAT & 0xff);
    midi_bytes_add(&out, header, sizeof header - 1);
    write_tempo_track(&out, score, options);
    for (int i = 0; i < CHANNELS; i++) {
        if (used & 1U << i) {
            write_channel_track(&out, score, i, options->channel_names ? options->channel_names[i] : NULL);
        }
    }
    if (out.failed) {
        free(out.data);
        return STATUS_NO_MEMORY;
    }
    *bytes = out.data;
    *size = out.size;
    return STATUS_OK;
}
