// SPDX-License-Identifier: GPL-3.0-or-later
// As many events as a hundred hours of ten a second have, a block or less after each.
#include "sampler_measure.h"
#include "sampler_phrase.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { RATE = FIXTURE_RATE, CHANNELS = 16, BLOCK = 64, SEEDS = 4 };

// The whole of it where nothing else is looked for.
#if defined(__SANITIZE_ADDRESS__)
#define SLOW 1
#elif defined(__has_feature)
#if __has_feature(realtime_sanitizer)
#define SLOW 1
#endif
#endif

#if defined(SLOW)
enum { EVENTS = 720000 };
#else
enum { EVENTS = 3600000 };
#endif

/// Beyond any sum of voices: resonance of 96 dB may be asked for.
static const float SANE = 1e6F;

/// Gives how loud it was.
static float render_sane(struct instrument *instrument, size_t count)
{
    float left[BLOCK];
    float right[BLOCK];
    sampler_render(instrument, left, right, count);
    float sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += fabsf(left[i]) + fabsf(right[i]);
    }
    if (!(sum < SANE)) { // NaN, too
        fail_msg("a block of %g", (double)sum);
    }
    return sum / (float)count;
}

/// After this nothing may go on for longer than the longest release.
static void let_all_go(struct instrument *instrument)
{
    for (int channel = 0; channel < CHANNELS; channel++) {
        play_controller(instrument, channel, 123, 0);
        play_controller(instrument, channel, 64, 0);
        play_controller(instrument, channel, 66, 0);
    }
    const int longest = (int)(exp2(8000 / 1200.0) * RATE / BLOCK) + 10;
    for (int block = 0; block < longest && voices_of(instrument) > 0; block++) {
        (void)render_sane(instrument, BLOCK);
    }
    assert_int_equal(voices_of(instrument), 0);
}

static void test_a_hundred_hours_of_anything(void **state)
{
    (void)state;
    struct font font = {0};
    phrase_font(&font, 0);
    for (int seed = 0; seed < SEEDS; seed++) {
        const struct instrument_options options = {.dry = 1,
                                                   .polyphony = 4,
                                                   .rate = seed % 2 ? 44100 : 48000,
                                                   .interpolation = (enum instrument_interpolation)(seed % 3)};
        struct instrument *instrument = font_sampler(&font, options);
        struct random random;
        random_init(&random, 100, (uint64_t)seed);
        int heard = 0;
        for (int event = 0; event < EVENTS / SEEDS; event++) {
            phrase_play_anything(&random, instrument);
            heard += render_sane(instrument, 1 + random_below(&random, BLOCK)) > 1e-3F;
        }
        assert_true(heard > EVENTS / SEEDS / 4);
        let_all_go(instrument);
        sampler_reset(instrument, MIDI_RESET_GM);
        (void)render_sane(instrument, BLOCK);
        assert_true(measure_peak(take_render(instrument, RATE)->left, RATE) == 0);
        instrument_free(instrument);
    }
    font_done(&font);
}

static void test_effects_stay_sane_too(void **state)
{
    (void)state;
    struct font font = {0};
    phrase_font(&font, 0);
    struct instrument *instrument = font_sampler(&font, (struct instrument_options){.rate = 44100});
    struct random random;
    random_init(&random, 101, 0);
    for (int event = 0; event < EVENTS / 36; event++) {
        phrase_play_anything(&random, instrument);
        (void)render_sane(instrument, BLOCK);
    }
    let_all_go(instrument);
    instrument_free(instrument);
    font_done(&font);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_hundred_hours_of_anything),
        cmocka_unit_test(test_effects_stay_sane_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
