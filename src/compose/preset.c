// SPDX-License-Identifier: GPL-3.0-or-later
// The built-in presets are the files of share/presets, put into the program by the build (tools/embed.py).
#include "compose/preset.h"

#include "core/embed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct embed preset_files[];

struct presets {
    size_t count;
    struct preset *presets[];
};

static enum status load_all(struct presets *presets, size_t count, struct complaint *complaint)
{
    for (; presets->count < count; presets->count++) {
        const struct embed *file = &preset_files[presets->count];
        const enum status status =
            preset_parse(file->name, file->bytes, embed_size(file), &presets->presets[presets->count], complaint);
        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_OK;
}

enum status presets_load(struct presets **out, struct complaint *complaint)
{
    size_t count = 0;
    while (preset_files[count].name) {
        count++;
    }
    struct presets *presets = calloc(1, sizeof *presets + count * sizeof(struct preset *));
    if (!presets) {
        return complain(complaint, STATUS_NO_MEMORY, "out of memory while presets load");
    }
    const enum status status = load_all(presets, count, complaint);
    if (status != STATUS_OK) {
        presets_free(presets);
        return status;
    }
    *out = presets;
    return STATUS_OK;
}

void presets_free(struct presets *presets)
{
    if (presets) {
        for (size_t i = 0; i < presets->count; i++) {
            preset_free(presets->presets[i]);
        }
        free(presets);
    }
}

size_t presets_count(const struct presets *presets)
{
    return presets->count;
}

const struct preset *presets_at(const struct presets *presets, size_t index)
{
    return presets->presets[index];
}

static void list_names(const struct presets *presets, char *out, size_t size)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < presets->count && used < size; i++) {
        used += (size_t)snprintf(out + used, size - used, "%s%s", i ? ", " : "", presets->presets[i]->name);
    }
}

const struct preset *presets_find(const struct presets *presets, const char *name, struct complaint *complaint)
{
    for (size_t i = 0; i < presets->count; i++) {
        if (strcmp(presets->presets[i]->name, name) == 0) {
            return presets->presets[i];
        }
    }
    char names[128];
    list_names(presets, names, sizeof names);
    (void)complain(complaint, STATUS_UNKNOWN, "no preset \"%.40s\": there are %s", name, names);
    return NULL;
}

double preset_pair_at(struct preset_pair pair, double intensity)
{
    return pair.at[0] + (pair.at[1] - pair.at[0]) * intensity;
}
