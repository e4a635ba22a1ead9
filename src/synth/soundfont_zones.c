// SPDX-License-Identifier: GPL-3.0-or-later
// Presets and instruments are built alike: a preset owns a run of bags, and a bag, which is a zone, owns a run of
// generators and one of modulators. A run begins where the record says and ends where the next one's begins, which is
// what the last record of a list is for. In a damaged file they go backwards or beyond the end. So a run never begins
// before the end of the one before it, and never ends beyond the list: each record is then used once at most, whatever
// the file says, and the work is in proportion to its size.
//
// Within a zone the order matters (section 8.1.2): a key range counts only as the first generator, a velocity range
// only as the first or behind a key range, and nothing counts behind the instrument or the sample. The first zone of an
// owner that names no instrument or sample is global: what it says holds for the others, where they don't say it
// themselves.
#include "synth/soundfont_zones.h"

#include "synth/soundfont_modulator.h"

#include <stdbool.h>
#include <stdlib.h>

enum { BAG_RECORD = 4, GENERATOR_RECORD = 4, MOST = UINT16_MAX };

/// A list of the file that is handed out in runs.
struct run_list {
    struct soundfont_span chunk;
    uint32_t count; ///< records that a run may hold
    uint32_t used;  ///< no run begins before this
};

struct run {
    uint32_t begin, end;
};

/// What reading the zones of one level needs to know.
struct reader {
    enum soundfont_level level;
    uint16_t target_generator;
    uint32_t target_count;
    uint32_t base; ///< the list of modulators that a zone begins with
    struct run_list bags, generators, modulators;
    struct soundfont_modulators *lists;
    uint32_t *left_out;
};

/// What an instrument's generators are where the file does not say it, section 8.1.3.
static const int16_t defaults[SOUNDFONT_GENERATORS] = {
    [GENERATOR_FILTER_CUTOFF] = 13500,
    [GENERATOR_MOD_LFO_DELAY] = -12000,
    [GENERATOR_VIB_LFO_DELAY] = -12000,
    [GENERATOR_MOD_ENV_DELAY] = -12000,
    [GENERATOR_MOD_ENV_ATTACK] = -12000,
    [GENERATOR_MOD_ENV_HOLD] = -12000,
    [GENERATOR_MOD_ENV_DECAY] = -12000,
    [GENERATOR_MOD_ENV_RELEASE] = -12000,
    [GENERATOR_VOL_ENV_DELAY] = -12000,
    [GENERATOR_VOL_ENV_ATTACK] = -12000,
    [GENERATOR_VOL_ENV_HOLD] = -12000,
    [GENERATOR_VOL_ENV_DECAY] = -12000,
    [GENERATOR_VOL_ENV_RELEASE] = -12000,
    [GENERATOR_KEY] = -1,
    [GENERATOR_VELOCITY] = -1,
    [GENERATOR_SCALE_TUNING] = 100,
    [GENERATOR_ROOT_KEY] = -1,
};

/// Whether the value of a generator belongs to the generators that a zone at \p level has.
static bool is_value(int generator, enum soundfont_level level)
{
    switch (generator) {
    case GENERATOR_INSTRUMENT:
    case GENERATOR_KEY_RANGE:
    case GENERATOR_VELOCITY_RANGE:
    case GENERATOR_SAMPLE:
        return false;
    case GENERATOR_START_OFFSET:
    case GENERATOR_END_OFFSET:
    case GENERATOR_LOOP_START_OFFSET:
    case GENERATOR_LOOP_END_OFFSET:
    case GENERATOR_START_COARSE_OFFSET:
    case GENERATOR_END_COARSE_OFFSET:
    case GENERATOR_LOOP_START_COARSE_OFFSET:
    case GENERATOR_LOOP_END_COARSE_OFFSET:
    case GENERATOR_KEY:
    case GENERATOR_VELOCITY:
    case GENERATOR_SAMPLE_MODES:
    case GENERATOR_EXCLUSIVE_CLASS:
    case GENERATOR_ROOT_KEY:
        return level == SOUNDFONT_INSTRUMENT_LEVEL;
    default:
        return generator < SOUNDFONT_GENERATORS;
    }
}

