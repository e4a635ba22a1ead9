// SPDX-License-Identifier: GPL-3.0-or-later
// Where in its sample a voice reads, and how it gets from there to sound.
#include "sampler_fixture.h"
#include "sampler_measure.h"

#include <complex.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { SKIPPED = 1024, IMPULSE_AT = 40000, LONG = 70000 };

static const double TONE_HZ = 750; // of the fixture's sine at its own key
static const enum instrument_interpolation interpolations[] = {INSTRUMENT_LINEAR, INSTRUMENT_CUBIC, INSTRUMENT_SINC};

/// The tone that comes of middle C on \p sine, near \p hz.
static struct tone tone_of(struct font_sine sine, const struct setting *settings, struct instrument_options options,
                           int key, double hz)
{
    struct instrument *instrument = sine_sampler(sine, settings, options);
    const double rate = options.rate > 0 ? options.rate : FIXTURE_RATE;
    sampler_note_on(instrument, 0, key, 127);
    const size_t count = (size_t)(rate / 4);
    const struct take *take = take_render(instrument, count);
    const struct tone tone = measure_tone(take->left + SKIPPED, count - SKIPPED, rate, hz);
    instrument_free(instrument);
    return tone;
}

static void check_pitches(double rate, enum instrument_interpolation interpolation)
{
    static const double ratios[] = {0.2, 0.37, 0.999, 1.01, 2.3, 4.4, 10};
    for (size_t i = 0; i < sizeof ratios / sizeof *ratios; i++) {
        const int moved = (int)lround(1200 * log2(ratios[i]));
        const double hz = TONE_HZ * exp2(moved / 1200.0);
        const struct setting settings[] = {
            {GENERATOR_SAMPLE_MODES, 1}, {GENERATOR_COARSE_TUNE, moved / 100}, {GENERATOR_FINE_TUNE, moved % 100}, {0}};
        const struct instrument_options options = {.rate = rate, .interpolation = interpolation};
        const struct tone tone = tone_of((struct font_sine){0}, settings, options, FIXTURE_MIDDLE_C, hz);
        assert_true(fabs(cents(hz, tone.hz)) < 0.05);
    }
}

static void test_pitch_is_right_at_every_ratio_rate_and_interpolation(void **state)
{
    (void)state;
    static const double rates[] = {44100, 48000, 96000, 192000};
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        for (size_t j = 0; j < sizeof interpolations / sizeof *interpolations; j++) {
            check_pitches(rates[i], interpolations[j]);
        }
    }
}

static void weigh(enum instrument_interpolation interpolation, double f, double weights[4])
{
    if (interpolation == INSTRUMENT_LINEAR) {
        weights[0] = weights[3] = 0;
        weights[1] = 1 - f;
        weights[2] = f;
    } else {
        weights[0] = ((-f + 2) * f - 1) * f / 2;
        weights[1] = ((3 * f - 5) * f * f + 2) / 2;
        weights[2] = ((-3 * f + 4) * f + 1) * f / 2;
        weights[3] = (f - 1) * f * f / 2;
    }
}

/// What theory says of the purity of a sine of \p cycles a frame: of all that the curve between the frames comes to,
/// the part that is the same wherever it is read is the sine, and the rest are its images.
static double purity_expected(enum instrument_interpolation interpolation, double cycles)
{
    enum { STEPS = 1000 };
    double complex mean = 0;
    double power = 0;
    for (int i = 0; i < STEPS; i++) {
        const double f = (i + 0.5) / STEPS;
        double weights[4];
        weigh(interpolation, f, weights);
        double complex sum = 0;
        for (int j = 0; j < 4; j++) {
            sum += weights[j] * cexp(I * 2 * M_PI * cycles * (j - 1 - f));
        }
        mean += sum / STEPS;
        power += creal(sum * conj(sum)) / STEPS;
    }
    const double kept = creal(mean * conj(mean));
    return 10 * log10(kept / (power - kept));
}

