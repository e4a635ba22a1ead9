// SPDX-License-Identifier: GPL-3.0-or-later
#include "hear/loudness.h"

#include "core/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ebur128.h>
#include <glob.h>
#include <math.h>
#include <sndfile.h>
#include <stdlib.h>

static struct loudness *make(double rate, uint32_t channels, bool surround)
{
    struct loudness *loudness =
        loudness_new(&(struct loudness_options){.rate = rate, .channels = channels, .surround = surround});
    assert_non_null(loudness);
    return loudness;
}

// A sine on each of the channels, its peak at `dbfs`.
static float *sine(double rate, uint32_t channels, size_t count, double frequency, double dbfs)
{
    float *sound = calloc(count * channels, sizeof *sound);
    assert_non_null(sound);
    for (size_t i = 0; i < count * channels; i++) {
        sound[i] =
            (float)(pow(10.0, dbfs / 20.0) * sin(2.0 * M_PI * frequency * (double)(i / channels) / rate)); // NOLINT
    }
    return sound;
}

static void assert_near(double value, double truth, double tolerance)
{
    if (!(fabs(value - truth) <= tolerance)) {
        fail_msg("%f is not within %f of %f", value, tolerance, truth);
    }
}

// EBU Tech 3341, cases 1 and 2: a stereo sine of 1 kHz reads its own level; and BS.1770: 997 Hz at full scale on one
// channel reads -3.01 LUFS; at all rates.
static void reads_what_the_standard_says(void **state)
{
    (void)state;
    static const double rates[] = {8000.0, 11025.0, 22050.0, 44100.0, 48000.0, 96000.0, 192000.0};
    for (size_t r = 0; r < sizeof rates / sizeof *rates; r++) {
        const size_t count = (size_t)(4.0 * rates[r]);
        for (uint32_t channels = 1; channels <= 2; channels++) {
            float *sound = sine(rates[r], channels, count, 997.0, -20.0);
            struct loudness *loudness = make(rates[r], channels, false);
            loudness_push(loudness, sound, count);
            const double truth = channels == 1 ? -23.01 : -20.0;
            // The bilinear transform bends the shelf where half of the rate is near.
            const double tolerance = rates[r] < 40000.0 ? 0.2 : 0.03;
            assert_near(loudness_momentary(loudness), truth, tolerance);
            assert_near(loudness_short_term(loudness), truth, tolerance);
            assert_near(loudness_integrated(loudness), truth, tolerance);
            loudness_free(loudness);
            free(sound);
        }
    }
}

// EBU Tech 3341, case 3: 10 s at -36, 60 s at -23 and 10 s at -36 LUFS read -23, because of the lower gate. A tenth as
// long here.
static void gates_what_is_quiet(void **state)
{
    (void)state;
    struct loudness *loudness = make(48000.0, 2, false);
    static const double levels[] = {-36.0, -23.0, -36.0, -80.0};
    static const size_t seconds[] = {2, 12, 2, 4};
    for (size_t i = 0; i < 4; i++) {
        float *sound = sine(48000.0, 2, seconds[i] * 48000, 1000.0, levels[i]);
        loudness_push(loudness, sound, seconds[i] * 48000);
        free(sound);
    }
    assert_near(loudness_integrated(loudness), -23.0, 0.1);
    assert_near(loudness_short_term(loudness), -80.0, 0.1);
    loudness_free(loudness);
}

static void weighs_the_surrounds(void **state)
{
    (void)state;
    for (uint32_t channels = 4; channels <= 6; channels++) {
        ebur128_state *peer = ebur128_init(channels, 48000, EBUR128_MODE_I);
        assert_non_null(peer);
        struct loudness *loudness = make(48000.0, channels, true);
        struct loudness *flat = make(48000.0, channels, false);
        float *sound = sine(48000.0, channels, 96000, 500.0, -20.0);
        for (size_t i = 0; i < (size_t)96000 * channels; i++) {
            sound[i] *= (float)(i % channels + 1) / 6.0F;
        }
        loudness_push(loudness, sound, 96000);
        loudness_push(flat, sound, 96000);
        assert_int_equal(ebur128_add_frames_float(peer, sound, 96000), EBUR128_SUCCESS);
        double truth = 0.0;
        assert_int_equal(ebur128_loudness_global(peer, &truth), EBUR128_SUCCESS);
        assert_near(loudness_integrated(loudness), truth, 0.01);
        assert_true(fabs(loudness_integrated(flat) - truth) > 0.2);
        free(sound);
        loudness_free(flat);
        loudness_free(loudness);
        ebur128_destroy(&peer);
    }
}

