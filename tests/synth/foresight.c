// SPDX-License-Identifier: GPL-3.0-or-later
// What is foreseen is fetched and no more: nothing that is heard, and no byte of the state, may depend on it.
#include "synth/foresight.h"

#include "sampler_fixture.h"
#include "sampler_phrase.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { FRAMES = 700, MANY = 200 };

static void foresee_anything(struct random *random, struct instrument *instrument)
{
    struct instrument_note notes[INSTRUMENT_EXPECTED];
    for (int n = 0; n < INSTRUMENT_EXPECTED; n++) {
        notes[n] = (struct instrument_note){.channel = (uint8_t)random_below(random, 16),
                                            .key = (uint8_t)random_below(random, 128),
                                            .velocity = (uint8_t)(1 + random_below(random, 127))};
    }
    instrument_expect(instrument, notes, (int)random_below(random, INSTRUMENT_EXPECTED + 1));
}

/// Plays anything on two samplers, of which one is told of notes that come or do not.
static void play_both(const struct font *font)
{
    static float sound[2][2][FRAMES];
    struct instrument *instruments[2];
    struct random random[2];
    void *states[2];
    for (int i = 0; i < 2; i++) {
        instruments[i] = font_sampler(font, (struct instrument_options){0});
        random_init(&random[i], 23, 0);
        const size_t size = sampler_state_size(instruments[i]);
        states[i] = aligned_alloc(64, (size + 63) / 64 * 64);
        assert_non_null(states[i]);
    }
    struct random other = random[0];
    for (int round = 0; round < 300; round++) {
        foresee_anything(&other, instruments[1]);
        const size_t count = 1 + random_below(&other, FRAMES);
        for (int i = 0; i < 2; i++) {
            phrase_play_anything(&random[i], instruments[i]);
            sampler_render(instruments[i], sound[i][0], sound[i][1], count);
        }
        assert_memory_equal(sound[0][0], sound[1][0], count * sizeof(float));
        assert_memory_equal(sound[0][1], sound[1][1], count * sizeof(float));
    }
    for (int i = 0; i < 2; i++) {
        sampler_save(instruments[i], states[i]);
    }
    assert_memory_equal(states[0], states[1], sampler_state_size(instruments[0]));
    for (int i = 0; i < 2; i++) {
        instrument_free(instruments[i]);
        free(states[i]);
    }
}

static void test_what_is_foreseen_changes_nothing(void **state)
{
    (void)state;
    struct font font = {0};
    phrase_font(&font, 0);
    play_both(&font);
    font_done(&font);
}

static void test_nor_where_a_preset_has_many_regions(void **state)
{
    (void)state;
    struct font font = {0};
    const int sample = font_sine(&font, (struct font_sine){0});
    font_preset(&font, 0, 0);
    for (int i = 0; i < MANY; i++) {
        // Most keys in one or two of them, the last ones in more than there is room for.
        const int low = i < MANY / 2 ? i : 120;
        const struct setting settings[] = {
            {GENERATOR_KEY_RANGE, low | (low + 1 > 127 ? 127 : low + 1) << 8}, {GENERATOR_SAMPLE_MODES, 1}, {0}};
        font_zone(&font, sample, settings);
    }
    font_write(&font);
    play_both(&font);
    font_done(&font);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_foreseen_changes_nothing),
        cmocka_unit_test(test_nor_where_a_preset_has_many_regions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
