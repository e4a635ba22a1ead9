// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers that JSON cannot be trusted with are text (a seed has 64 bits), and fractions are written with all their
// digits, so that what is read is what was written.
#include "station/life.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// What is being read.
struct reader {
    const struct presets *presets;
    struct life *life;
    bool positioned;
    struct complaint *complaint;
};

static uint64_t block_frames(const struct life *life)
{
    return life->birth.rate / LIFE_BLOCKS_A_SECOND;
}

// As json_unpack(), from an object without keys that are not asked for.
static bool unpack(json_t *json, const char *format, ...)
{
    va_list places;
    va_start(places, format);
    const int result = json_vunpack_ex(json, NULL, JSON_STRICT, format, places);
    va_end(places);
    return result == 0;
}

static enum status read_course(const struct reader *reader, const char *preset, const char *key, const char *mode,
                               struct life_change *change)
{
    struct complaint why;
    int tonic = 0;
    change->preset = preset ? presets_find(reader->presets, preset, NULL) : NULL;
    if (preset && !change->preset) {
        return complain(reader->complaint, STATUS_CORRUPT, "there is no preset \"%.40s\"", preset);
    }
    if (pitch_class_parse(key, &tonic) != STATUS_OK || mode_parse(mode, &change->controls.key.mode) != STATUS_OK) {
        return complain(reader->complaint, STATUS_CORRUPT, "there is no key \"%.10s %.20s\"", key, mode);
    }
    change->controls.key.tonic = (uint8_t)tonic;
    if (controls_check(&change->controls, &why) != STATUS_OK) {
        return complain(reader->complaint, STATUS_CORRUPT, "%s", why.text);
    }
    return STATUS_OK;
}

static bool read_seed(const char *text, uint64_t *seed)
{
    char again[24];
    char *end = NULL;
    *seed = strtoull(text, &end, 10);
    (void)snprintf(again, sizeof again, "%llu", (unsigned long long)*seed);
    return *end == '\0' && strcmp(text, again) == 0;
}

static bool is_name(const char *text)
{
    const size_t length = strlen(text);
    return length > 0 && length < STATION_NAME_MAX && strspn(text, STATION_NAME_CHARACTERS) == length;
}

static enum status read_birth(const struct reader *reader, json_t *json)
{
    struct life_birth *birth = &reader->life->birth;
    struct life_change course = {0};
    int version = 0;
    json_int_t rate = 0;
    const char *station = NULL;
    const char *seed = NULL;
    const char *renderer = NULL;
    const char *preset = NULL;
    const char *key = NULL;
    const char *mode = NULL;
    if (json_unpack_ex(json, NULL, 0, "{si}", "tutti_station", &version) != 0) {
        return complain(reader->complaint, STATUS_CORRUPT, "it is not the state of a station");
    }
    if (version != LIFE_VERSION) {
        return complain(reader->complaint, STATUS_UNSUPPORTED, "it is of version %d, and this program reads %d",
                        version, LIFE_VERSION);
    }
    if (!unpack(json, "{si,ss,ss,sI,ss,ss,ss,ss,sF,sF}", "tutti_station", &version, "station", &station, "seed", &seed,
                "rate", &rate, "renderer", &renderer, "preset", &preset, "key", &key, "mode", &mode, "bpm",
                &course.controls.bpm, "intensity", &course.controls.intensity)) {
        return complain(reader->complaint, STATUS_CORRUPT, "the beginning lacks something, or has something else");
    }
    if (!is_name(station) || strlen(renderer) >= sizeof birth->renderer || !read_seed(seed, &birth->seed) ||
        (rate != 48000 && rate != 44100)) {
        return complain(reader->complaint, STATUS_CORRUPT, "its name, seed, rate or renderer cannot be");
    }
    memcpy(birth->station, station, strlen(station) + 1);
    memcpy(birth->renderer, renderer, strlen(renderer) + 1);
    birth->rate = (uint32_t)rate;
    const enum status status = read_course(reader, preset, key, mode, &course);
    birth->preset = course.preset;
    birth->controls = course.controls;
    return status;
}

