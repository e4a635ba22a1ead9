// SPDX-License-Identifier: GPL-3.0-or-later
// What the options of a sampler do at their limits, and to its mix. What is refused: refusals.c.
#include "sampler_fixture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void test_the_limits_themselves_are_fine(void **state)
{
    (void)state;
    static const struct instrument_options limits[] = {
        {.rate = 44100, .polyphony = 1},
        {.rate = 192000, .polyphony = 4096, .gain = 4, .wet = 1, .interpolation = INSTRUMENT_SINC},
        {.rate = 192000},
    };
    struct font font = {0};
    const int sample = font_sine(&font, (struct font_sine){0});
    font_preset(&font, 0, 0);
    font_zone(&font, sample, NULL);
    font_write(&font);
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        struct instrument *instrument = font_sampler(&font, limits[i]);
        sampler_note_on(instrument, 0, FIXTURE_MIDDLE_C, 127);
        const struct take *take = take_render(instrument, 1000);
        assert_true(fabsf(take->left[999]) < 10);
        assert_int_equal(voices_of(instrument), 1);
        assert_int_equal(strncmp(instrument->name, "tutti ", 6), 0);
        instrument_free(instrument);
    }
    font_done(&font);
}

static void test_a_wet_mix_is_wet_unless_a_channel_is_made_dry(void **state)
{
    (void)state;
    struct font font = {0};
    const int sample = font_sine(&font, (struct font_sine){0});
    font_preset(&font, 0, 0);
    font_zone(&font, sample, (const struct setting[]){{GENERATOR_SAMPLE_MODES, 1}, {0}});
    font_write(&font);
    static const int sends[] = {-1, 0, 1, 127}; // -1: nobody says anything
    float tails[4];
    for (size_t i = 0; i < 4; i++) {
        struct instrument *instrument = font_sampler(&font, (struct instrument_options){.wet = 0.5});
        if (sends[i] >= 0) {
            play_controller(instrument, 0, 91, sends[i]);
        }
        play_controller(instrument, 0, 93, 127); // there is no chorus
        sampler_note_on(instrument, 0, FIXTURE_MIDDLE_C, 127);
        (void)take_render(instrument, FIXTURE_RATE);
        sampler_note_off(instrument, 0, FIXTURE_MIDDLE_C);
        (void)take_render(instrument, 9600);
        const struct take *take = take_render(instrument, 9600);
        tails[i] = 0;
        for (size_t j = 0; j < take->count; j++) {
            tails[i] = fmaxf(tails[i], fabsf(take->left[j]));
        }
        instrument_free(instrument);
    }
    font_done(&font);
    assert_true(tails[1] == 0);
    assert_true(tails[0] > 1e-4F && tails[0] == tails[2] && tails[2] == tails[3]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_limits_themselves_are_fine),
        cmocka_unit_test(test_a_wet_mix_is_wet_unless_a_channel_is_made_dry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