/// The run from \p begin to \p end, as far as it is there and nobody had it.
static struct run take_run(struct run_list *list, uint32_t begin, uint32_t end)
{
    const struct run run = {
        .begin = begin > list->used ? begin : list->used,
        .end = end < list->count ? end : list->count,
    };
    if (run.begin >= run.end) {
        return (struct run){0, 0};
    }
    list->used = run.end;
    return run;
}

static void set_range(const uint8_t *amount, uint8_t *low, uint8_t *high)
{
    *low = amount[0];
    *high = amount[1] > 127 ? 127 : amount[1];
}

/// Reads the generators of a zone over those that it has. Whether it names a target.
static bool read_generators(const struct reader *reader, struct run run, struct soundfont_zone *zone)
{
    bool is_after_key = false;
    for (uint32_t i = run.begin; i < run.end; i++) {
        const uint8_t *record = soundfont_record(reader->generators.chunk, GENERATOR_RECORD, i);
        const uint16_t generator = soundfont_u16(record);
        const bool is_first = i == run.begin;
        if (generator == reader->target_generator) {
            zone->target = soundfont_u16(record + 2);
            return true;
        }
        if (generator == GENERATOR_KEY_RANGE && is_first) {
            set_range(record + 2, &zone->key_low, &zone->key_high);
        } else if (generator == GENERATOR_VELOCITY_RANGE && (is_first || is_after_key)) {
            set_range(record + 2, &zone->velocity_low, &zone->velocity_high);
        } else if (is_value(generator, reader->level)) {
            zone->generators[generator] = soundfont_s16(record + 2);
        }
        is_after_key = generator == GENERATOR_KEY_RANGE && is_first;
    }
    return false;
}

/// Reads bag \p index over \p zone, and says in \p has_target whether it names one.
static enum status read_zone(struct reader *reader, uint32_t index, struct soundfont_zone *zone, bool *has_target)
{
    const uint8_t *bag = soundfont_record(reader->bags.chunk, BAG_RECORD, index);
    const uint8_t *next = bag + BAG_RECORD;
    const struct run generators = take_run(&reader->generators, soundfont_u16(bag), soundfont_u16(next));
    const struct run modulators = take_run(&reader->modulators, soundfont_u16(bag + 2), soundfont_u16(next + 2));
    *has_target = read_generators(reader, generators, zone);
    return soundfont_modulators_over(
        reader->lists, zone->modulators,
        soundfont_record(reader->modulators.chunk, SOUNDFONT_MODULATOR_RECORD, modulators.begin),
        modulators.end - modulators.begin, &zone->modulators, reader->left_out);
}

static bool is_playable(const struct reader *reader, const struct soundfont_zone *zone)
{
    return zone->target < reader->target_count && zone->key_low <= zone->key_high &&
           zone->velocity_low <= zone->velocity_high;
}

/// Reads the zones of one owner to \p out, and returns how many there are in \p count.
static enum status read_owner(struct reader *reader, struct run bags, struct soundfont_zone *out, uint32_t *count)
{
    struct soundfont_zone global = {.key_high = 127, .velocity_high = 127, .modulators = reader->base};
    if (reader->level == SOUNDFONT_INSTRUMENT_LEVEL) {
        memcpy(global.generators, defaults, sizeof defaults);
    }
    *count = 0;
    for (uint32_t i = bags.begin; i < bags.end; i++) {
        bool has_target = false;
        struct soundfont_zone zone = global;
        const enum status status = read_zone(reader, i, &zone, &has_target);
        if (status) {
            return status;
        }
        if (!has_target && i == bags.begin) {
            global = zone;
        } else if (has_target && is_playable(reader, &zone)) {
            out[(*count)++] = zone;
        } else {
            (*reader->left_out)++;
        }
    }
    return STATUS_OK;
}