// Music of chance: noise whose level leaps each 170 ms.
static void agrees_with_its_peer_on_noise(void **state)
{
    (void)state;
    static const uint32_t rates[] = {44100, 48000, 96000};
    for (size_t r = 0; r < 3; r++) {
        const uint32_t rate = rates[r];
        const size_t count = (size_t)rate * 6;
        float *sound = calloc(count * 2, sizeof *sound);
        assert_non_null(sound);
        struct random random;
        random_init(&random, 7, r);
        double gain = 0.0;
        for (size_t i = 0; i < count * 2; i++) {
            if (i % (rate * 34 / 100) == 0) {
                gain = pow(10.0, -3.0 * random_unit(&random));
            }
            sound[i] = (float)(gain * (2.0 * random_unit(&random) - 1.0));
        }
        ebur128_state *peer = ebur128_init(2, rate, EBUR128_MODE_I | EBUR128_MODE_S);
        struct loudness *loudness = make(rate, 2, false);
        for (size_t i = 0; i < count; i += rate / 10) {
            loudness_push(loudness, sound + 2 * i, rate / 10);
            assert_int_equal(ebur128_add_frames_float(peer, sound + 2 * i, rate / 10), EBUR128_SUCCESS);
            double truth = 0.0;
            if (i >= rate * 3) {
                assert_int_equal(ebur128_loudness_momentary(peer, &truth), EBUR128_SUCCESS);
                assert_near(loudness_momentary(loudness), truth, 0.01);
                assert_int_equal(ebur128_loudness_shortterm(peer, &truth), EBUR128_SUCCESS);
                assert_near(loudness_short_term(loudness), truth, 0.01);
            }
        }
        double truth = 0.0;
        assert_int_equal(ebur128_loudness_global(peer, &truth), EBUR128_SUCCESS);
        assert_near(loudness_integrated(loudness), truth, 0.05);
        loudness_free(loudness);
        ebur128_destroy(&peer);
        free(sound);
    }
}

static void compare(const char *path)
{
    SF_INFO info = {0};
    SNDFILE *file = sf_open(path, SFM_READ, &info);
    assert_non_null(file);
    float *sound = calloc((size_t)info.frames * (size_t)info.channels, sizeof *sound);
    assert_non_null(sound);
    const size_t count = (size_t)sf_readf_float(file, sound, info.frames);
    assert_int_equal(sf_close(file), 0);
    ebur128_state *peer = ebur128_init((unsigned)info.channels, (unsigned long)info.samplerate, EBUR128_MODE_I);
    struct loudness *loudness = make(info.samplerate, (uint32_t)info.channels, true);
    loudness_push(loudness, sound, count);
    assert_int_equal(ebur128_add_frames_float(peer, sound, count), EBUR128_SUCCESS);
    double truth = 0.0;
    assert_int_equal(ebur128_loudness_global(peer, &truth), EBUR128_SUCCESS);
    assert_near(loudness_integrated(loudness), truth, 0.1);
    loudness_free(loudness);
    ebur128_destroy(&peer);
    free(sound);
}

static void agrees_with_its_peer_on_recordings(void **state)
{
    (void)state;
    glob_t found;
    if (glob("../shared/data/listen/mdbdrums/*/raw*.flac", 0, NULL, &found) != 0) {
        skip();
    }
    for (size_t i = 0; i < found.gl_pathc && i < 10; i++) {
        compare(found.gl_pathv[i]);
    }
    globfree(&found);
}

static void bears_silence_and_what_is_too_loud(void **state)
{
    (void)state;
    struct loudness *loudness = make(48000.0, 1, false);
    static float sound[96000];
    assert_true(loudness_momentary(loudness) == LOUDNESS_SILENCE);
    loudness_push(loudness, sound, 96000);
    assert_true(loudness_momentary(loudness) == LOUDNESS_SILENCE);
    assert_true(loudness_integrated(loudness) == LOUDNESS_SILENCE);
    sound[1] = 64.0F;
    sound[2] = -64.0F;
    loudness_push(loudness, sound, 96000);
    assert_true(isfinite(loudness_short_term(loudness)) && loudness_short_term(loudness) < 20.0);
    for (size_t i = 0; i < 96000; i++) {
        sound[i] = 1.0F;
    }
    loudness_push(loudness, sound, 96000);
    assert_true(loudness_momentary(loudness) < -70.0); // of DC the high-pass leaves nothing
    loudness_free(loudness);
}

static void does_not_care_how_the_sound_is_cut(void **state)
{
    (void)state;
    float *sound = sine(44100.0, 1, 66150, 300.0, -6.0);
    struct loudness *whole = make(44100.0, 1, false);
    struct loudness *cut = make(44100.0, 1, false);
    loudness_push(whole, sound, 66150);
    for (size_t i = 0; i < 66150; i += 7) {
        loudness_push(cut, sound + i, 7);
    }
    assert_true(loudness_momentary(whole) == loudness_momentary(cut));
    assert_true(loudness_integrated(whole) == loudness_integrated(cut));
    loudness_free(whole);
    loudness_free(cut);
    free(sound);
}

static void refuses_what_it_cannot_do(void **state)
{
    (void)state;
    assert_null(loudness_new(&(struct loudness_options){.rate = 48000.0, .channels = 0}));
    assert_null(loudness_new(&(struct loudness_options){.rate = 48000.0, .channels = 9}));
    assert_null(loudness_new(&(struct loudness_options){.rate = 7999.0, .channels = 1}));
    assert_null(loudness_new(&(struct loudness_options){.rate = 192001.0, .channels = 1}));
    loudness_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_the_standard_says),
        cmocka_unit_test(gates_what_is_quiet),
        cmocka_unit_test(weighs_the_surrounds),
        cmocka_unit_test(agrees_with_its_peer_on_noise),
        cmocka_unit_test(agrees_with_its_peer_on_recordings),
        cmocka_unit_test(bears_silence_and_what_is_too_loud),
        cmocka_unit_test(does_not_care_how_the_sound_is_cut),
        cmocka_unit_test(refuses_what_it_cannot_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
