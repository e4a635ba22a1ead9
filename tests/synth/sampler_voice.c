// SPDX-License-Identifier: GPL-3.0-or-later
// How loud a voice is and where it stands, which zones a note finds, and what samples of 24 bits and .sf3 files are.
#include "sampler_fixture.h"
#include "sampler_measure.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { SKIPPED = 1024, COUNT = FIXTURE_RATE / 4, DRUMS = 9 };

struct sides {
    double left, right;
};

/// The levels of middle C.
static struct sides sides_of(const struct setting *settings, struct instrument_options options, int velocity)
{
    struct setting all[4] = {{GENERATOR_SAMPLE_MODES, 1}};
    for (int i = 0; settings && settings[i].generator != 0; i++) {
        all[i + 1] = settings[i];
    }
    struct instrument *instrument = sine_sampler((struct font_sine){0}, all, options);
    sampler_note_on(instrument, 0, FIXTURE_MIDDLE_C, velocity);
    const struct take *take = take_render(instrument, COUNT);
    const struct sides sides = {measure_rms(take->left + SKIPPED, COUNT - SKIPPED),
                                measure_rms(take->right + SKIPPED, COUNT - SKIPPED)};
    instrument_free(instrument);
    return sides;
}

static double level_of(const struct setting *settings, struct instrument_options options, int velocity)
{
    return decibels(sides_of(settings, options, velocity).left);
}

static void test_gain_is_linear_and_as_loud_as_fluidsynth(void **state)
{
    (void)state;
    // A sine of amplitude 0.5, in the middle, at gain 0.2 and volume 100; 1.12 dB are what FluidSynth's filter adds.
    const double expected = decibels(0.5 * sqrt(0.5) * sqrt(0.5) * 0.2) - 40 * log10(127 / 100.0) + 1.12;
    const double usual = level_of(NULL, (struct instrument_options){0}, 127);
    assert_true(fabs(usual - expected) < 0.05);
    const double loud = level_of(NULL, (struct instrument_options){.gain = 2}, 127);
    assert_true(fabs(loud - usual - 20) < 0.01);
}

static void test_of_an_attenuation_four_tenths_count_or_all(void **state)
{
    (void)state;
    static const struct setting faint[] = {{GENERATOR_ATTENUATION, 200}, {0}};
    const struct instrument_options practice = {0};
    const struct instrument_options literal = {.literal = 1};
    assert_true(fabs(level_of(faint, practice, 127) - level_of(NULL, practice, 127) + 8) < 0.01);
    assert_true(fabs(level_of(faint, literal, 127) - level_of(NULL, literal, 127) + 20) < 0.01);
}

static void test_velocity_counts_as_its_square(void **state)
{
    (void)state;
    static const int velocities[] = {1, 10, 32, 64, 100, 126};
    const double full = level_of(NULL, (struct instrument_options){0}, 127);
    for (size_t i = 0; i < sizeof velocities / sizeof *velocities; i++) {
        const double expected = 40 * log10(velocities[i] / 127.0);
        const double level = level_of(NULL, (struct instrument_options){0}, velocities[i]) - full;
        assert_true(fabs(level - expected) < 0.02);
    }
}

static void test_velocity_closes_the_filter_only_to_the_letter(void **state)
{
    (void)state;
    // Cutoff at 600 Hz at full velocity, two octaves lower at the lowest.
    const int cutoff = (int)lround(1200 * log2(600 / 8.176));
    const struct setting filtered[] = {{GENERATOR_FILTER_CUTOFF, cutoff}, {0}};
    for (int literal = 0; literal <= 1; literal++) {
        const struct instrument_options options = {.literal = literal};
        const double loud = level_of(filtered, options, 127) - level_of(NULL, options, 127);
        const double soft = level_of(filtered, options, 8) - level_of(NULL, options, 8);
        assert_true(literal ? loud - soft > 15 : fabs(loud - soft) < 0.1);
    }
}

static void test_panning_keeps_the_power(void **state)
{
    (void)state;
    const struct sides centre = sides_of(NULL, (struct instrument_options){0}, 127);
    assert_true(fabs(centre.left - centre.right) < 1e-6);
    const double power = hypot(centre.left, centre.right);
    for (int pan = -500; pan <= 500; pan += 125) {
        const struct setting settings[] = {{GENERATOR_PAN, pan}, {0}};
        const struct sides sides = sides_of(settings, (struct instrument_options){0}, 127);
        const double angle = (pan + 500) / 1000.0 * M_PI / 2;
        assert_true(fabs(sides.left / power - cos(angle)) < 1e-4);
        assert_true(fabs(sides.right / power - sin(angle)) < 1e-4);
    }
}

