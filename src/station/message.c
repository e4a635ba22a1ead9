// SPDX-License-Identifier: GPL-3.0-or-later
#include "station/message.h"

#include "core/utf8.h"
#include "net/websocket.h"
#include "station/opus_stream.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A field of a control message and how it is read.
struct field {
    const char *name;
    enum status (*read)(const json_t *value, struct station_change *change, struct complaint *complaint);
};

static enum status read_key(const json_t *value, struct station_change *change, struct complaint *complaint)
{
    int tonic = 0;
    if (!json_is_string(value) || pitch_class_parse(json_string_value(value), &tonic) != STATUS_OK) {
        return complain(complaint, STATUS_UNKNOWN, "no such key: give \"C\", \"C#\", \"Db\" … \"B\"");
    }
    change->set_tonic = true;
    change->tonic = (uint8_t)tonic;
    return STATUS_OK;
}

static enum status read_mode(const json_t *value, struct station_change *change, struct complaint *complaint)
{
    if (!json_is_string(value) || mode_parse(json_string_value(value), &change->mode) != STATUS_OK) {
        return complain(complaint, STATUS_UNKNOWN,
                        "no such mode: give ionian, dorian, phrygian, lydian, mixolydian, aeolian or locrian");
    }
    change->set_mode = true;
    return STATUS_OK;
}

static enum status read_bpm(const json_t *value, struct station_change *change, struct complaint *complaint)
{
    if (!json_is_number(value)) {
        return complain(complaint, STATUS_INVALID, "bpm is no number: give %g to %g", CONTROLS_BPM_MIN,
                        CONTROLS_BPM_MAX);
    }
    change->set_bpm = true;
    change->bpm = json_number_value(value);
    return STATUS_OK;
}

static enum status read_intensity(const json_t *value, struct station_change *change, struct complaint *complaint)
{
    if (!json_is_number(value)) {
        return complain(complaint, STATUS_INVALID, "intensity is no number: give 0 to 1");
    }
    change->set_intensity = true;
    change->intensity = json_number_value(value);
    return STATUS_OK;
}

static enum status read_control(const json_t *json, struct station_change *change, struct complaint *complaint)
{
    static const struct field fields[] = {
        {"key", read_key}, {"mode", read_mode}, {"bpm", read_bpm}, {"intensity", read_intensity}};
    bool any = false;
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        const json_t *value = json_object_get(json, fields[i].name);
        if (value) {
            const enum status status = fields[i].read(value, change, complaint);
            if (status != STATUS_OK) {
                return status;
            }
            any = true;
        }
    }
    return any ? STATUS_OK
               : complain(complaint, STATUS_INVALID, "control changes nothing: give key, mode, bpm or intensity");
}

static enum status read_preset(const json_t *json, const struct presets *presets, struct station_change *change,
                               struct complaint *complaint)
{
    const char *name = json_string_value(json_object_get(json, "name"));
    if (!name) {
        return complain(complaint, STATUS_INVALID, "preset has no name: give {\"type\":\"preset\",\"name\":\"focus\"}");
    }
    change->preset = presets_find(presets, name, complaint);
    return change->preset ? STATUS_OK : STATUS_UNKNOWN;
}

enum status message_parse(const char *text, size_t size, const struct presets *presets, struct station_change *change,
                          struct complaint *complaint)
{
    *change = (struct station_change){0};
    json_error_t error;
    json_t *json = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
    if (!json) {
        return complain(complaint, STATUS_INVALID, "not JSON: %.120s (column %d)", error.text, error.column);
    }
    const char *type = json_string_value(json_object_get(json, "type"));
    enum status status = STATUS_OK;
    if (type && strcmp(type, "control") == 0) {
        status = read_control(json, change, complaint);
    } else if (type && strcmp(type, "preset") == 0) {
        status = read_preset(json, presets, change, complaint);
    } else {
        status = complain(complaint, STATUS_INVALID, "unknown message type: give \"control\" or \"preset\"");
    }
    json_decref(json);
    return status;
}

struct buffer *message_frame(json_t *json)
{
    if (!json) {
        return NULL;
    }
    char *text = json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(9));
    json_decref(json);
    struct buffer *frame = text ? websocket_frame(WEBSOCKET_TEXT, text, strlen(text)) : NULL;
    free(text);
    return frame;
}

// A complaint may quote a listener's bytes, or be cut within a character; JSON takes neither.
static json_t *error_json(const char *code, const char *text)
{
    struct complaint clean;
    utf8_clean(text, clean.text, sizeof clean.text);
    return json_pack("{ssssss*}", "type", "error", "message", clean.text, "code", code);
}

struct buffer *message_error(const char *code, const char *text)
{
    return message_frame(error_json(code, text));
}

static json_t *stations_json(const struct stations *stations)
{
    json_t *names = json_array();
    for (size_t i = 0; i < stations_count(stations); i++) {
        (void)json_array_append_new(names, json_string(station_name(stations_at(stations, i))));
    }
    return names;
}

