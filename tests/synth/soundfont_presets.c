// SPDX-License-Identifier: GPL-3.0-or-later
// Presets, instruments, zones, generators and modulators, on SoundFonts made for each rule.
#include "synth/soundfont_presets.h"

#include "soundfont_maker.h"
#include "synth/soundfont.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct maker maker;
static struct soundfont *soundfont;

static int start(void **state)
{
    (void)state;
    maker = (struct maker){0};
    soundfont = NULL;
    return 0;
}

static int stop(void **state)
{
    (void)state;
    soundfont_close(soundfont);
    maker_done(&maker);
    return 0;
}

static void open_maker(void)
{
    struct complaint complaint = {""};
    if (soundfont_open_memory(maker.file.at, maker.file.size, &soundfont, &complaint) != STATUS_OK) {
        fail_msg("%s", complaint.text);
    }
}

static void open_plain(void)
{
    maker_finish_plain(&maker);
    open_maker();
}

static const struct soundfont_region *region(uint32_t index)
{
    assert_true(index < soundfont_preset(soundfont, 0)->region_count);
    return soundfont_regions(soundfont, soundfont_preset(soundfont, 0)->regions + index);
}

static const enum maker_level P = MAKER_PRESET;
static const enum maker_level I = MAKER_INSTRUMENT;

static void test_defaults(void **state)
{
    (void)state;
    maker_begin_plain(&maker);
    open_plain();
    const int16_t *generators = region(0)->generators;
    for (int i = 0; i < SOUNDFONT_GENERATORS; i++) {
        int expected = 0;
        expected = i == 8 ? 13500 : expected;
        expected = i == 21 || (i >= 23 && i <= 36 && i != 24 && i != 29 && i != 31 && i != 32) ? -12000 : expected;
        expected = i == 38 ? -12000 : i == 56 ? 100 : expected;
        expected = i == 46 || i == 47 || i == 58 ? -1 : expected;
        assert_int_equal(generators[i], expected);
    }
    assert_int_equal(region(0)->key_low, 0);
    assert_int_equal(region(0)->key_high, 127);
    assert_int_equal(region(0)->velocity_low, 0);
    assert_int_equal(region(0)->velocity_high, 127);
    assert_int_equal(soundfont_left_out(soundfont), 0);
}

static void test_generators_add_and_are_held_to_16_bits(void **state)
{
    (void)state;
    maker_begin_plain(&maker);
    maker_generator(&maker, I, GENERATOR_ATTENUATION, 100);
    maker_generator(&maker, I, GENERATOR_ATTENUATION, 150); // the last one counts
    maker_generator(&maker, I, GENERATOR_FILTER_CUTOFF, 32000);
    maker_generator(&maker, I, GENERATOR_FINE_TUNE, -32000);
    maker_generator(&maker, P, GENERATOR_ATTENUATION, 20);
    maker_generator(&maker, P, GENERATOR_FILTER_CUTOFF, 32000);
    maker_generator(&maker, P, GENERATOR_FINE_TUNE, -32000);
    maker_generator(&maker, P, GENERATOR_VOL_ENV_ATTACK, 1200); // is added to the default too
    maker_generator(&maker, P, GENERATOR_SCALE_TUNING, -50);
    open_plain();
    const int16_t *generators = region(0)->generators;
    assert_int_equal(generators[GENERATOR_ATTENUATION], 170);
    assert_int_equal(generators[GENERATOR_FILTER_CUTOFF], 32767);
    assert_int_equal(generators[GENERATOR_FINE_TUNE], -32768);
    assert_int_equal(generators[GENERATOR_VOL_ENV_ATTACK], -10800);
    assert_int_equal(generators[GENERATOR_SCALE_TUNING], 50);
}

