// SPDX-License-Identifier: GPL-3.0-or-later
// Which regions are found for a note, against looking at each of them.
#include "synth/soundfont_ranges.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { PRESETS = 9, REGIONS_MAX = 1200, ROUNDS = 20 };

static const uint32_t counts[PRESETS] = {0, 1, 7, 8, 63, 64, 65, 512, 1100};

static struct soundfont_region regions[PRESETS * REGIONS_MAX];
static struct soundfont_preset presets[PRESETS];
static struct soundfont_ranges ranges;

static int random_below(int limit)
{
    static uint32_t random = 1;
    random = random * 1664525U + 1013904223U;
    return (int)((random >> 8) % (uint32_t)limit);
}

/// Mostly of a few keys, as in real files; some of all, some of none, some beyond what MIDI has.
static void set_range(uint8_t *low, uint8_t *high)
{
    const int kind = random_below(10);
    const int from = kind == 0 ? 0 : random_below(kind == 1 ? 256 : 128);
    const int to = kind == 0 ? 127 : kind == 2 ? random_below(256) : from + random_below(12);
    *low = (uint8_t)from;
    *high = (uint8_t)(to < 256 ? to : 255);
}

static void lay_out(void)
{
    uint32_t next = 0;
    for (uint32_t p = 0; p < PRESETS; p++) {
        presets[p] = (struct soundfont_preset){.regions = next, .region_count = counts[p]};
        for (uint32_t i = 0; i < counts[p]; i++, next++) {
            set_range(&regions[next].key_low, &regions[next].key_high);
            set_range(&regions[next].velocity_low, &regions[next].velocity_high);
        }
    }
    assert_int_equal(soundfont_ranges_make(&ranges, regions, presets, PRESETS), STATUS_OK);
}

static bool is_for(const struct soundfont_region *region, int key, int velocity)
{
    return region->key_low <= key && key <= region->key_high && region->velocity_low <= velocity &&
           velocity <= region->velocity_high;
}

static void expect_match(const struct soundfont_preset *preset, int key, int velocity)
{
    for (uint32_t first = 0; first < preset->region_count; first += SOUNDFONT_MATCHED) {
        uint64_t right = 0;
        for (uint32_t i = 0; i < SOUNDFONT_MATCHED && first + i < preset->region_count; i++) {
            right |= (uint64_t)is_for(&regions[preset->regions + first + i], key, velocity) << i;
        }
        assert_true(soundfont_ranges_match(&ranges, preset, first, key, velocity) == right);
    }
}

static void test_the_regions_of_a_note_are_found(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        lay_out();
        for (int key = 0; key < 128; key++) {
            for (uint32_t p = 0; p < PRESETS; p++) {
                expect_match(&presets[p], key, random_below(128));
                expect_match(&presets[p], key, key % 2 != 0 ? 127 : 0);
            }
        }
        soundfont_ranges_done(&ranges);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_regions_of_a_note_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
