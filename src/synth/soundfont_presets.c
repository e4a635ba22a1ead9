// SPDX-License-Identifier: GPL-3.0-or-later
// What a note needs is worked out once, when the file is opened: a region for each zone of a preset and each zone of
// the instrument there whose ranges meet. It has the instrument's generators with the preset's added, and a list of
// modulators, which thousands of regions share. A few kilobytes of a made-up file can ask for billions of regions, so
// both their number and the number of tries is limited.
#include "synth/soundfont_presets.h"

#include "core/large.h"
#include "synth/soundfont_modulators.h"
#include "synth/soundfont_zones.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { BANKS = 16384, PROGRAMS = 128, PROGRAM_FIELD = 20, BANK_FIELD = 22 };

/// What the presets are made of.
struct parts {
    struct soundfont_zones presets, instruments;
    struct soundfont_modulators *modulators;
    struct soundfont_sources *sources;
    uint32_t pairs; ///< that may yet be tried
    uint32_t *left_out;
};

static uint8_t greater(uint8_t a, uint8_t b)
{
    return a > b ? a : b;
}

static uint8_t lesser(uint8_t a, uint8_t b)
{
    return a < b ? a : b;
}

/// Where the two zones meet. False where they don't.
static bool intersect(const struct soundfont_zone *above, const struct soundfont_zone *below,
                      struct soundfont_region *region)
{
    region->key_low = greater(above->key_low, below->key_low);
    region->key_high = lesser(above->key_high, below->key_high);
    region->velocity_low = greater(above->velocity_low, below->velocity_low);
    region->velocity_high = lesser(above->velocity_high, below->velocity_high);
    return region->key_low <= region->key_high && region->velocity_low <= region->velocity_high;
}

static void add_generators(const struct soundfont_zone *above, const struct soundfont_zone *below,
                           struct soundfont_region *region)
{
    for (int i = 0; i < SOUNDFONT_GENERATORS; i++) {
        const int sum = above->generators[i] + below->generators[i];
        region->generators[i] = (int16_t)(sum > INT16_MAX ? INT16_MAX : sum < INT16_MIN ? INT16_MIN : sum);
    }
}

/// The next region that is free, which is not taken yet. NULL when memory is out.
static struct soundfont_region *next_region(struct soundfont_presets *presets)
{
    if (presets->region_count == presets->region_room) {
        const uint32_t room = 2 * presets->region_room + 256;
        void *grown = reallocarray(presets->region, room, sizeof *presets->region);
        if (!grown) {
            return NULL;
        }
        presets->region = grown;
        presets->region_room = room;
    }
    return &presets->region[presets->region_count];
}

/// Adds the region of two zones, where they meet and the sample can be played.
static enum status add_region(struct soundfont_presets *presets, struct parts *parts,
                              const struct soundfont_zone *above, const struct soundfont_zone *below)
{
    struct soundfont_source *source = &parts->sources->source[below->target];
    struct soundfont_region *region = next_region(presets);
    if (!region) {
        return STATUS_NO_MEMORY;
    }
    if (!source->is_usable || !intersect(above, below, region)) {
        return STATUS_OK;
    }
    uint32_t number = 0;
    const enum status status =
        soundfont_modulators_add(parts->modulators, below->modulators, above->modulators, &number, parts->left_out);
    if (status) {
        return status;
    }
    const struct soundfont_modulator_list list = soundfont_modulators_list(parts->modulators, number);
    region->sample = below->target;
    region->modulators = list.first;
    region->modulator_count = (uint16_t)list.count;
    add_generators(above, below, region);
    source->is_used = true;
    presets->region_count++;
    return STATUS_OK;
}

/// Adds the regions of one zone of a preset.
static enum status add_regions(struct soundfont_presets *presets, struct parts *parts,
                               const struct soundfont_zone *above)
{
    const struct soundfont_zones *instruments = &parts->instruments;
    for (uint32_t i = instruments->first[above->target]; i < instruments->first[above->target + 1]; i++) {
        if (parts->pairs == 0 || presets->region_count == SOUNDFONT_REGIONS) {
            (*parts->left_out)++;
            return STATUS_OK;
        }
        parts->pairs--;
        const enum status status = add_region(presets, parts, above, &instruments->zone[i]);
        if (status) {
            return status;
        }
    }
    return STATUS_OK;
}

/// Adds preset \p index of the file, where it can be chosen and has anything to play.
static enum status add_preset(struct soundfont_presets *presets, struct parts *parts, const uint8_t *record,
                              uint32_t index)
{
    struct soundfont_preset *preset = &presets->preset[presets->count];
    soundfont_name(record, preset->name);
    preset->program = soundfont_u16(record + PROGRAM_FIELD);
    preset->bank = soundfont_u16(record + BANK_FIELD);
    preset->regions = presets->region_count;
    if (preset->program < PROGRAMS && preset->bank < BANKS) {
        for (uint32_t i = parts->presets.first[index]; i < parts->presets.first[index + 1]; i++) {
            const enum status status = add_regions(presets, parts, &parts->presets.zone[i]);
            if (status) {
                return status;
            }
        }
    }
    preset->region_count = presets->region_count - preset->regions;
    if (preset->region_count > 0) {
        presets->count++;
    } else {
        (*parts->left_out)++;
    }
    return STATUS_OK;
}