static void test_generators_that_a_preset_cannot_have(void **state)
{
    (void)state;
    static const uint16_t not_allowed[] = {0, 1, 2, 3, 4, 12, 45, 46, 47, 50, 54, 57, 58};
    maker_begin_plain(&maker);
    for (size_t i = 0; i < sizeof not_allowed / sizeof *not_allowed; i++) {
        maker_generator(&maker, I, not_allowed[i], 40);
        maker_generator(&maker, P, not_allowed[i], 7);
    }
    maker_generator(&maker, P, GENERATOR_SAMPLE, 5);
    maker_generator(&maker, I, GENERATOR_INSTRUMENT, 5);
    maker_generator(&maker, I, 60, 5);
    maker_generator(&maker, I, 65535, 5);
    open_plain();
    for (size_t i = 0; i < sizeof not_allowed / sizeof *not_allowed; i++) {
        assert_int_equal(region(0)->generators[not_allowed[i]], 40);
    }
    assert_int_equal(region(0)->generators[GENERATOR_SAMPLE], 0);
    assert_int_equal(region(0)->generators[GENERATOR_INSTRUMENT], 0);
}

static void test_ranges_meet(void **state)
{
    (void)state;
    maker_begin_plain(&maker);
    maker_range(&maker, I, GENERATOR_KEY_RANGE, 40, 80);
    maker_range(&maker, I, GENERATOR_VELOCITY_RANGE, 0, 255);
    maker_range(&maker, P, GENERATOR_KEY_RANGE, 60, 127);
    maker_range(&maker, P, GENERATOR_VELOCITY_RANGE, 10, 20);
    maker_generator(&maker, I, GENERATOR_SAMPLE, 0);
    maker_zone(&maker, I); // does not meet the preset's zone
    maker_range(&maker, I, GENERATOR_KEY_RANGE, 0, 59);
    open_plain();
    assert_int_equal(soundfont_preset(soundfont, 0)->region_count, 1);
    assert_int_equal(region(0)->key_low, 60);
    assert_int_equal(region(0)->key_high, 80);
    assert_int_equal(region(0)->velocity_low, 10);
    assert_int_equal(region(0)->velocity_high, 20);
    assert_int_equal(soundfont_left_out(soundfont), 0);
}

static void test_ranges_count_only_in_their_place(void **state)
{
    (void)state;
    maker_begin_plain(&maker);
    maker_generator(&maker, I, GENERATOR_PAN, 1);
    maker_range(&maker, I, GENERATOR_KEY_RANGE, 40, 80);
    maker_range(&maker, I, GENERATOR_VELOCITY_RANGE, 40, 80);
    maker_range(&maker, P, GENERATOR_VELOCITY_RANGE, 10, 20);
    maker_range(&maker, P, GENERATOR_KEY_RANGE, 60, 127);
    open_plain();
    assert_int_equal(region(0)->key_low, 0);
    assert_int_equal(region(0)->key_high, 127);
    assert_int_equal(region(0)->velocity_low, 10);
    assert_int_equal(region(0)->velocity_high, 20);
}

static void test_nothing_counts_behind_the_sample(void **state)
{
    (void)state;
    maker_begin_plain(&maker);
    maker_generator(&maker, I, GENERATOR_SAMPLE, 0);
    maker_generator(&maker, I, GENERATOR_PAN, 100);
    maker_generator(&maker, P, GENERATOR_INSTRUMENT, 0);
    maker_generator(&maker, P, GENERATOR_PAN, 100);
    open_plain();
    assert_int_equal(region(0)->generators[GENERATOR_PAN], 0);
}

static void test_a_range_the_wrong_way_round_is_left_out(void **state)
{
    (void)state;
    maker_begin_plain(&maker);
    maker_generator(&maker, I, GENERATOR_SAMPLE, 0);
    maker_zone(&maker, I);
    maker_range(&maker, I, GENERATOR_KEY_RANGE, 80, 40);
    open_plain();
    assert_int_equal(soundfont_preset(soundfont, 0)->region_count, 1);
    assert_int_equal(soundfont_left_out(soundfont), 1);
}