static bool frame_fits(const struct life *life, json_int_t frame, uint64_t earliest)
{
    const uint64_t most = (uint64_t)UINT32_MAX * CHUNK_BLOCKS * block_frames(life);
    return frame >= 0 && (uint64_t)frame <= most && (uint64_t)frame >= earliest &&
           (uint64_t)frame % block_frames(life) == 0;
}

static enum status read_change(const struct reader *reader, json_t *json)
{
    struct life *life = reader->life;
    struct life_change change = {0};
    json_int_t frame = 0;
    const char *preset = NULL;
    const char *key = NULL;
    const char *mode = NULL;
    if (!unpack(json, "{sI,s?s,ss,ss,sF,sF}", "change", &frame, "preset", &preset, "key", &key, "mode", &mode, "bpm",
                &change.controls.bpm, "intensity", &change.controls.intensity)) {
        return complain(reader->complaint, STATUS_CORRUPT, "the change lacks something, or has something else");
    }
    if (!frame_fits(life, frame, life->count > 0 ? life->changes[life->count - 1].frame : 0)) {
        return complain(reader->complaint, STATUS_CORRUPT, "no change can be on frame %lld", (long long)frame);
    }
    if (life->count == LIFE_CHANGES) {
        return complain(reader->complaint, STATUS_CORRUPT, "there are more than %d changes", LIFE_CHANGES);
    }
    change.frame = (uint64_t)frame;
    const enum status status = read_course(reader, preset, key, mode, &change);
    return status == STATUS_OK ? life_add(life, &change) : status;
}

static enum status read_position(struct reader *reader, json_t *json)
{
    struct life *life = reader->life;
    json_int_t frame = 0;
    json_int_t sequence = 0;
    json_int_t wall_us = 0;
    if (!unpack(json, "{sI,sI,sI}", "position", &frame, "sequence", &sequence, "wall_us", &wall_us)) {
        return complain(reader->complaint, STATUS_CORRUPT, "the position lacks something, or has something else");
    }
    const bool fits = sequence >= (json_int_t)life->position.sequence && sequence < (json_int_t)UINT32_MAX;
    const uint64_t least = fits ? (uint64_t)sequence * CHUNK_BLOCKS * block_frames(life) : 0;
    const uint64_t last = life->position.frame;
    if (!fits || !frame_fits(life, frame, least > last ? least : last)) {
        return complain(reader->complaint, STATUS_CORRUPT, "frame %lld with sequence %lld is no place to be",
                        (long long)frame, (long long)sequence);
    }
    life->position =
        (struct life_position){.frame = (uint64_t)frame, .sequence = (uint32_t)sequence, .wall_us = wall_us};
    reader->positioned = true;
    return STATUS_OK;
}

static enum status read_line(struct reader *reader, const char *line, size_t size, bool first)
{
    json_t *json = size < LIFE_LINE_MAX ? json_loadb(line, size, JSON_REJECT_DUPLICATES, NULL) : NULL;
    enum status status = STATUS_OK;
    if (!json_is_object(json)) {
        status = complain(reader->complaint, STATUS_CORRUPT, "it is no JSON object");
    } else if (first) {
        status = read_birth(reader, json);
    } else if (json_object_get(json, "change")) {
        status = read_change(reader, json);
    } else {
        status = read_position(reader, json);
    }
    json_decref(json);
    return status;
}

static enum status read_lines(struct reader *reader, const char *bytes, size_t size, unsigned *number)
{
    const char *const end = bytes + size;
    enum status status = STATUS_OK;
    const char *line_end = size > 0 ? memchr(bytes, '\n', size) : NULL;
    for (const char *line = bytes; line_end && status == STATUS_OK;) {
        status = read_line(reader, line, (size_t)(line_end - line), *number == 0);
        ++*number;
        line = line_end + 1;
        line_end = line < end ? memchr(line, '\n', (size_t)(end - line)) : NULL;
    }
    return status;
}