static void test_images_are_as_faint_as_the_curve_allows(void **state)
{
    (void)state;
    static const int cycles[] = {100, 200, 320, 480}; // in 2000 frames
    static const struct setting up[] = {{GENERATOR_SAMPLE_MODES, 1}, {GENERATOR_FINE_TUNE, -637}, {0}};
    for (size_t i = 0; i < sizeof cycles / sizeof *cycles; i++) {
        const double f = cycles[i] / 2000.0;
        const double hz = f * FIXTURE_RATE * exp2(-637 / 1200.0);
        for (size_t j = 0; j < sizeof interpolations / sizeof *interpolations; j++) {
            const struct tone tone =
                tone_of((struct font_sine){.cycles = cycles[i], .loop = 2000}, up,
                        (struct instrument_options){.interpolation = interpolations[j]}, FIXTURE_MIDDLE_C, hz);
            if (interpolations[j] == INSTRUMENT_SINC) {
                assert_true(tone.purity > 60);
            } else {
                assert_true(fabs(tone.purity - purity_expected(interpolations[j], f)) < 1);
            }
        }
    }
}

static void test_a_loop_has_no_seam(void **state)
{
    (void)state;
    static const struct {
        int cycles, loop;
    } loops[] = {{1, 5}, {1, 8}, {3, 20}, {5, 37}, {9, 64}, {7, 100}, {100, 501}, {13, 2000}};
    static const int tunes[] = {-1900, 364, 2350};
    for (size_t i = 0; i < sizeof loops / sizeof *loops; i++) {
        for (size_t j = 0; j < sizeof tunes / sizeof *tunes; j++) {
            const struct setting settings[] = {{GENERATOR_SAMPLE_MODES, 1}, {GENERATOR_FINE_TUNE, tunes[j]}, {0}};
            const double hz = FIXTURE_RATE * exp2(tunes[j] / 1200.0) * loops[i].cycles / loops[i].loop;
            const struct tone tone =
                tone_of((struct font_sine){.cycles = loops[i].cycles, .loop = loops[i].loop}, settings,
                        (struct instrument_options){.interpolation = INSTRUMENT_SINC}, FIXTURE_MIDDLE_C, hz);
            if (tone.purity <= 60) {
                fail_msg("loop of %d, tune %d: %.1f dB", loops[i].loop, tunes[j], tone.purity);
            }
        }
    }
}

static void test_the_shortest_loops_hear_only_themselves(void **state)
{
    (void)state;
    enum { INTRO = 64, COUNT = 200 };
    for (uint32_t loop = 2; loop <= 5; loop++) {
        double frames[COUNT];
        for (uint32_t i = 0; i < COUNT; i++) {
            frames[i] = i >= INTRO && i < INTRO + loop ? 0.3 : 0.9;
        }
        struct font font = {0};
        const int sample = font_frames(
            &font, frames, COUNT,
            (struct maker_sample){
                .loop_start = INTRO, .loop_end = INTRO + loop, .rate = FIXTURE_RATE, .key = FIXTURE_MIDDLE_C});
        font_preset(&font, 0, 0);
        font_zone(&font, sample, (const struct setting[]){{GENERATOR_SAMPLE_MODES, 1}, {GENERATOR_FINE_TUNE, 37}, {0}});
        font_write(&font);
        struct instrument *instrument =
            font_sampler(&font, (struct instrument_options){.dry = 1, .interpolation = INSTRUMENT_SINC});
        font_done(&font);
        sampler_note_on(instrument, 0, FIXTURE_MIDDLE_C, 127);
        const struct take *take = take_render(instrument, 4800);
        assert_true(measure_step(take->left + SKIPPED, 4800 - SKIPPED) < 1e-5);
        instrument_free(instrument);
    }
}

