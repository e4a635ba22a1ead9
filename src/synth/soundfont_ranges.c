// SPDX-License-Identifier: GPL-3.0-or-later
// Eight regions are compared at a time, a byte each in a 64-bit word. A preset of hundreds of regions, layer upon layer
// of a few keys each, would still take as long as starting a voice; so the larger ones have a word of 64 bits for each
// key, of which bit n is set when one of the eights n, n + 64, n + 128 ... has a region for that key, and only those
// are looked at.
#include "synth/soundfont_ranges.h"

#include <stdlib.h>
#include <string.h>

enum { EIGHT = 8, EIGHTS = 64 };

/// The highest bit of each of eight bytes.
static const uint64_t TOPS = 0x8080808080808080ULL;

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

/// The highest bit of each byte in which \p value, in all bytes, lies from \p low to \p high; all are below 128.
static uint64_t within(const uint8_t *low, const uint8_t *high, uint64_t value)
{
    uint64_t lows = 0;
    uint64_t highs = 0;
    memcpy(&lows, low, sizeof lows);
    memcpy(&highs, high, sizeof highs);
    // With its highest bit set no byte borrows from the next, and the bit stays where nothing was borrowed from it.
    return ((value | TOPS) - lows) & ((highs | TOPS) - value) & TOPS;
}

uint64_t soundfont_ranges_match(const struct soundfont_ranges *ranges, const struct soundfont_preset *preset,
                                uint32_t first, int key, int velocity)
{
    const uint32_t left = preset->region_count - first;
    const uint64_t keys = (uint64_t)key * (TOPS >> 7);
    const uint64_t velocities = (uint64_t)velocity * (TOPS >> 7);
    uint64_t eights = preset->keys == SOUNDFONT_NO_KEYS ? UINT64_MAX : ranges->keys[preset->keys][key];
    uint64_t bits = 0;
    for (eights = eights >> first / EIGHT % EIGHTS & UINT8_MAX; eights != 0; eights &= eights - 1) {
        const uint32_t i = (uint32_t)__builtin_ctzll(eights);
        if (i * EIGHT >= left) {
            break;
        }
        const struct soundfont_eight *eight = &ranges->eights[preset->eights + first / EIGHT + i];
        const uint64_t fits = within(eight->key_low, eight->key_high, keys) &
                              within(eight->velocity_low, eight->velocity_high, velocities);
        // Eight bytes of 0 or 1 to eight bits: each partial product that matters falls into the highest byte.
        bits |= ((fits >> 7) * 0x0102040810204080ULL) >> 56 << i * EIGHT;
    }
    return bits;
}
