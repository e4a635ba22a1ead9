// SPDX-License-Identifier: GPL-3.0-or-later
// Most zones of a SoundFont have no modulators of their own, so that thousands of regions come to the same few lists.
// A list is therefore made in a scratch array, looked up by its hash, and kept only where it is new; its number then
// stands for it, and a small cache remembers which two numbers were added to which third. However a file is made, the
// work for a region is bounded by the square of SOUNDFONT_ZONE_MODULATORS.
//
// The default modulators (section 8.4) are those of 2.04 with two exceptions, both FluidSynth's too. The pitch wheel
// goes to "initial pitch", which is no generator; fine tune has its unit and is where files put their replacements for
// it. And pan goes 500 tenths of a percent each way, which is what the 1000 of the text describe.
#include "synth/soundfont_modulators.h"

#include "synth/soundfont_modulator.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    BUCKETS = 4096,
    SUMS = 64,
};

/// What was added up lately.
struct sum {
    uint32_t base, above, result; ///< nothing where \c above is SOUNDFONT_NO_MODULATORS
};

struct soundfont_modulators {
    struct soundfont_modulator *items;
    uint32_t item_count, item_room;
    struct soundfont_modulator_list *lists;
    uint32_t list_count, list_room;
    uint32_t buckets[BUCKETS]; ///< one more than a list's number; 0 for none
    struct sum sums[SUMS];
};

/// A list in the making.
struct draft {
    uint32_t count;
    struct soundfont_modulator items[SOUNDFONT_ZONE_MODULATORS];
};

static const struct soundfont_modulator defaults[] = {
    {.source = 0x0502, .destination = GENERATOR_ATTENUATION, .amount = 960, .is_default = true},
    {.source = 0x0102, .destination = GENERATOR_FILTER_CUTOFF, .amount = -2400, .is_default = true},
    {.source = 0x000d, .destination = GENERATOR_VIB_LFO_TO_PITCH, .amount = 50, .is_default = true},
    {.source = 0x0081, .destination = GENERATOR_VIB_LFO_TO_PITCH, .amount = 50, .is_default = true},
    {.source = 0x0587, .destination = GENERATOR_ATTENUATION, .amount = 960, .is_default = true},
    {.source = 0x028a, .destination = GENERATOR_PAN, .amount = 500, .is_default = true},
    {.source = 0x058b, .destination = GENERATOR_ATTENUATION, .amount = 960, .is_default = true},
    {.source = 0x00db, .destination = GENERATOR_REVERB_SEND, .amount = 200, .is_default = true},
    {.source = 0x00dd, .destination = GENERATOR_CHORUS_SEND, .amount = 200, .is_default = true},
    {.source = 0x020e,
     .amount_source = 0x0010,
     .destination = GENERATOR_FINE_TUNE,
     .amount = 12700,
     .is_default = true},
};

/// Puts a modulator over the identical one, whose amount counts \p kept times, or appends it. False where it is full.
static bool draft_put(struct draft *draft, const struct soundfont_modulator *modulator, float kept)
{
    for (uint32_t i = 0; i < draft->count; i++) {
        // What a preset adds to the default of velocity stands beside it: a player may leave that default out, alone.
        const bool is_apart =
            kept > 0 && draft->items[i].is_default && modulator->destination == GENERATOR_FILTER_CUTOFF;
        if (!is_apart && soundfont_modulator_is_identical(&draft->items[i], modulator)) {
            draft->items[i].amount = draft->items[i].amount * kept + modulator->amount;
            draft->items[i].is_default = modulator->is_default;
            return true;
        }
    }
    if (draft->count == SOUNDFONT_ZONE_MODULATORS) {
        return false;
    }
    draft->items[draft->count++] = *modulator;
    return true;
}

static void draft_begin(struct draft *draft, const struct soundfont_modulators *modulators, uint32_t base)
{
    const struct soundfont_modulator_list *list = &modulators->lists[base];
    draft->count = list->count;
    memcpy(draft->items, modulators->items + list->first, list->count * sizeof *draft->items);
}

static uint32_t mix(uint32_t hash, uint32_t value)
{
    hash = (hash ^ value) * 0x9e3779b1U;
    return hash ^ hash >> 15;
}

static uint32_t draft_bucket(const struct draft *draft)
{
    uint32_t hash = draft->count;
    for (uint32_t i = 0; i < draft->count; i++) {
        const struct soundfont_modulator *item = &draft->items[i];
        hash = mix(hash, (uint32_t)item->source << 16 | item->amount_source);
        hash = mix(hash, (uint32_t)item->transform << 16 | item->destination);
        hash = mix(hash, (uint32_t)(int32_t)item->amount ^ (uint32_t)item->is_default << 31);
    }
    return hash % BUCKETS;
}

static bool is_list(const struct soundfont_modulators *modulators, const struct soundfont_modulator_list *list,
                    const struct draft *draft)
{
    const struct soundfont_modulator *items = modulators->items + list->first;
    bool is_same = list->count == draft->count;
    for (uint32_t i = 0; is_same && i < draft->count; i++) {
        is_same = soundfont_modulator_is_identical(&items[i], &draft->items[i]) &&
                  items[i].amount == draft->items[i].amount && items[i].is_default == draft->items[i].is_default;
    }
    return is_same;
}