static void test_global_zones(void **state)
{
    (void)state;
    maker_begin_plain(&maker);
    maker_range(&maker, I, GENERATOR_KEY_RANGE, 10, 100);
    maker_generator(&maker, I, GENERATOR_PAN, 100);
    maker_generator(&maker, I, GENERATOR_ATTENUATION, 200);
    maker_zone(&maker, I);
    maker_generator(&maker, I, GENERATOR_ATTENUATION, 50); // in the place of the global one
    maker_generator(&maker, P, GENERATOR_PAN, 7);
    maker_generator(&maker, P, GENERATOR_ATTENUATION, 9);
    maker_zone(&maker, P);
    maker_generator(&maker, P, GENERATOR_ATTENUATION, 1);
    open_plain();
    assert_int_equal(soundfont_preset(soundfont, 0)->region_count, 1);
    assert_int_equal(region(0)->generators[GENERATOR_PAN], 107);
    assert_int_equal(region(0)->generators[GENERATOR_ATTENUATION], 51);
    assert_int_equal(region(0)->key_low, 10);
    assert_int_equal(region(0)->key_high, 100);
    assert_int_equal(soundfont_left_out(soundfont), 0);
}

static void test_a_zone_without_target_that_is_not_the_first_is_ignored(void **state)
{
    (void)state;
    maker_begin_plain(&maker);
    maker_generator(&maker, I, GENERATOR_SAMPLE, 0);
    maker_zone(&maker, I);
    maker_generator(&maker, I, GENERATOR_PAN, 100);
    maker_zone(&maker, I);
    open_plain();
    assert_int_equal(soundfont_preset(soundfont, 0)->region_count, 2);
    assert_int_equal(region(0)->generators[GENERATOR_PAN], 0);
    assert_int_equal(region(1)->generators[GENERATOR_PAN], 0);
    assert_int_equal(soundfont_left_out(soundfont), 1);
}

static void test_targets_that_are_not_there(void **state)
{
    (void)state;
    maker_begin_plain(&maker);
    maker_generator(&maker, I, GENERATOR_SAMPLE, 1); // the last record is no sample
    maker_zone(&maker, I);
    maker_generator(&maker, P, GENERATOR_INSTRUMENT, 65535);
    maker_zone(&maker, P);
    open_plain();
    assert_int_equal(soundfont_preset(soundfont, 0)->region_count, 1);
    assert_int_equal(soundfont_left_out(soundfont), 2);
}

static void add_preset(const char *name, uint16_t bank, uint16_t program)
{
    maker_preset(&maker, name, bank, program);
    maker_zone(&maker, P);
    maker_generator(&maker, P, GENERATOR_INSTRUMENT, 0);
}

static void test_presets_are_sorted_and_one_for_each_number(void **state)
{
    (void)state;
    maker_begin_plain(&maker);
    maker_generator(&maker, P, GENERATOR_INSTRUMENT, 0);
    maker_generator(&maker, I, GENERATOR_SAMPLE, 0);
    add_preset("drums", 128, 0);
    add_preset("third", 0, 3);
    add_preset("second \x01\xff", 0, 2);
    add_preset("third again", 0, 3);
    add_preset("no program", 0, 128);
    add_preset("no bank", 16384, 0);
    maker_preset(&maker, "nothing", 0, 9);
    maker_end(&maker);
    maker_finish(&maker);
    open_maker();
    assert_int_equal(soundfont_preset_count(soundfont), 4);
    assert_int_equal(soundfont_find_preset(soundfont, 0, 0), 0);
    assert_int_equal(soundfont_find_preset(soundfont, 0, 1), -1);
    assert_int_equal(soundfont_find_preset(soundfont, 0, 2), 1);
    assert_int_equal(soundfont_find_preset(soundfont, 0, 3), 2);
    assert_int_equal(soundfont_find_preset(soundfont, 128, 0), 3);
    assert_int_equal(soundfont_find_preset(soundfont, 128, 1), -1);
    assert_string_equal(soundfont_preset(soundfont, 1)->name, "second ??");
    assert_string_equal(soundfont_preset(soundfont, 2)->name, "third");
    assert_int_equal(soundfont_left_out(soundfont), 4);
}

