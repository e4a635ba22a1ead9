// SPDX-License-Identifier: GPL-3.0-or-later
// libcyaml reads the YAML straight into the struct along the schema below and refuses unknown and missing fields and
// wrong types; what a schema cannot say (ranges, names of keys and modes) is checked after it.
#include "compose/preset.h"

#include <cyaml/cyaml.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The file as it stands, with the fields that take a second reading.
struct document {
    struct preset preset;
    char *key;
    char *mode;
    char *meter;
};

static const cyaml_schema_value_t integer = {CYAML_VALUE_INT(CYAML_FLAG_DEFAULT, int)};
static const cyaml_schema_value_t number = {CYAML_VALUE_FLOAT(CYAML_FLAG_DEFAULT, double)};

static const cyaml_schema_field_t harmony_fields[] = {
    CYAML_FIELD_SEQUENCE_COUNT("chord_bars", CYAML_FLAG_DEFAULT, struct preset_harmony, chord_bars.values,
                               chord_bars.count, &integer, 1, PRESET_CHOICES),
    CYAML_FIELD_SEQUENCE_COUNT("phrase_bars", CYAML_FLAG_DEFAULT, struct preset_harmony, phrase_bars.values,
                               phrase_bars.count, &integer, 1, PRESET_CHOICES),
    CYAML_FIELD_SEQUENCE_COUNT("chord_notes", CYAML_FLAG_DEFAULT, struct preset_harmony, chord_notes.values,
                               chord_notes.count, &integer, 1, PRESET_CHOICES),
    CYAML_FIELD_FLOAT("recall", CYAML_FLAG_DEFAULT, struct preset_harmony, recall),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t part_fields[] = {
    CYAML_FIELD_INT("program", CYAML_FLAG_DEFAULT, struct preset_part, program),
    CYAML_FIELD_INT("volume", CYAML_FLAG_DEFAULT, struct preset_part, volume),
    CYAML_FIELD_INT("pan", CYAML_FLAG_DEFAULT, struct preset_part, pan),
    CYAML_FIELD_INT("low", CYAML_FLAG_DEFAULT, struct preset_part, low),
    CYAML_FIELD_INT("high", CYAML_FLAG_DEFAULT, struct preset_part, high),
    CYAML_FIELD_FLOAT("enters", CYAML_FLAG_DEFAULT, struct preset_part, enters),
    CYAML_FIELD_SEQUENCE_FIXED("velocity", CYAML_FLAG_DEFAULT, struct preset_part, velocity.at, &number, 2),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t document_fields[] = {
    CYAML_FIELD_STRING_PTR("name", CYAML_FLAG_POINTER, struct document, preset.name, 1, 32),
    CYAML_FIELD_STRING_PTR("title", CYAML_FLAG_POINTER, struct document, preset.title, 1, 64),
    CYAML_FIELD_STRING_PTR("description", CYAML_FLAG_POINTER, struct document, preset.description, 1, 256),
    CYAML_FIELD_STRING_PTR("key", CYAML_FLAG_POINTER, struct document, key, 1, 4),
    CYAML_FIELD_STRING_PTR("mode", CYAML_FLAG_POINTER, struct document, mode, 1, 16),
    CYAML_FIELD_FLOAT("bpm", CYAML_FLAG_DEFAULT, struct document, preset.defaults.bpm),
    CYAML_FIELD_FLOAT("intensity", CYAML_FLAG_DEFAULT, struct document, preset.defaults.intensity),
    CYAML_FIELD_STRING_PTR("meter", CYAML_FLAG_POINTER, struct document, meter, 3, 5),
    CYAML_FIELD_FLOAT("gain_db", CYAML_FLAG_DEFAULT, struct document, preset.gain_db),
    CYAML_FIELD_MAPPING("harmony", CYAML_FLAG_DEFAULT, struct document, preset.harmony, harmony_fields),
    CYAML_FIELD_MAPPING("pad", CYAML_FLAG_DEFAULT, struct document, preset.pad, part_fields),
    CYAML_FIELD_SEQUENCE_COUNT("pad_voices", CYAML_FLAG_DEFAULT, struct document, preset.pad_voices.values,
                               preset.pad_voices.count, &integer, 1, PRESET_CHOICES),
    CYAML_FIELD_MAPPING("melody", CYAML_FLAG_DEFAULT, struct document, preset.melody, part_fields),
    CYAML_FIELD_FLOAT("slot_beats", CYAML_FLAG_DEFAULT, struct document, preset.slot_beats),
    CYAML_FIELD_SEQUENCE_FIXED("divide", CYAML_FLAG_DEFAULT, struct document, preset.divide.at, &number, 2),
    CYAML_FIELD_SEQUENCE_COUNT("gesture_slots", CYAML_FLAG_DEFAULT, struct document, preset.gesture_slots.values,
                               preset.gesture_slots.count, &integer, 1, PRESET_CHOICES),
    CYAML_FIELD_SEQUENCE_FIXED("breath_beats", CYAML_FLAG_DEFAULT, struct document, preset.breath_beats.at, &number, 2),
    CYAML_FIELD_MAPPING("bass", CYAML_FLAG_DEFAULT, struct document, preset.bass, part_fields),
    CYAML_FIELD_MAPPING("sparkle", CYAML_FLAG_DEFAULT, struct document, preset.sparkle, part_fields),
    CYAML_FIELD_SEQUENCE_FIXED("sparkle_density", CYAML_FLAG_DEFAULT, struct document, preset.sparkle_density.at,
                               &number, 2),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t document_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct document, document_fields)};

// libcyaml tells first what is wrong, then where; both are kept, the first not at the expense of the second.
static void keep_message(cyaml_log_t level, void *context, const char *format, va_list arguments)
{
    struct complaint *complaint = context;
    const size_t used = strlen(complaint->text);
    enum { LONGEST = 80 };
    const size_t room = sizeof complaint->text - used;
    if (level < CYAML_LOG_ERROR || room <= 2) {
        return;
    }
    // NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): the caller's va_list is initialized
    (void)vsnprintf(complaint->text + used, room < LONGEST ? room : LONGEST, format, arguments);
    // A message that was cut has lost its newline.
    char *newline = strchr(complaint->text, '\n');
    if (newline) {
        *newline = ' ';
    }
}

static const cyaml_config_t *configure(cyaml_config_t *config, struct complaint *messages)
{
    *config = (cyaml_config_t){
        .log_fn = keep_message, .log_ctx = messages, .mem_fn = cyaml_mem, .log_level = CYAML_LOG_ERROR};
    return config;
}

// One range to keep; the first that is not kept makes the message.
struct check {
    const char *file;
    struct complaint *complaint;
    enum status status;
};

static void check_number(struct check *check, const char *field, const char *sub, double value, double low, double high)
{
    if (check->status == STATUS_OK && !(value >= low && value <= high)) {
        check->status = complain(check->complaint, STATUS_CORRUPT, "preset %s: %s%s is %g: give %g to %g", check->file,
                                 field, sub, value, low, high);
    }
}

static void check_choices(struct check *check, const char *field, const struct preset_choices *choices, int low,
                          int high)
{
    for (unsigned i = 0; i < choices->count; i++) {
        check_number(check, field, "", choices->values[i], low, high);
    }
}

static void check_pair(struct check *check, const char *field, const char *sub, struct preset_pair pair, double low,
                       double high)
{
    check_number(check, field, sub, pair.at[0], low, high);
    check_number(check, field, sub, pair.at[1], low, high);
}

static void check_part(struct check *check, const char *field, const struct preset_part *part, int least_range)
{
    check_number(check, field, ".program", part->program, 0, 127);
    check_number(check, field, ".volume", part->volume, 0, 127);
    check_number(check, field, ".pan", part->pan, 0, 127);
    check_number(check, field, ".low", part->low, 0, 127 - least_range);
    check_number(check, field, ".high", part->high, part->low + least_range, 127);
    check_number(check, field, ".enters", part->enters, 0, 1);
    check_pair(check, field, ".velocity", part->velocity, 20, 100);
}

static void check_ranges(struct check *check, const struct preset *preset)
{
    check_number(check, "gain_db", "", preset->gain_db, -40, 24);
    check_choices(check, "harmony.chord_bars", &preset->harmony.chord_bars, 1, 8);
    check_choices(check, "harmony.phrase_bars", &preset->harmony.phrase_bars, 8, 16);
    check_choices(check, "harmony.chord_notes", &preset->harmony.chord_notes, 3, 5);
    check_number(check, "harmony.recall", "", preset->harmony.recall, 0, 1);
    check_part(check, "pad", &preset->pad, 24);
    check_choices(check, "pad_voices", &preset->pad_voices, 3, 5);
    check_part(check, "melody", &preset->melody, 18);
    check_pair(check, "divide", "", preset->divide, 0, 1);
    check_choices(check, "gesture_slots", &preset->gesture_slots, 4, 16);
    check_pair(check, "breath_beats", "", preset->breath_beats, 0, 64);
    check_part(check, "bass", &preset->bass, 11);
    check_part(check, "sparkle", &preset->sparkle, 12);
    check_pair(check, "sparkle_density", "", preset->sparkle_density, 0, 1);
    if (check->status == STATUS_OK && preset->slot_beats != 0.5 && preset->slot_beats != 1.0 &&
        preset->slot_beats != 2.0) {
        check->status = complain(check->complaint, STATUS_CORRUPT, "preset %s: slot_beats is %g: give 0.5, 1 or 2",
                                 check->file, preset->slot_beats);
    }
}

static enum status read_meter(const char *text, struct meter *meter)
{
    static const struct {
        const char *text;
        struct meter meter;
    } known[] = {{"4/4", {4, 4}}, {"3/4", {3, 4}}, {"6/8", {6, 8}}, {"2/4", {2, 4}}, {"12/8", {12, 8}}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(text, known[i].text) == 0) {
            *meter = known[i].meter;
            return STATUS_OK;
        }
    }
    return STATUS_UNKNOWN;
}