struct buffer *message_full(const char *text, const struct stations *stations)
{
    json_t *json = error_json("full", text);
    if (json) {
        (void)json_object_set_new(json, "stations", stations_json(stations));
    }
    return message_frame(json);
}

struct buffer *message_going_away(const struct stations_entry *entry, uint32_t next)
{
    char sequence[16];
    (void)snprintf(sequence, sizeof sequence, "%u", next);
    return message_frame(
        json_pack("{ssss}", "type", "going_away", "resume", entry->is_private ? entry->token : sequence));
}

json_t *message_chord(struct chord chord, struct key key)
{
    char symbol[16];
    char numeral[16];
    char tonic[8];
    chord_symbol(chord, key, symbol, sizeof symbol);
    chord_numeral(chord, key, numeral, sizeof numeral);
    key_spell(key, key.tonic, tonic, sizeof tonic);
    return json_pack("{ssssssssss}", "symbol", symbol, "numeral", numeral, "key", pitch_class_name(key.tonic, 0),
                     "tonic", tonic, "mode", mode_name(key.mode));
}

static uint32_t rate_for(const struct station *station, enum format format)
{
    return format == FORMAT_OPUS || format == FORMAT_OGG ? OPUS_STREAM_RATE : station_rate(station);
}

static json_t *state_json(struct station *station, double frame_scale)
{
    const struct station_state state = station_state(station);
    char tonic[8];
    key_spell(state.controls.key, state.controls.key.tonic, tonic, sizeof tonic);
    const uint32_t listeners = metrics_listeners(station_metrics(station));
    json_t *json =
        json_pack("{sssssssssssfsfsIsI}", "station", station_name(station), "preset", state.preset->name, "key",
                  pitch_class_name(state.controls.key.tonic, 0), "tonic", tonic, "mode",
                  mode_name(state.controls.key.mode), "bpm", state.controls.bpm, "intensity", state.controls.intensity,
                  "frame", (json_int_t)((double)state.frame * frame_scale), "listeners", (json_int_t)listeners);
    if (json && state.has_chord) {
        json_t *chord = message_chord(state.chord, state.chord_key);
        (void)json_object_set(json, "chord", json_object_get(chord, "symbol"));
        (void)json_object_set(json, "numeral", json_object_get(chord, "numeral"));
        json_decref(chord);
    }
    return json;
}

struct buffer *message_state(struct station *station, enum format format, uint32_t skipped)
{
    json_t *json = state_json(station, (double)rate_for(station, format) / station_rate(station));
    if (json) {
        (void)json_object_set_new(json, "type", json_string("state"));
    }
    if (json && skipped > 0) {
        (void)json_object_set_new(json, "skip", json_integer(skipped));
    }
    return message_frame(json);
}

json_t *message_station(struct station *station)
{
    json_t *json = state_json(station, 1.0);
    if (json) {
        const struct station_position position = station_position(station);
        (void)json_object_set_new(json, "seed", json_integer((json_int_t)station_seed(station)));
        (void)json_object_set_new(json, "sample_rate", json_integer(station_rate(station)));
        (void)json_object_set_new(json, "sequence", json_integer(position.sequence));
        (void)json_object_set_new(json, "position_seconds", json_real((double)position.frame / station_rate(station)));
        (void)json_object_set_new(json, "renderer", json_string(station_renderer(station)));
    }
    return json;
}

static json_t *presets_json(const struct presets *presets)
{
    json_t *list = json_array();
    for (size_t i = 0; i < presets_count(presets); i++) {
        const struct preset *preset = presets_at(presets, i);
        (void)json_array_append_new(list, json_pack("{ssssss}", "name", preset->name, "title", preset->title,
                                                    "description", preset->description));
    }
    return list;
}

static json_t *names_json(const char *(*name)(size_t), size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        (void)json_array_append_new(list, json_string(name(i)));
    }
    return list;
}

static const char *key_at(size_t index)
{
    return pitch_class_name((int)index, 0);
}

static const char *mode_at(size_t index)
{
    return mode_name((enum mode)index);
}

struct buffer *message_hello(const struct stations_entry *entry, enum format format, bool controls,
                             const struct presets *presets)
{
    const struct station *station = entry->station;
    json_t *json = json_pack(
        "{sssssssossso*sisisiso*so*s{sfsf}s{sisi}sb}", "type", "hello", "version", TUTTI_VERSION, "station",
        station_name(station), "stations", stations_json(entry->owner), "format", format_name(format), "presets",
        presets_json(presets), "sample_rate", (int)rate_for(station, format), "channels", 2, "chunk_ms", CHUNK_MS,
        "modes", names_json(mode_at, MODE_COUNT), "keys", names_json(key_at, PITCH_CLASSES), "bpm", "min",
        CONTROLS_BPM_MIN, "max", CONTROLS_BPM_MAX, "intensity", "min", 0, "max", 1, "control", (int)controls);
    if (json && entry->is_private) {
        (void)json_object_set_new(json, "resume", json_string(entry->token));
    }
    return message_frame(json);
}