static void test_the_key_and_all_tunings_come_together(void **state)
{
    (void)state;
    static const struct {
        int key, correction;
        struct setting settings[3];
        double cents;
    } cases[] = {
        {67, 0, {{0}}, 700},
        {48, 0, {{0}}, -1200},
        {60, 30, {{0}}, 30},
        {60, 0, {{GENERATOR_ROOT_KEY, 48}}, 1200},
        {60, 0, {{GENERATOR_COARSE_TUNE, -7}, {GENERATOR_FINE_TUNE, -33}}, -733},
        {72, 0, {{GENERATOR_SCALE_TUNING, 50}}, 600},
        {90, 0, {{GENERATOR_SCALE_TUNING, 0}}, 0},
        {90, 40, {{GENERATOR_SCALE_TUNING, 0}}, 40},
        {72, -40, {{GENERATOR_SCALE_TUNING, 50}}, 560},
        {60, 0, {{GENERATOR_KEY, 72}}, 1200},
        {61, 0, {{GENERATOR_KEY, 48}, {GENERATOR_ROOT_KEY, 50}}, -200},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct setting settings[4] = {{GENERATOR_SAMPLE_MODES, 1}};
        for (size_t j = 0; j < 2; j++) {
            settings[1 + j] = cases[i].settings[j];
        }
        const double hz = TONE_HZ * exp2(cases[i].cents / 1200);
        const struct tone tone = tone_of((struct font_sine){.correction = cases[i].correction}, settings,
                                         (struct instrument_options){0}, cases[i].key, hz);
        if (!(fabs(cents(hz, tone.hz)) < 0.05)) {
            fail_msg("case %zu is off by %g cents", i, cents(hz, tone.hz));
        }
    }
}

static void test_a_sample_without_a_loop_ends(void **state)
{
    (void)state;
    for (int mode = 0; mode <= 2; mode += 2) {
        const struct setting settings[] = {{GENERATOR_SAMPLE_MODES, mode}, {0}};
        struct instrument *instrument = sine_sampler((struct font_sine){0}, settings, (struct instrument_options){0});
        sampler_note_on(instrument, 0, FIXTURE_MIDDLE_C, 127);
        const struct take *take = take_render(instrument, FIXTURE_RATE);
        const size_t end = measure_end(take->left, take->count, 1e-5);
        assert_in_range(end, 64 + 2048 + 64 - 2, 64 + 2048 + 64 + 2);
        assert_int_equal(voices_of(instrument), 0);
        instrument_free(instrument);
    }
}

static void test_a_loop_until_the_release_plays_to_the_end(void **state)
{
    (void)state;
    enum { TAIL = 9600 };
    static const struct setting settings[] = {{GENERATOR_SAMPLE_MODES, 3}, {GENERATOR_VOL_ENV_RELEASE, 5000}, {0}};
    struct instrument *instrument =
        sine_sampler((struct font_sine){.tail = TAIL}, settings, (struct instrument_options){0});
    sampler_note_on(instrument, 0, FIXTURE_MIDDLE_C, 127);
    const struct take *take = take_render(instrument, 64 * 750);
    assert_true(measure_end(take->left, take->count, 1e-3) > take->count - 64);
    sampler_note_off(instrument, 0, FIXTURE_MIDDLE_C);
    take = take_render(instrument, FIXTURE_RATE);
    const size_t end = measure_end(take->left, take->count, 1e-5);
    assert_in_range(end, TAIL - 2, TAIL + 2048 + 2);
    const struct tone tone = measure_tone(take->left, TAIL - 64, FIXTURE_RATE, TONE_HZ);
    assert_true(tone.purity > 25); // no jump where the loop is left, though the release goes on
    assert_int_equal(voices_of(instrument), 0);
    instrument_free(instrument);
}

/// A sampler on one impulse at IMPULSE_AT of LONG frames, all of them a loop.
static struct instrument *impulse_sampler(const struct setting *settings)
{
    static double frames[LONG];
    frames[IMPULSE_AT] = 0.9;
    struct font font = {0};
    const int sample = font_frames(
        &font, frames, LONG,
        (struct maker_sample){.loop_start = 64, .loop_end = LONG - 64, .rate = FIXTURE_RATE, .key = FIXTURE_MIDDLE_C});
    font_preset(&font, 0, 0);
    font_zone(&font, sample, settings);
    font_write(&font);
    struct instrument *instrument = font_sampler(&font, (struct instrument_options){.dry = 1});
    font_done(&font);
    sampler_note_on(instrument, 0, FIXTURE_MIDDLE_C, 127);
    return instrument;
}

