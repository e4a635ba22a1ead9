// SPDX-License-Identifier: GPL-3.0-or-later
// Both forms come down to the same: a name, and the fields that an item has, of which the text form knows the preset.
#include "cmd/station_list.h"

#include "station/station.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct option_rule station_list_fields[STATION_LIST_FIELDS] = {
    {.name = "name", .kind = OPTION_TEXT},
    {.name = "preset", .kind = OPTION_TEXT},
    {.name = "key", .kind = OPTION_TEXT},
    {.name = "mode", .kind = OPTION_TEXT},
    {.name = "bpm", .kind = OPTION_NUMBER, .min = CONTROLS_BPM_MIN, .max = CONTROLS_BPM_MAX},
    {.name = "intensity", .kind = OPTION_NUMBER, .min = 0, .max = 1},
    {.name = "seed", .kind = OPTION_INTEGER, .min = 0, .max = 9007199254740991.0},
    {.name = "bitrate", .kind = OPTION_INTEGER, .min = 6000, .max = 510000},
};

static const char OPTION[] = "stations";

/// What is read from, and where the item that is being read stands.
struct reading {
    const struct options *options;
    const struct presets *presets;
    const struct music *music;
    struct station_list *list;
    size_t item; ///< of the list in the file
    bool is_text;
    struct complaint *complaint;
};

/// What the item in the file gives for \p field, or NULL.
static const struct option_value *field_of(const struct reading *reading, const char *field)
{
    return reading->is_text ? NULL : options_item(reading->options, OPTION, reading->item, field);
}

static const char *text_of(const struct reading *reading, const char *field)
{
    const struct option_value *value = field_of(reading, field);
    return value ? value->text : NULL;
}

/// Complains with the place of the item, or of its \p field where it has that.
static enum status refuse(const struct reading *reading, enum status status, const char *field, const char *why)
{
    if (reading->is_text) {
        return complain(reading->complaint, status, "--stations: %s", why);
    }
    const struct option_value *value = field_of(reading, field);
    return complain(reading->complaint, status, "%.80s:%d: stations: %s", options_text(reading->options, "config"),
                    value ? value->line : options_item_line(reading->options, OPTION, reading->item), why);
}

static enum status check_name(const struct reading *reading, const char *name)
{
    char why[160] = "";
    const size_t length = strlen(name);
    if (length == 0 || length >= STATION_NAME_MAX || strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_") != length) {
        (void)snprintf(why, sizeof why, "\"%.40s\" is no name for a station: give up to %d of a-z, 0-9, - and _", name,
                       STATION_NAME_MAX - 1);
    } else if (strcmp(name, "private") == 0) {
        (void)snprintf(why, sizeof why, "\"private\" is how a listener asks for a station alone: give another name");
    } else if (station_list_find(reading->list, name)) {
        (void)snprintf(why, sizeof why, "\"%s\" is given twice", name);
    }
    return why[0] ? refuse(reading, STATUS_INVALID, "name", why) : STATUS_OK;
}

static enum status read_preset(const struct reading *reading, const char *name, struct station_wish *wish)
{
    struct complaint unknown;
    wish->preset = name ? presets_find(reading->presets, name, &unknown) : reading->music->preset;
    return wish->preset ? STATUS_OK : refuse(reading, STATUS_UNKNOWN, "preset", unknown.text);
}

static enum status read_key(const struct reading *reading, struct key *key)
{
    char why[160];
    const char *tonic = text_of(reading, "key");
    const char *mode = text_of(reading, "mode");
    int pitch = key->tonic;
    if (tonic && pitch_class_parse(tonic, &pitch) != STATUS_OK) {
        (void)snprintf(why, sizeof why, "%.20s is no key: give C, C#, Db ... B", tonic);
        return refuse(reading, STATUS_UNKNOWN, "key", why);
    }
    key->tonic = (uint8_t)pitch;
    if (mode && mode_parse(mode, &key->mode) != STATUS_OK) {
        (void)snprintf(why, sizeof why,
                       "%.20s is no mode: give ionian, dorian, phrygian, lydian, mixolydian, aeolian or locrian", mode);
        return refuse(reading, STATUS_UNKNOWN, "mode", why);
    }
    return STATUS_OK;
}