/// By bank and program; then the first of the file comes first, whose regions do.
static int compare_presets(const void *left, const void *right)
{
    const struct soundfont_preset *a = left;
    const struct soundfont_preset *b = right;
    const int order = a->bank != b->bank ? a->bank - b->bank : a->program - b->program;
    return order != 0 ? order : (a->regions > b->regions) - (a->regions < b->regions);
}

/// Sorts them, and keeps the first of those with the same numbers.
static void sort_presets(struct soundfont_presets *presets, uint32_t *left_out)
{
    if (presets->count == 0) {
        return;
    }
    struct soundfont_preset *all = presets->preset;
    qsort(all, presets->count, sizeof *all, compare_presets);
    uint32_t kept = 1;
    for (uint32_t i = 1; i < presets->count; i++) {
        if (all[i].bank != all[kept - 1].bank || all[i].program != all[kept - 1].program) {
            all[kept++] = all[i];
        }
    }
    *left_out += presets->count - kept;
    presets->count = kept;
}

/// Counts the zones whose samples cannot be played; add_region() passes them over.
static void count_unusable(const struct parts *parts)
{
    const struct soundfont_zones *zones = &parts->instruments;
    for (uint32_t i = 0; i < zones->first[zones->owner_count]; i++) {
        *parts->left_out += parts->sources->source[zones->zone[i].target].is_usable ? 0 : 1;
    }
}

static enum status read_parts(struct parts *parts, const struct soundfont_riff *riff)
{
    parts->modulators = soundfont_modulators_new();
    if (!parts->modulators) {
        return STATUS_NO_MEMORY;
    }
    const enum status status = soundfont_zones_read(&parts->instruments, riff, SOUNDFONT_INSTRUMENT_LEVEL,
                                                    parts->sources->count, parts->modulators, parts->left_out);
    if (status) {
        return status;
    }
    count_unusable(parts);
    return soundfont_zones_read(&parts->presets, riff, SOUNDFONT_PRESET_LEVEL, parts->instruments.owner_count,
                                parts->modulators, parts->left_out);
}

static enum status make_presets(struct soundfont_presets *presets, struct parts *parts, struct soundfont_span records)
{
    presets->preset = calloc((size_t)parts->presets.owner_count + 1, sizeof *presets->preset);
    if (!presets->preset) {
        return STATUS_NO_MEMORY;
    }
    for (uint32_t i = 0; i < parts->presets.owner_count; i++) {
        const enum status status = add_preset(presets, parts, soundfont_record(records, SOUNDFONT_PRESET_RECORD, i), i);
        if (status) {
            return status;
        }
    }
    sort_presets(presets, parts->left_out);
    return STATUS_OK;
}

/// Notes look regions up all over the list, which is read-only from now on.
static enum status settle_regions(struct soundfont_presets *presets)
{
    const size_t size = presets->region_count * sizeof *presets->region;
    struct soundfont_region *settled = size > 0 ? large_new(size) : NULL;
    if (!settled) {
        return size > 0 ? STATUS_NO_MEMORY : STATUS_OK;
    }
    memcpy(settled, presets->region, size);
    free(presets->region);
    presets->region = settled;
    presets->region_room = presets->region_count;
    return STATUS_OK;
}

enum status soundfont_presets_read(struct soundfont_presets *presets, const struct soundfont_riff *riff,
                                   struct soundfont_sources *sources, uint32_t *left_out)
{
    *presets = (struct soundfont_presets){0};
    struct parts parts = {.sources = sources, .pairs = SOUNDFONT_PAIRS, .left_out = left_out};
    enum status status = read_parts(&parts, riff);
    if (!status) {
        status = make_presets(presets, &parts, riff->chunk[CHUNK_PRESETS]);
    }
    if (!status) {
        status = settle_regions(presets);
    }
    if (!status) {
        status = soundfont_ranges_make(&presets->ranges, presets->region, presets->preset, presets->count);
    }
    if (!status) {
        presets->modulator = soundfont_modulators_take(parts.modulators);
        parts.modulators = NULL;
    } else {
        soundfont_presets_done(presets);
    }
    soundfont_modulators_free(parts.modulators);
    soundfont_zones_done(&parts.presets);
    soundfont_zones_done(&parts.instruments);
    return status;
}

void soundfont_presets_done(struct soundfont_presets *presets)
{
    free(presets->preset);
    free(presets->region);
    soundfont_ranges_done(&presets->ranges);
    free(presets->modulator);
    *presets = (struct soundfont_presets){0};
}
