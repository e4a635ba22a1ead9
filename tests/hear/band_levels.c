// SPDX-License-Identifier: GPL-3.0-or-later
#include "hear/band_levels.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { ROWS_A_SECOND = 100 };

/// So many rows in which all bands are as loud.
static void push(struct band_levels *levels, int rows, float sum)
{
    float sums[BEAT_BANDS];
    for (int i = 0; i < BEAT_BANDS; i++) {
        sums[i] = sum;
    }
    for (int row = 0; row < rows; row++) {
        band_levels_push(levels, sums);
    }
}

static void edges_rise_from_the_lowest_band_to_the_highest(void **state)
{
    (void)state;
    assert_true(fabs(band_levels_edge(0) - 30.0) < 1e-6 && fabs(band_levels_edge(BEAT_BANDS + 1) - 15000.0) < 1e-6);
    for (int i = 0; i <= BEAT_BANDS; i++) {
        assert_true(band_levels_edge(i) < band_levels_edge(i + 1));
    }
}

static void levels_are_relative_to_the_loudest_of_late(void **state)
{
    (void)state;
    for (float loud = 1e-3F; loud < 2.0F; loud *= 10.0F) {
        struct band_levels levels;
        band_levels_init(&levels, 1.0 / ROWS_A_SECOND);
        push(&levels, 300, loud);
        const float usual = levels.values[7];
        assert_true(usual > 0.4F && usual < 0.6F && levels.values[BEAT_BANDS + 7] == 0.0F);
        push(&levels, 1, loud / 10.0F);
        assert_true(fabsf(levels.values[7] - (usual - 0.33F)) < 0.05F);
        push(&levels, 2, loud);
        assert_true(levels.values[BEAT_BANDS + 7] > 0.25F);
    }
}

static void a_glitch_is_soon_forgotten(void **state)
{
    (void)state;
    static const int after_s[] = {3, 60};
    for (size_t i = 0; i < sizeof after_s / sizeof after_s[0]; i++) {
        struct band_levels levels;
        band_levels_init(&levels, 1.0 / ROWS_A_SECOND);
        push(&levels, after_s[i] * ROWS_A_SECOND, 0.01F);
        const float usual = levels.values[0];
        push(&levels, 10, 0.64F);
        push(&levels, 2 * ROWS_A_SECOND, 0.01F);
        assert_true(levels.values[0] > usual - 0.22F);
        push(&levels, 20 * ROWS_A_SECOND, 0.01F);
        assert_true(fabsf(levels.values[0] - usual) < 0.01F);
    }
}

static void louder_music_becomes_usual(void **state)
{
    (void)state;
    struct band_levels levels;
    band_levels_init(&levels, 1.0 / ROWS_A_SECOND);
    push(&levels, 10 * ROWS_A_SECOND, 0.001F);
    push(&levels, 5 * ROWS_A_SECOND, 0.1F);
    const float loud = levels.values[0];
    // Rests in it are then measured against it, and not forgotten like a glitch.
    push(&levels, ROWS_A_SECOND, 0.0F);
    push(&levels, 1, 0.01F);
    assert_true(levels.values[0] < loud - 0.25F);
}

static void silence_is_nothing(void **state)
{
    (void)state;
    struct band_levels levels;
    band_levels_init(&levels, 1.0 / ROWS_A_SECOND);
    push(&levels, 1000, 0.0F);
    for (int i = 0; i < BEAT_BANDS_VALUES; i++) {
        assert_true(levels.values[i] == 0.0F);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edges_rise_from_the_lowest_band_to_the_highest),
        cmocka_unit_test(levels_are_relative_to_the_loudest_of_late),
        cmocka_unit_test(a_glitch_is_soon_forgotten),
        cmocka_unit_test(louder_music_becomes_usual),
        cmocka_unit_test(silence_is_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