static struct run_list list_of(const struct soundfont_riff *riff, enum soundfont_chunk chunk, size_t record)
{
    const struct soundfont_span span = riff->chunk[chunk];
    const size_t count = span.size / record;
    return (struct run_list){.chunk = span, .count = count < MOST ? (uint32_t)count : MOST};
}

static void reader_init(struct reader *reader, const struct soundfont_riff *riff)
{
    const bool is_preset = reader->level == SOUNDFONT_PRESET_LEVEL;
    reader->target_generator = is_preset ? GENERATOR_INSTRUMENT : GENERATOR_SAMPLE;
    reader->base = is_preset ? SOUNDFONT_NO_MODULATORS : SOUNDFONT_DEFAULT_MODULATORS;
    reader->bags = list_of(riff, is_preset ? CHUNK_PRESET_BAGS : CHUNK_INSTRUMENT_BAGS, BAG_RECORD);
    // The last bag only tells where the one before it ends.
    reader->bags.count -= reader->bags.count > 0;
    reader->generators =
        list_of(riff, is_preset ? CHUNK_PRESET_GENERATORS : CHUNK_INSTRUMENT_GENERATORS, GENERATOR_RECORD);
    reader->modulators =
        list_of(riff, is_preset ? CHUNK_PRESET_MODULATORS : CHUNK_INSTRUMENT_MODULATORS, SOUNDFONT_MODULATOR_RECORD);
}

/// Reads all owners, whose records are \p size bytes with the index of the first bag at \p field.
static enum status read_owners(struct reader *reader, struct soundfont_span owners, size_t size, size_t field,
                               struct soundfont_zones *zones)
{
    uint32_t used = 0;
    for (uint32_t i = 0; i < zones->owner_count; i++) {
        const uint8_t *record = soundfont_record(owners, size, i) + field;
        const struct run bags = take_run(&reader->bags, soundfont_u16(record), soundfont_u16(record + size));
        uint32_t count = 0;
        const enum status status = read_owner(reader, bags, zones->zone + used, &count);
        if (status) {
            return status;
        }
        zones->first[i] = used;
        used += count;
    }
    zones->first[zones->owner_count] = used;
    return STATUS_OK;
}

enum status soundfont_zones_read(struct soundfont_zones *zones, const struct soundfont_riff *riff,
                                 enum soundfont_level level, uint32_t target_count,
                                 struct soundfont_modulators *modulators, uint32_t *left_out)
{
    struct reader reader = {.level = level, .target_count = target_count, .lists = modulators, .left_out = left_out};
    reader_init(&reader, riff);
    const bool is_preset = level == SOUNDFONT_PRESET_LEVEL;
    const struct soundfont_span owners = riff->chunk[is_preset ? CHUNK_PRESETS : CHUNK_INSTRUMENTS];
    const size_t size = is_preset ? SOUNDFONT_PRESET_RECORD : SOUNDFONT_INSTRUMENT_RECORD;
    const uint32_t count = soundfont_records(owners, size);
    *zones = (struct soundfont_zones){.owner_count = count < MOST ? count : MOST};
    zones->zone = calloc((size_t)reader.bags.count + 1, sizeof *zones->zone);
    zones->first = calloc((size_t)zones->owner_count + 1, sizeof *zones->first);
    enum status status = STATUS_NO_MEMORY;
    if (zones->zone && zones->first) {
        status = read_owners(&reader, owners, size, is_preset ? 24 : 20, zones);
    }
    if (status) {
        soundfont_zones_done(zones);
    }
    return status;
}

void soundfont_zones_done(struct soundfont_zones *zones)
{
    free(zones->zone);
    free(zones->first);
    *zones = (struct soundfont_zones){0};
}