static enum status read_names(const char *file, struct document *document, struct complaint *complaint)
{
    struct preset *preset = &document->preset;
    int tonic = 0;
    if (pitch_class_parse(document->key, &tonic) != STATUS_OK) {
        return complain(complaint, STATUS_CORRUPT, "preset %s: key is \"%s\": give C to B", file, document->key);
    }
    preset->defaults.key.tonic = (uint8_t)tonic;
    if (mode_parse(document->mode, &preset->defaults.key.mode) != STATUS_OK) {
        return complain(complaint, STATUS_CORRUPT, "preset %s: mode is \"%s\": give ionian to locrian", file,
                        document->mode);
    }
    if (read_meter(document->meter, &preset->meter) != STATUS_OK) {
        return complain(complaint, STATUS_CORRUPT, "preset %s: meter is \"%s\": give 4/4, 3/4, 2/4, 6/8 or 12/8", file,
                        document->meter);
    }
    struct complaint reason;
    if (controls_check(&preset->defaults, &reason) != STATUS_OK) {
        return complain(complaint, STATUS_CORRUPT, "preset %s: %.200s", file, reason.text);
    }
    return STATUS_OK;
}

static enum status check_document(const char *name, struct document *document, struct complaint *complaint)
{
    const enum status status = read_names(name, document, complaint);
    if (status != STATUS_OK) {
        return status;
    }
    struct check check = {.file = name, .complaint = complaint};
    check_ranges(&check, &document->preset);
    return check.status;
}