enum status life_parse(const char *bytes, size_t size, const struct presets *presets, struct life *life,
                       struct complaint *complaint)
{
    struct complaint why = {""};
    struct reader reader = {.presets = presets, .life = life, .complaint = &why};
    unsigned lines = 0;
    *life = (struct life){0};
    if (size > LIFE_BYTES_MAX) {
        return complain(complaint, STATUS_CORRUPT, "it has %zu bytes, more than the longest life", size);
    }
    enum status status = read_lines(&reader, bytes, size, &lines);
    if (status == STATUS_OK && !reader.positioned) {
        status = complain(&why, STATUS_CORRUPT, "it ends before its first position");
    }
    if (status == STATUS_OK && life->count > 0 &&
        life->changes[life->count - 1].frame > life->position.frame + (uint64_t)LIFE_AHEAD_S * life->birth.rate) {
        status = complain(&why, STATUS_CORRUPT, "its last change is long after its position");
    }
    if (status != STATUS_OK) {
        life_done(life);
        const char *text = why.text[0] ? why.text : status_text(status);
        return lines > 0 ? complain(complaint, status, "line %u: %s", lines, text)
                         : complain(complaint, status, "%s", text);
    }
    return STATUS_OK;
}

enum status life_add(struct life *life, const struct life_change *change)
{
    if (life->count == LIFE_CHANGES) {
        // What the last one was besides the controls, the preset, stays unless this one brings another.
        struct life_change *last = &life->changes[life->count - 1];
        const struct preset *preset = change->preset ? change->preset : last->preset;
        *last = *change;
        last->preset = preset;
        return STATUS_FULL;
    }
    if (life->count == life->capacity) {
        const size_t capacity = life->capacity > 0 ? 2 * life->capacity : 16;
        struct life_change *grown = reallocarray(life->changes, capacity, sizeof *grown);
        if (!grown) {
            return STATUS_NO_MEMORY;
        }
        life->changes = grown;
        life->capacity = capacity;
    }
    life->changes[life->count++] = *change;
    return STATUS_OK;
}

struct life_change life_latest(const struct life *life)
{
    struct life_change latest = {.preset = life->birth.preset, .controls = life->birth.controls};
    for (size_t i = 0; i < life->count; i++) {
        latest.frame = life->changes[i].frame;
        latest.preset = life->changes[i].preset ? life->changes[i].preset : latest.preset;
        latest.controls = life->changes[i].controls;
    }
    return latest;
}

static bool print_line(json_t *json, size_t width, char *out)
{
    const size_t size = json ? json_dumpb(json, out, width - 1, JSON_COMPACT | JSON_REAL_PRECISION(17)) : 0;
    json_decref(json);
    if (size == 0 || size > width - 1) {
        return false;
    }
    memset(out + size, ' ', width - 1 - size);
    out[width - 1] = '\n';
    out[width] = '\0';
    return true;
}

bool life_print_birth(const struct life_birth *birth, size_t width, char *out)
{
    const struct controls *controls = &birth->controls;
    char seed[24];
    (void)snprintf(seed, sizeof seed, "%llu", (unsigned long long)birth->seed);
    return print_line(json_pack("{sisssssissssssss sfsf}", "tutti_station", LIFE_VERSION, "station", birth->station,
                                "seed", seed, "rate", (int)birth->rate, "renderer", birth->renderer, "preset",
                                birth->preset->name, "key", pitch_class_name(controls->key.tonic, 0), "mode",
                                mode_name(controls->key.mode), "bpm", controls->bpm, "intensity", controls->intensity),
                      width, out);
}

bool life_print_change(const struct life_change *change, size_t width, char *out)
{
    const struct controls *controls = &change->controls;
    return print_line(json_pack("{sIss*ssss sfsf}", "change", (json_int_t)change->frame, "preset",
                                change->preset ? change->preset->name : NULL, "key",
                                pitch_class_name(controls->key.tonic, 0), "mode", mode_name(controls->key.mode), "bpm",
                                controls->bpm, "intensity", controls->intensity),
                      width, out);
}

bool life_print_position(const struct life_position *position, size_t width, char *out)
{
    return print_line(json_pack("{sIsIsI}", "position", (json_int_t)position->frame, "sequence",
                                (json_int_t)position->sequence, "wall_us", (json_int_t)position->wall_us),
                      width, out);
}

void life_done(struct life *life)
{
    free(life->changes);
    *life = (struct life){0};
}