static enum status read_values(const struct reading *reading, struct station_wish *wish)
{
    enum status status = music_options_controls(reading->options, wish->preset, &wish->controls, reading->complaint);
    if (status == STATUS_OK) {
        status = read_key(reading, &wish->controls.key);
    }
    const struct option_value *bpm = field_of(reading, "bpm");
    const struct option_value *intensity = field_of(reading, "intensity");
    const struct option_value *seed = field_of(reading, "seed");
    const struct option_value *bitrate = field_of(reading, "bitrate");
    if (bpm) {
        wish->controls.bpm = bpm->number;
    }
    if (intensity) {
        wish->controls.intensity = intensity->number;
    }
    wish->seed_given = seed || options_given(reading->options, "seed");
    wish->seed = seed ? (uint64_t)seed->integer : reading->music->seed + reading->list->count;
    wish->bitrate = (int)(bitrate ? bitrate->integer : options_integer(reading->options, "bitrate"));
    return status;
}

static enum status add_wish(const struct reading *reading, const char *name, const char *preset)
{
    struct station_list *list = reading->list;
    if (list->count == STATION_LIST_MAX) {
        char why[64];
        (void)snprintf(why, sizeof why, "there are at most %d", STATION_LIST_MAX);
        return refuse(reading, STATUS_FULL, "name", why);
    }
    struct station_wish *wish = &list->wishes[list->count];
    enum status status = check_name(reading, name);
    if (status == STATUS_OK) {
        status = read_preset(reading, preset, wish);
    }
    if (status == STATUS_OK) {
        status = read_values(reading, wish);
    }
    if (status != STATUS_OK) {
        return status;
    }
    wish->name = strdup(name);
    if (!wish->name) {
        return complain(reading->complaint, STATUS_NO_MEMORY, "out of memory");
    }
    list->count++;
    return STATUS_OK;
}

static enum status read_text(struct reading *reading, const char *text)
{
    char *items = strdup(text);
    if (!items) {
        return complain(reading->complaint, STATUS_NO_MEMORY, "out of memory");
    }
    enum status status = STATUS_OK;
    char *rest = NULL;
    for (char *item = strtok_r(items, ", ", &rest); item && status == STATUS_OK; item = strtok_r(NULL, ", ", &rest)) {
        char *equals = strchr(item, '=');
        if (equals) {
            *equals = '\0';
        }
        status = add_wish(reading, item, equals ? equals + 1 : NULL);
    }
    free(items);
    return status;
}

static enum status read_items(struct reading *reading)
{
    enum status status = STATUS_OK;
    const size_t count = options_item_count(reading->options, OPTION);
    for (; reading->item < count && status == STATUS_OK; reading->item++) {
        const char *name = text_of(reading, "name");
        status = name ? add_wish(reading, name, text_of(reading, "preset"))
                      : refuse(reading, STATUS_INVALID, "name", "a station without a name: give one, as in name: main");
    }
    return status;
}

enum status station_list_read(const struct options *options, const struct presets *presets, const struct music *music,
                              struct station_list *list, struct complaint *complaint)
{
    const char *text = options_text(options, OPTION);
    struct reading reading = {.options = options,
                              .presets = presets,
                              .music = music,
                              .list = list,
                              .is_text = text != NULL,
                              .complaint = complaint};
    *list = (struct station_list){.count = 0};
    const enum status status = text ? read_text(&reading, text) : read_items(&reading);
    if (status == STATUS_OK && list->count == 0) {
        return complain(complaint, STATUS_INVALID, "--stations is empty: give a name, such as main");
    }
    return status;
}

void station_list_clear(struct station_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->wishes[i].name);
    }
    list->count = 0;
}

const struct station_wish *station_list_find(const struct station_list *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->wishes[i].name, name) == 0) {
            return &list->wishes[i];
        }
    }
    return NULL;
}

bool station_wish_equal(const struct station_wish *one, const struct station_wish *other)
{
    const struct controls *a = &one->controls;
    const struct controls *b = &other->controls;
    const bool same_seed = one->seed == other->seed || !one->seed_given || !other->seed_given;
    return strcmp(one->name, other->name) == 0 && one->preset == other->preset && a->key.tonic == b->key.tonic &&
           a->key.mode == b->key.mode && a->bpm == b->bpm && a->intensity == b->intensity && same_seed &&
           one->bitrate == other->bitrate;
}