static void put_u16(enum maker_chunk chunk, size_t offset, uint16_t value)
{
    assert_true(offset + 2 <= maker.chunk[chunk].size);
    memcpy(maker.chunk[chunk].at + offset, &value, 2);
}

static void test_indexes_that_go_backwards_or_too_far(void **state)
{
    (void)state;
    maker_make_rich(&maker, false);
    put_u16(MAKER_IGEN, 0, 0);     // nothing of these is in order
    put_u16(MAKER_IBAG, 8, 65535); // begins beyond the end
    put_u16(MAKER_PBAG, 4, 60000);
    put_u16(MAKER_PBAG, 10, 3);
    put_u16(MAKER_PHDR, 24 + 38, 0); // the second preset begins before the first
    put_u16(MAKER_INST, 20, 9999);
    maker_finish(&maker);
    struct complaint complaint;
    if (soundfont_open_memory(maker.file.at, maker.file.size, &soundfont, &complaint) == STATUS_OK) {
        assert_true(soundfont_left_out(soundfont) > 0);
    }
}

static void test_billions_of_regions_are_not_made(void **state)
{
    (void)state;
    enum { ZONES = 1000 };
    maker_begin_plain(&maker);
    for (int i = 0; i < ZONES; i++) {
        maker_generator(&maker, I, GENERATOR_SAMPLE, 0);
        maker_zone(&maker, I);
        maker_generator(&maker, P, GENERATOR_INSTRUMENT, 0);
        maker_zone(&maker, P);
    }
    open_plain();
    assert_int_equal(soundfont_preset(soundfont, 0)->region_count, SOUNDFONT_REGIONS);
    assert_true(soundfont_left_out(soundfont) > 0);
}

static void test_zones_that_never_meet_do_not_take_for_ever(void **state)
{
    (void)state;
    enum { ZONES = 5000 };
    maker_begin_plain(&maker);
    for (int i = 0; i < ZONES; i++) {
        maker_range(&maker, I, GENERATOR_KEY_RANGE, 0, 60);
        maker_generator(&maker, I, GENERATOR_SAMPLE, 0);
        maker_zone(&maker, I);
        maker_range(&maker, P, GENERATOR_KEY_RANGE, i == 0 ? 60 : 61, 127);
        maker_generator(&maker, P, GENERATOR_INSTRUMENT, 0);
        maker_zone(&maker, P);
    }
    open_plain();
    assert_true(soundfont_preset(soundfont, 0)->region_count >= ZONES);
    assert_true(soundfont_left_out(soundfont) > 0);
}

// Modulators.

static const struct soundfont_modulator *modulators(uint32_t index)
{
    return soundfont_modulators(soundfont, region(index)->modulators);
}

/// The amount of the one modulator of a region that has these, or NaN.
static float amount_of(uint32_t index, uint16_t source, uint16_t destination, uint16_t amount_source)
{
    float amount = __builtin_nanf("");
    for (uint32_t i = 0; i < region(index)->modulator_count; i++) {
        const struct soundfont_modulator *modulator = &modulators(index)[i];
        if (modulator->source == source && modulator->destination == destination &&
            modulator->amount_source == amount_source) {
            assert_true(amount != amount);
            amount = modulator->amount;
        }
    }
    return amount;
}