static void test_start_offsets_skip_frames(void **state)
{
    (void)state;
    static const struct setting settings[] = {{GENERATOR_START_OFFSET, 7000}, {GENERATOR_START_COARSE_OFFSET, 1}, {0}};
    struct instrument *instrument = impulse_sampler(settings);
    const struct take *take = take_render(instrument, LONG);
    assert_int_equal(measure_onset(take->left, take->count, 1e-3), IMPULSE_AT - 32768 - 7000);
    instrument_free(instrument);
}

static void test_end_offsets_cut_the_end(void **state)
{
    (void)state;
    // Of 70000 frames the last 32768 + 1000 go.
    static const struct setting settings[] = {{GENERATOR_END_OFFSET, -1000}, {GENERATOR_END_COARSE_OFFSET, -1}, {0}};
    struct instrument *instrument = impulse_sampler(settings);
    (void)take_render(instrument, LONG - 32768 - 1000 - 128);
    assert_int_equal(voices_of(instrument), 1);
    (void)take_render(instrument, 256);
    assert_int_equal(voices_of(instrument), 0);
    const struct take *take = take_render(instrument, LONG);
    assert_true(measure_peak(take->left, take->count) < 1e-6);
    instrument_free(instrument);
}

static void test_loop_offsets_move_the_loop(void **state)
{
    (void)state;
    // The loop from 64 to 69936 becomes one from 64 + 32768 + 5000 to 69936 - 32768 + 5000.
    static const struct setting settings[] = {
        {GENERATOR_LOOP_START_OFFSET, 5000}, {GENERATOR_LOOP_START_COARSE_OFFSET, 1},
        {GENERATOR_LOOP_END_OFFSET, 5000},   {GENERATOR_LOOP_END_COARSE_OFFSET, -1},
        {GENERATOR_SAMPLE_MODES, 1},         {0}};
    enum { LOOP = 69936 - 32768 - 64 - 32768 };
    struct instrument *instrument = impulse_sampler(settings);
    const struct take *take = take_render(instrument, IMPULSE_AT + 3 * LOOP);
    assert_int_equal(measure_onset(take->left, take->count, 1e-3), IMPULSE_AT);
    for (size_t from = IMPULSE_AT; from < IMPULSE_AT + 2 * LOOP; from += LOOP) {
        assert_int_equal(measure_onset(take->left + from + 1, 2 * (size_t)LOOP, 1e-3), LOOP - 1);
    }
    instrument_free(instrument);
}

static void test_velocity_can_move_the_start(void **state)
{
    (void)state;
    struct font font = {0};
    static double frames[LONG];
    frames[20000] = 0.9;
    const int sample = font_frames(&font, frames, LONG, (struct maker_sample){.rate = FIXTURE_RATE, .key = 60});
    font_preset(&font, 0, 0);
    font_zone(&font, sample, NULL);
    // 12700 frames at velocity 127, straight.
    maker_modulator(&font.maker, MAKER_INSTRUMENT, 0x0002, GENERATOR_START_OFFSET, 12700, 0, 0);
    font_write(&font);
    struct instrument *instrument = font_sampler(&font, (struct instrument_options){.dry = 1});
    font_done(&font);
    sampler_note_on(instrument, 0, 60, 100);
    const struct take *take = take_render(instrument, LONG);
    assert_int_equal(measure_onset(take->left, take->count, 1e-3), 10000);
    instrument_free(instrument);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pitch_is_right_at_every_ratio_rate_and_interpolation),
        cmocka_unit_test(test_images_are_as_faint_as_the_curve_allows),
        cmocka_unit_test(test_a_loop_has_no_seam),
        cmocka_unit_test(test_the_shortest_loops_hear_only_themselves),
        cmocka_unit_test(test_the_key_and_all_tunings_come_together),
        cmocka_unit_test(test_a_sample_without_a_loop_ends),
        cmocka_unit_test(test_a_loop_until_the_release_plays_to_the_end),
        cmocka_unit_test(test_start_offsets_skip_frames),
        cmocka_unit_test(test_end_offsets_cut_the_end),
        cmocka_unit_test(test_loop_offsets_move_the_loop),
        cmocka_unit_test(test_velocity_can_move_the_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
