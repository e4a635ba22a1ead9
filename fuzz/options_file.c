// SPDX-License-Identifier: GPL-3.0-or-later
// The YAML file of --config, against a table with an option of every kind.
#include "fuzz.h"

#include "core/options_file.h"

static const char *const modes[] = {"ionian", "dorian", "aeolian", NULL};

static const struct option_rule song_fields[] = {
    {.name = "name", .kind = OPTION_TEXT},
    {.name = "bpm", .kind = OPTION_NUMBER, .min = 30, .max = 200},
};

enum { SONGS = 5, SONG_BPM = 1 };

static const struct option_rule rules[] = {
    {.name = "output", .kind = OPTION_TEXT},
    {.name = "bpm", .kind = OPTION_NUMBER, .min = 30, .max = 200},
    {.name = "sample-rate", .kind = OPTION_INTEGER, .min = 8000, .max = 192000},
    {.name = "mode", .kind = OPTION_CHOICE, .choices = modes},
    {.name = "loop", .kind = OPTION_FLAG},
    {.name = "songs", .kind = OPTION_TEXT, .fields = song_fields, .field_count = 2},
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct options_file *file = NULL;
    struct complaint complaint = {""};
    const size_t count = sizeof rules / sizeof *rules;
    const enum status status =
        options_file_parse("fuzz.yaml", (const char *)data, size, rules, count, &file, &complaint);
    // A file or a complaint, never both and never neither; and nothing out of range gets through.
    if ((status == STATUS_OK) != (file != NULL) || (status != STATUS_OK) != (complaint.text[0] != '\0')) {
        __builtin_trap();
    }
    if (file) {
        const struct option_value *bpm = options_file_value(file, 1);
        if (bpm && !(bpm->number >= 30 && bpm->number <= 200)) {
            __builtin_trap();
        }
        for (size_t i = 0; i < options_file_item_count(file, SONGS); i++) {
            const struct option_value *of_song = options_file_item(file, SONGS, i, SONG_BPM);
            if (of_song && !(of_song->number >= 30 && of_song->number <= 200)) {
                __builtin_trap();
            }
        }
    }
    options_file_free(file);
    return 0;
}