enum status preset_parse(const char *name, const void *bytes, size_t size, struct preset **out,
                         struct complaint *complaint)
{
    struct complaint messages = {{0}};
    cyaml_config_t config;
    struct document *document = NULL;
    const cyaml_err_t error =
        cyaml_load_data(bytes, size, configure(&config, &messages), &document_schema, (cyaml_data_t **)&document, NULL);
    if (error != CYAML_OK) {
        return complain(complaint, error == CYAML_ERR_OOM ? STATUS_NO_MEMORY : STATUS_CORRUPT,
                        "preset %s: %.60s: %.160s", name, cyaml_strerror(error), messages.text);
    }
    if (!document) {
        return complain(complaint, STATUS_CORRUPT, "preset %s: holds nothing: give a name, a title and all the rest",
                        name);
    }
    const enum status status = check_document(name, document, complaint);
    if (status != STATUS_OK) {
        preset_free(&document->preset);
        return status;
    }
    *out = &document->preset;
    return STATUS_OK;
}

void preset_free(struct preset *preset)
{
    if (preset) {
        cyaml_config_t config;
        struct complaint messages = {{0}};
        // The preset is the first member of the document that was loaded.
        (void)cyaml_free(configure(&config, &messages), &document_schema, (cyaml_data_t *)preset, 0);
    }
}