/// Makes room for one more list, however long.
static bool reserve(struct soundfont_modulators *modulators)
{
    if (modulators->item_room - modulators->item_count < SOUNDFONT_ZONE_MODULATORS) {
        const uint32_t room = 2 * modulators->item_room + SOUNDFONT_ZONE_MODULATORS;
        void *grown = reallocarray(modulators->items, room, sizeof *modulators->items);
        if (!grown) {
            return false;
        }
        modulators->items = grown;
        modulators->item_room = room;
    }
    if (modulators->list_room == modulators->list_count) {
        const uint32_t room = 2 * modulators->list_room + 16;
        void *grown = reallocarray(modulators->lists, room, sizeof *modulators->lists);
        if (!grown) {
            return false;
        }
        modulators->lists = grown;
        modulators->list_room = room;
    }
    return true;
}

/// The number of the list that \p draft has become. STATUS_FULL where there are SOUNDFONT_MODULATORS already.
static enum status keep(struct soundfont_modulators *modulators, const struct draft *draft, uint32_t *out)
{
    uint32_t *bucket = &modulators->buckets[draft_bucket(draft)];
    for (uint32_t i = *bucket; i > 0; i = modulators->lists[i - 1].next) {
        if (is_list(modulators, &modulators->lists[i - 1], draft)) {
            *out = i - 1;
            return STATUS_OK;
        }
    }
    if (modulators->item_count + draft->count > SOUNDFONT_MODULATORS) {
        return STATUS_FULL;
    }
    if (!reserve(modulators)) {
        return STATUS_NO_MEMORY;
    }
    memcpy(modulators->items + modulators->item_count, draft->items, draft->count * sizeof *draft->items);
    const uint32_t number = modulators->list_count++;
    modulators->lists[number] = (struct soundfont_modulator_list){modulators->item_count, draft->count, *bucket};
    modulators->item_count += draft->count;
    *bucket = number + 1;
    *out = number;
    return STATUS_OK;
}

/// As keep(), but where there is no room for another list, \p base it stays, and what was to change it is left out.
static enum status keep_or(struct soundfont_modulators *modulators, const struct draft *draft, uint32_t base,
                           uint32_t *out, uint32_t *left_out)
{
    const enum status status = keep(modulators, draft, out);
    if (status != STATUS_FULL) {
        return status;
    }
    *out = base;
    (*left_out)++;
    return STATUS_OK;
}

struct soundfont_modulators *soundfont_modulators_new(void)
{
    struct soundfont_modulators *modulators = calloc(1, sizeof *modulators);
    if (!modulators) {
        return NULL;
    }
    struct draft draft = {.count = 0};
    uint32_t number = 0;
    enum status status = keep(modulators, &draft, &number);
    for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++) {
        (void)draft_put(&draft, &defaults[i], 0);
    }
    if (!status) {
        status = keep(modulators, &draft, &number);
    }
    if (status) {
        soundfont_modulators_free(modulators);
        return NULL;
    }
    return modulators;
}

void soundfont_modulators_free(struct soundfont_modulators *modulators)
{
    if (modulators) {
        free(modulators->items);
        free(modulators->lists);
        free(modulators);
    }
}

enum status soundfont_modulators_over(struct soundfont_modulators *modulators, uint32_t base, const uint8_t *records,
                                      uint32_t count, uint32_t *out, uint32_t *left_out)
{
    *out = base;
    if (count == 0) {
        return STATUS_OK;
    }
    struct draft draft;
    draft_begin(&draft, modulators, base);
    for (uint32_t i = 0; i < count; i++) {
        struct soundfont_modulator modulator;
        const bool is_taken = soundfont_modulator_read(records + (size_t)i * SOUNDFONT_MODULATOR_RECORD, &modulator) &&
                              draft_put(&draft, &modulator, 0);
        *left_out += is_taken ? 0 : 1;
    }
    return keep_or(modulators, &draft, base, out, left_out);
}

enum status soundfont_modulators_add(struct soundfont_modulators *modulators, uint32_t base, uint32_t above,
                                     uint32_t *out, uint32_t *left_out)
{
    *out = base;
    if (above == SOUNDFONT_NO_MODULATORS) {
        return STATUS_OK;
    }
    struct sum *sum = &modulators->sums[mix(base, above) % SUMS];
    if (sum->base == base && sum->above == above) {
        *out = sum->result;
        return STATUS_OK;
    }
    struct draft draft;
    draft_begin(&draft, modulators, base);
    const struct soundfont_modulator_list list = modulators->lists[above];
    for (uint32_t i = 0; i < list.count; i++) {
        *left_out += draft_put(&draft, &modulators->items[list.first + i], 1) ? 0 : 1;
    }
    const enum status status = keep_or(modulators, &draft, base, out, left_out);
    if (!status) {
        *sum = (struct sum){base, above, *out};
    }
    return status;
}

struct soundfont_modulator_list soundfont_modulators_list(const struct soundfont_modulators *modulators,
                                                          uint32_t number)
{
    return modulators->lists[number];
}

struct soundfont_modulator *soundfont_modulators_take(struct soundfont_modulators *modulators)
{
    struct soundfont_modulator *items = modulators->items;
    modulators->items = NULL;
    soundfont_modulators_free(modulators);
    return items;
}