static void test_pan_beyond_a_side_is_that_side(void **state)
{
    (void)state;
    static const struct setting settings[] = {{GENERATOR_PAN, -900}, {0}};
    const struct sides sides = sides_of(settings, (struct instrument_options){0}, 127);
    assert_true(sides.right < 1e-6 * sides.left);
}

static void test_a_note_finds_the_zones_of_its_key_and_velocity(void **state)
{
    (void)state;
    struct font font = {0};
    const int sample = font_sine(&font, (struct font_sine){0});
    font_preset(&font, 0, 0);
    const struct setting low[] = {{GENERATOR_KEY_RANGE, 40 | 60 << 8}, {GENERATOR_SAMPLE_MODES, 1}, {0}};
    const struct setting high[] = {{GENERATOR_KEY_RANGE, 60 | 70 << 8},
                                   {GENERATOR_VELOCITY_RANGE, 64 | 100 << 8},
                                   {GENERATOR_SAMPLE_MODES, 1},
                                   {0}};
    font_zone(&font, sample, low);
    font_zone(&font, sample, high);
    font_write(&font);
    static const struct {
        int key, velocity, voices;
    } cases[] = {{39, 80, 0},  {40, 1, 1},  {60, 63, 1}, {60, 64, 2}, {60, 100, 2},
                 {60, 101, 1}, {61, 80, 1}, {70, 80, 1}, {71, 80, 0}, {61, 63, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct instrument *instrument = font_sampler(&font, (struct instrument_options){.dry = 1});
        sampler_note_on(instrument, 0, cases[i].key, cases[i].velocity);
        assert_int_equal(voices_of(instrument), cases[i].voices);
        instrument_free(instrument);
    }
    font_done(&font);
}

static void test_a_zone_may_force_its_velocity(void **state)
{
    (void)state;
    static const struct setting forced[] = {{GENERATOR_VELOCITY, 64}, {0}};
    const double level = level_of(forced, (struct instrument_options){0}, 5);
    const double same = level_of(NULL, (struct instrument_options){0}, 64);
    assert_true(fabs(level - same) < 1e-3);
}

enum { LAYERS = 4 };

/// One layer of a note: what it is in its own zone, with a modulator of its own where it has an \p amount.
static void add_layer(struct font *font, int sample, int layer)
{
    static const struct setting settings[LAYERS][4] = {{{GENERATOR_SAMPLE_MODES, 1}, {0}},
                                                       {{GENERATOR_KEY, 67}, {GENERATOR_SAMPLE_MODES, 1}, {0}},
                                                       {{GENERATOR_VELOCITY, 30}, {GENERATOR_SAMPLE_MODES, 1}, {0}},
                                                       {{GENERATOR_SAMPLE_MODES, 1}, {GENERATOR_PAN, 200}, {0}}};
    font_zone(font, sample, settings[layer]);
    if (layer == LAYERS - 1) {
        // From velocity to attenuation, as the default one, but by half.
        maker_modulator(&font->maker, MAKER_INSTRUMENT, 0x0502, GENERATOR_ATTENUATION, 480, 0, 0);
    }
}

static void test_layers_of_a_note_are_what_each_is_alone(void **state)
{
    (void)state;
    enum { FRAMES = 4800 };
    static float alone[FRAMES];
    struct font font = {0};
    const int sample = font_sine(&font, (struct font_sine){0});
    for (int program = 0; program <= LAYERS; program++) {
        font_preset(&font, 0, program);
        for (int layer = 0; layer < LAYERS; layer++) {
            if (program == layer || program == LAYERS) {
                add_layer(&font, sample, layer);
            }
        }
    }
    font_write(&font);
    memset(alone, 0, sizeof alone);
    for (int program = 0; program <= LAYERS; program++) {
        struct instrument *instrument = font_sampler(&font, (struct instrument_options){.dry = 1});
        play_program(instrument, 0, program);
        sampler_note_on(instrument, 0, 60, 90);
        const struct take *take = take_render(instrument, FRAMES);
        for (size_t i = 0; i < FRAMES; i++) {
            if (program == LAYERS) {
                assert_true(fabsf(take->left[i] - alone[i]) < 1e-6F);
            }
            alone[i] += take->left[i];
        }
        instrument_free(instrument);
    }
    font_done(&font);
}

/// Two hi-hats of one exclusive class, each of two zones, in the drum bank.
static struct instrument *drums(void)
{
    struct font font = {0};
    const int sample = font_sine(&font, (struct font_sine){0});
    font_preset(&font, 0, 0);
    font_zone(&font, sample, NULL);
    font_preset(&font, 128, 0);
    for (int zone = 0; zone < 4; zone++) {
        const int key = zone < 2 ? 42 : 46;
        const struct setting settings[] = {{GENERATOR_KEY_RANGE, key | key << 8},
                                           {GENERATOR_SAMPLE_MODES, 1},
                                           {GENERATOR_EXCLUSIVE_CLASS, 1},
                                           {GENERATOR_VOL_ENV_RELEASE, 3600},
                                           {0}};
        font_zone(&font, sample, settings);
    }
    const struct setting free_key[] = {{GENERATOR_KEY_RANGE, 50 | 50 << 8}, {GENERATOR_SAMPLE_MODES, 1}, {0}};
    font_zone(&font, sample, free_key);
    font_write(&font);
    struct instrument *instrument = font_sampler(&font, (struct instrument_options){.dry = 1});
    font_done(&font);
    return instrument;
}

static void test_an_exclusive_class_is_one_note_at_a_time(void **state)
{
    (void)state;
    struct instrument *instrument = drums();
    sampler_note_on(instrument, DRUMS, 50, 100);
    sampler_note_on(instrument, DRUMS, 46, 100);
    (void)take_render(instrument, 4800);
    assert_int_equal(voices_of(instrument), 3);
    sampler_note_on(instrument, DRUMS, 42, 100);
    const struct take *take = take_render(instrument, 1920);
    assert_int_equal(voices_of(instrument), 3);
    assert_true(measure_step(take->left, take->count) < 0.05);
    instrument_free(instrument);
}

static void test_exclusive_classes_stay_in_their_channel(void **state)
{
    (void)state;
    struct instrument *instrument = drums();
    sampler_reset(instrument, MIDI_RESET_XG);
    play_controller(instrument, 3, 0, 127);
    play_program(instrument, 3, 0);
    sampler_note_on(instrument, DRUMS, 46, 100);
    sampler_note_on(instrument, 3, 42, 100);
    (void)take_render(instrument, 4800);
    assert_int_equal(voices_of(instrument), 4);
    instrument_free(instrument);
}

/// How pure a sine of 16 or 24 bits is whose amplitude is eight steps of 16 bits.
static double purity_of_faint(bool wide)
{
    struct font font = {.wide = wide};
    const int sample = font_sine(&font, (struct font_sine){.amplitude = 8 / 32768.0, .cycles = 33, .loop = 2000});
    const struct setting settings[] = {{GENERATOR_SAMPLE_MODES, 1}, {0}};
    font_preset(&font, 0, 0);
    font_zone(&font, sample, settings);
    font_write(&font);
    struct instrument *instrument =
        font_sampler(&font, (struct instrument_options){.dry = 1, .interpolation = INSTRUMENT_SINC});
    font_done(&font);
    sampler_note_on(instrument, 0, FIXTURE_MIDDLE_C, 127);
    const struct take *take = take_render(instrument, COUNT);
    const struct tone tone = measure_tone(take->left + SKIPPED, COUNT - SKIPPED, FIXTURE_RATE, 33 * 24.0);
    instrument_free(instrument);
    return tone.purity;
}

static void test_24_bits_are_cleaner_than_16(void **state)
{
    (void)state;
    assert_true(purity_of_faint(false) < 35);
    assert_true(purity_of_faint(true) > 60);
}

/// The tone that maker_vorbis() encodes, looped over 24 of its periods as nearly as whole frames allow.
static struct instrument *tone_sampler(bool vorbis)
{
    enum { COUNT_OF_SAMPLE = 20000, LOOP_START = 2000, LOOP = 16462 }; // 131 periods of 0.05 radians a frame
    struct font font = {0};
    if (vorbis) {
        maker_version(&font.maker, 3, 1);
        const uint32_t bytes = maker_vorbis(&font.maker, COUNT_OF_SAMPLE, 1);
        maker_sample(&font.maker,
                     (struct maker_sample){0, bytes, LOOP_START, LOOP_START + LOOP, 44100, 60, 0, 0, 0x11});
    } else {
        double *frames = malloc(COUNT_OF_SAMPLE * sizeof *frames);
        assert_non_null(frames);
        for (int i = 0; i < COUNT_OF_SAMPLE; i++) {
            frames[i] = 0.5 * sin(i * 0.05);
        }
        (void)font_frames(
            &font, frames, COUNT_OF_SAMPLE,
            (struct maker_sample){
                .loop_start = LOOP_START, .loop_end = LOOP_START + LOOP, .rate = 44100, .key = FIXTURE_MIDDLE_C});
        free(frames);
    }
    font_preset(&font, 0, 0);
    font_zone(&font, 0, (const struct setting[]){{GENERATOR_SAMPLE_MODES, 1}, {0}});
    font_write(&font);
    struct instrument *instrument = NULL;
    const struct instrument_options options = {.soundfont = font.path, .dry = 1};
    assert_int_equal(sampler_new(&options, &instrument, NULL), STATUS_OK);
    font_done(&font);
    return instrument;
}

static void test_an_sf3_sample_plays_like_its_sf2_twin(void **state)
{
    (void)state;
    static float twin[COUNT];
    double power = 0;
    double difference = 0;
    for (int vorbis = 0; vorbis <= 1; vorbis++) {
        struct instrument *instrument = tone_sampler(vorbis != 0);
        instrument_note_on(instrument, 0, FIXTURE_MIDDLE_C, 127); // waits until it is decoded
        assert_int_equal(sampler_counts(instrument).missed, 0);
        const struct take *take = take_render(instrument, COUNT);
        for (size_t i = 0; i < COUNT; i++) {
            difference += vorbis ? pow((double)take->left[i] - twin[i], 2) : 0;
            power += vorbis ? 0 : pow((double)take->left[i], 2);
            twin[i] = take->left[i];
        }
        instrument_free(instrument);
    }
    assert_true(power > 0.01);
    assert_true(10 * log10(power / difference) > 35);
}

static void test_what_is_not_decoded_yet_is_left_out_and_counted(void **state)
{
    (void)state;
    struct font font = {0};
    maker_make_vorbis(&font.maker, 400000); // some time to decode
    char path[] = "/tmp/tutti-font-XXXXXX";
    const int file = mkstemp(path);
    assert_int_equal(write(file, font.maker.file.at, font.maker.file.size), (ssize_t)font.maker.file.size);
    assert_int_equal(close(file), 0);
    struct instrument *instrument = NULL;
    const struct instrument_options options = {.soundfont = path, .waits_never = 1, .dry = 1};
    assert_int_equal(sampler_new(&options, &instrument, NULL), STATUS_OK);
    uint64_t notes = 0;
    uint64_t heard = 0;
    // Each note is two voices: however long decoding takes, every one is heard or counted.
    for (; notes < 2000 && heard == 0; notes++) {
        const uint64_t missed = sampler_counts(instrument).missed;
        sampler_note_on(instrument, 0, FIXTURE_MIDDLE_C, 100);
        heard += 2 - (sampler_counts(instrument).missed - missed);
        (void)take_render(instrument, 64);
        (void)usleep(1000);
    }
    assert_true(heard > 0);
    assert_int_equal(sampler_counts(instrument).missed, 2 * notes - heard);
    instrument_free(instrument);
    assert_int_equal(unlink(path), 0);
    maker_done(&font.maker);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gain_is_linear_and_as_loud_as_fluidsynth),
        cmocka_unit_test(test_of_an_attenuation_four_tenths_count_or_all),
        cmocka_unit_test(test_velocity_counts_as_its_square),
        cmocka_unit_test(test_velocity_closes_the_filter_only_to_the_letter),
        cmocka_unit_test(test_panning_keeps_the_power),
        cmocka_unit_test(test_pan_beyond_a_side_is_that_side),
        cmocka_unit_test(test_a_note_finds_the_zones_of_its_key_and_velocity),
        cmocka_unit_test(test_a_zone_may_force_its_velocity),
        cmocka_unit_test(test_layers_of_a_note_are_what_each_is_alone),
        cmocka_unit_test(test_an_exclusive_class_is_one_note_at_a_time),
        cmocka_unit_test(test_exclusive_classes_stay_in_their_channel),
        cmocka_unit_test(test_24_bits_are_cleaner_than_16),
        cmocka_unit_test(test_an_sf3_sample_plays_like_its_sf2_twin),
        cmocka_unit_test(test_what_is_not_decoded_yet_is_left_out_and_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
