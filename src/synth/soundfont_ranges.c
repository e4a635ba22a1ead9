// SPDX-License-Identifier: GPL-3.0-or-later
// Eight regions are compared at a time, a byte each in a 64-bit word. A preset of hundreds of regions, layer upon layer
// of a few keys each, would still take as long as starting a voice; so the larger ones have a word of 64 bits for each
// key, of which bit n is set when one of the eights n, n + 64, n + 128 ... has a region for that key, and only those
// are looked at.
#include "synth/soundfont_ranges.h"

#include "synth/bytes.h"

#include <stdlib.h>

enum { EIGHT = 8, EIGHTS = 64 };

/// A range of numbers below 128; none is one from 127 to 0.
static void set_range(uint8_t *low, uint8_t *high, uint8_t from, uint8_t to)
{
    const bool some = from < SOUNDFONT_KEYS && from <= to;
    *low = some ? from : SOUNDFONT_KEYS - 1;
    *high = !some ? 0 : to < SOUNDFONT_KEYS ? to : SOUNDFONT_KEYS - 1;
}

static uint32_t eights_of(const struct soundfont_preset *preset)
{
    return (preset->region_count + EIGHT - 1) / EIGHT;
}

static bool is_large(const struct soundfont_preset *preset)
{
    return preset->region_count > SOUNDFONT_MATCHED;
}

static void lay_out(struct soundfont_eight *eights, const struct soundfont_region *regions,
                    const struct soundfont_preset *preset)
{
    for (uint32_t i = 0; i < eights_of(preset) * EIGHT; i++) {
        struct soundfont_eight *eight = &eights[preset->eights + i / EIGHT];
        const bool is_region = i < preset->region_count;
        const struct soundfont_region none = {.key_low = 1};
        const struct soundfont_region *region = is_region ? &regions[preset->regions + i] : &none;
        set_range(eight->key_low + i % EIGHT, eight->key_high + i % EIGHT, region->key_low, region->key_high);
        set_range(eight->velocity_low + i % EIGHT, eight->velocity_high + i % EIGHT, region->velocity_low,
                  region->velocity_high);
    }
}

static void index_keys(const struct soundfont_eight *eights, const struct soundfont_preset *preset,
                       uint64_t keys[SOUNDFONT_KEYS])
{
    for (uint32_t i = 0; i < preset->region_count; i++) {
        const struct soundfont_eight *eight = &eights[preset->eights + i / EIGHT];
        for (int key = eight->key_low[i % EIGHT]; key <= eight->key_high[i % EIGHT]; key++) {
            keys[key] |= UINT64_C(1) << i / EIGHT % EIGHTS;
        }
    }
}

enum status soundfont_ranges_make(struct soundfont_ranges *ranges, const struct soundfont_region *regions,
                                  struct soundfont_preset *presets, uint32_t count)
{
    uint32_t eights = 0;
    uint32_t large = 0;
    for (uint32_t i = 0; i < count; i++) {
        presets[i].eights = eights;
        presets[i].keys = is_large(&presets[i]) ? large++ : SOUNDFONT_NO_KEYS;
        eights += eights_of(&presets[i]);
    }
    *ranges = (struct soundfont_ranges){.eights = calloc((size_t)eights + 1, sizeof *ranges->eights),
                                        .keys = calloc((size_t)large + 1, sizeof *ranges->keys)};
    if (!ranges->eights || !ranges->keys) {
        return STATUS_NO_MEMORY;
    }
    for (uint32_t i = 0; i < count; i++) {
        lay_out(ranges->eights, regions, &presets[i]);
        if (is_large(&presets[i])) {
            index_keys(ranges->eights, &presets[i], ranges->keys[presets[i].keys]);
        }
    }
    return STATUS_OK;
}

void soundfont_ranges_done(struct soundfont_ranges *ranges)
{
    free(ranges->eights);
    free(ranges->keys);
    *ranges = (struct soundfont_ranges){0};
}

uint64_t soundfont_ranges_match(const struct soundfont_ranges *ranges, const struct soundfont_preset *preset,
                                uint32_t first, int key, int velocity)
{
    const uint32_t left = preset->region_count - first;
    uint64_t eights = preset->keys == SOUNDFONT_NO_KEYS ? UINT64_MAX : ranges->keys[preset->keys][key];
    uint64_t bits = 0;
    for (eights = eights >> first / EIGHT % EIGHTS & UINT8_MAX; eights != 0; eights &= eights - 1) {
        const uint32_t i = (uint32_t)__builtin_ctzll(eights);
        if (i * EIGHT >= left) {
            break;
        }
        const struct soundfont_eight *eight = &ranges->eights[preset->eights + first / EIGHT + i];
        const uint64_t fits = bytes_within(eight->key_low, eight->key_high, key) &
                              bytes_within(eight->velocity_low, eight->velocity_high, velocity);
        bits |= (uint64_t)bytes_bits(fits) << i * EIGHT;
    }
    return bits;
}

void soundfont_ranges_match_soon(const struct soundfont_ranges *ranges, const struct soundfont_preset *preset, int key,
                                 int step)
{
    const bool has_keys = preset->keys != SOUNDFONT_NO_KEYS;
    if (step == 0 && has_keys) {
        __builtin_prefetch(&ranges->keys[preset->keys][key]);
        return;
    }
    // Those of a preset without keys do not wait for anything.
    if (step > 0 && !has_keys) {
        return;
    }
    const uint64_t eights = has_keys ? ranges->keys[preset->keys][key] : UINT64_MAX;
    for (uint32_t i = 0; i * EIGHT < preset->region_count; i++) {
        if ((eights >> i % EIGHTS & 1) != 0) {
            __builtin_prefetch(&ranges->eights[preset->eights + i]);
        }
    }
}