static void test_default_modulators(void **state)
{
    (void)state;
    maker_begin_plain(&maker);
    open_plain();
    assert_int_equal(region(0)->modulator_count, 10);
    assert_true(amount_of(0, 0x0502, GENERATOR_ATTENUATION, 0) == 960);
    assert_true(amount_of(0, 0x0102, GENERATOR_FILTER_CUTOFF, 0) == -2400);
    assert_true(amount_of(0, 0x000d, GENERATOR_VIB_LFO_TO_PITCH, 0) == 50);
    assert_true(amount_of(0, 0x0081, GENERATOR_VIB_LFO_TO_PITCH, 0) == 50);
    assert_true(amount_of(0, 0x0587, GENERATOR_ATTENUATION, 0) == 960);
    assert_true(amount_of(0, 0x028a, GENERATOR_PAN, 0) == 500);
    assert_true(amount_of(0, 0x058b, GENERATOR_ATTENUATION, 0) == 960);
    assert_true(amount_of(0, 0x00db, GENERATOR_REVERB_SEND, 0) == 200);
    assert_true(amount_of(0, 0x00dd, GENERATOR_CHORUS_SEND, 0) == 200);
    assert_true(amount_of(0, 0x020e, GENERATOR_FINE_TUNE, 0x0010) == 12700);
}

static void test_an_instrument_overrides_and_a_preset_adds(void **state)
{
    (void)state;
    maker_begin_plain(&maker);
    // Global zones come first.
    maker_modulator(&maker, I, 0x0502, GENERATOR_ATTENUATION, 1, 0, 0);
    maker_modulator(&maker, I, 0x0587, GENERATOR_ATTENUATION, 300, 0, 0);
    maker_modulator(&maker, P, 0x0502, GENERATOR_ATTENUATION, 1000, 0, 0);
    maker_modulator(&maker, P, 0x00db, GENERATOR_REVERB_SEND, 30, 0, 0);
    maker_zone(&maker, I);
    maker_zone(&maker, P);
    maker_modulator(&maker, I, 0x0502, GENERATOR_ATTENUATION, 2, 0, 0);
    maker_modulator(&maker, I, 0x0502, GENERATOR_ATTENUATION, 400, 0, 0); // the last one counts
    maker_modulator(&maker, I, 0x0502, GENERATOR_ATTENUATION, 77, 0, 2);  // another transform is another modulator
    maker_modulator(&maker, P, 0x0502, GENERATOR_ATTENUATION, -50, 0, 0);
    maker_modulator(&maker, P, 0x0083, GENERATOR_FILTER_CUTOFF, 600, 0, 0);
    open_plain();
    const struct soundfont_modulator *first = modulators(0);
    assert_int_equal(region(0)->modulator_count, 12);
    assert_true(first[0].source == 0x0502 && first[0].amount == 350 && first[0].transform == 0);
    assert_true(first[10].source == 0x0502 && first[10].amount == 77 && first[10].transform == 2);
    assert_true(amount_of(0, 0x0587, GENERATOR_ATTENUATION, 0) == 300);
    assert_true(amount_of(0, 0x00db, GENERATOR_REVERB_SEND, 0) == 230);
    assert_true(amount_of(0, 0x0083, GENERATOR_FILTER_CUTOFF, 0) == 600);
    assert_int_equal(soundfont_left_out(soundfont), 0);
}

static void test_velocity_to_filter_as_2_01_has_it(void **state)
{
    (void)state;
    maker_begin_plain(&maker);
    maker_modulator(&maker, I, 0x0102, GENERATOR_FILTER_CUTOFF, 0, 0x0d02, 0);
    open_plain();
    assert_int_equal(region(0)->modulator_count, 10);
    assert_true(amount_of(0, 0x0102, GENERATOR_FILTER_CUTOFF, 0) == 0);
}

static void test_modulators_that_mean_nothing_are_left_out(void **state)
{
    (void)state;
    static const struct {
        uint16_t source, destination, amount_source, transform;
    } bad[] = {
        {0x0001, 48, 0, 0}, {0x007f, 48, 0, 0}, {0x0080, 48, 0, 0},     {0x0086, 48, 0, 0}, {0x00a0, 48, 0, 0},
        {0x00bf, 48, 0, 0}, {0x00e2, 48, 0, 0}, {0x00f8, 48, 0, 0},     {0x1002, 48, 0, 0}, {0x0002, 48, 0x007f, 0},
        {0x0002, 48, 0, 1}, {0x0002, 48, 0, 3}, {0x0002, 0x8001, 0, 0}, {0x0002, 60, 0, 0}, {0x0002, 255 + 49, 0, 0},
        {0x0002, 41, 0, 0}, {0x0002, 43, 0, 0}, {0x0002, 53, 0, 0},     {0x0002, 58, 0, 0}, {0x0002, 14, 0, 0},
    };
    const size_t count = sizeof bad / sizeof *bad;
    maker_begin_plain(&maker);
    for (size_t i = 0; i < count; i++) {
        maker_modulator(&maker, I, bad[i].source, bad[i].destination, 5, bad[i].amount_source, bad[i].transform);
        maker_modulator(&maker, P, bad[i].source, bad[i].destination, 5, bad[i].amount_source, bad[i].transform);
    }
    maker_modulator(&maker, I, 0x0002, GENERATOR_START_OFFSET, 5, 0x000a, 2);
    open_plain();
    assert_int_equal(region(0)->modulator_count, 11);
    assert_int_equal(soundfont_left_out(soundfont), 2 * count);
}

static void test_a_zone_has_so_many_modulators(void **state)
{
    (void)state;
    maker_begin_plain(&maker);
    for (int i = 0; i < 100; i++) {
        maker_modulator(&maker, I, (uint16_t)(0x0002 | (i % 4) << 10), (uint16_t)(21 + i / 4), i + 1, 0, 0);
    }
    open_plain();
    assert_int_equal(region(0)->modulator_count, 64);
    assert_int_equal(soundfont_left_out(soundfont), 46);
}

static void test_equal_lists_are_one(void **state)
{
    (void)state;
    maker_begin_plain(&maker);
    for (int i = 0; i < 4; i++) {
        // The second and third are alike, by different ways.
        if (i == 1 || i == 2) {
            maker_modulator(&maker, I, 0x0502, GENERATOR_ATTENUATION, 480, 0, 0);
        }
        maker_generator(&maker, I, GENERATOR_SAMPLE, 0);
        maker_zone(&maker, I);
    }
    open_plain();
    assert_int_equal(region(0)->modulators, region(3)->modulators);
    assert_int_equal(region(1)->modulators, region(2)->modulators);
    assert_int_not_equal(region(0)->modulators, region(1)->modulators);
}

int main(void)
{
#define RULE(name) cmocka_unit_test_setup_teardown(name, start, stop)
    const struct CMUnitTest tests[] = {
        RULE(test_defaults),
        RULE(test_generators_add_and_are_held_to_16_bits),
        RULE(test_generators_that_a_preset_cannot_have),
        RULE(test_ranges_meet),
        RULE(test_ranges_count_only_in_their_place),
        RULE(test_nothing_counts_behind_the_sample),
        RULE(test_a_range_the_wrong_way_round_is_left_out),
        RULE(test_global_zones),
        RULE(test_a_zone_without_target_that_is_not_the_first_is_ignored),
        RULE(test_targets_that_are_not_there),
        RULE(test_presets_are_sorted_and_one_for_each_number),
        RULE(test_indexes_that_go_backwards_or_too_far),
        RULE(test_billions_of_regions_are_not_made),
        RULE(test_zones_that_never_meet_do_not_take_for_ever),
        RULE(test_default_modulators),
        RULE(test_an_instrument_overrides_and_a_preset_adds),
        RULE(test_velocity_to_filter_as_2_01_has_it),
        RULE(test_modulators_that_mean_nothing_are_left_out),
        RULE(test_a_zone_has_so_many_modulators),
        RULE(test_equal_lists_are_one),
    };
#undef RULE
    return cmocka_run_group_tests(tests, NULL, NULL);
}
