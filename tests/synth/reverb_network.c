// SPDX-License-Identifier: GPL-3.0-or-later
// The promises of synth/reverb.h, measured on what comes back for an impulse, noise and what no send should be.
#include "synth/reverb.h"

#include "effect.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>

#include <cmocka.h>

static const double TURN = 6.283185307179586;
static const struct reverb_settings HALL = {.decay_s = 2, .damping = 0.5, .predelay_ms = 5, .width = 1, .level = 1};

static const struct kernel *kernel;
static struct reverb *reverb;
static struct sides heard;

static void step(void *state, const float *in, float *left, float *right)
{
    kernel->reverb(state, in, left, right);
}

static int stop(void **state)
{
    (void)state;
    free(reverb);
    reverb = NULL;
    return 0;
}

static struct reverb *new_reverb(double rate, struct reverb_settings settings)
{
    struct reverb *made = aligned_alloc(64, reverb_footprint(rate));
    assert_non_null(made);
    assert_true(reverb_footprint(rate) % 64 == 0);
    memset(made, 0x55, reverb_footprint(rate));
    reverb_init(made, rate, &settings);
    return made;
}

static void start(double rate, struct reverb_settings settings)
{
    free(reverb);
    kernel = kernel_choose();
    reverb = new_reverb(rate, settings);
}

static void feed(const float *in, size_t frames)
{
    effect_run(step, reverb, in, frames, &heard);
}

static void feed_impulse(float height, size_t frames)
{
    effect_impulse(step, reverb, height, frames, &heard);
}

static void check_decay(double rate, double decay_s, double damping)
{
    start(rate, (struct reverb_settings){.decay_s = decay_s, .damping = damping, .width = 1, .level = 1});
    feed_impulse(1, effect_blocks(rate * (decay_s + 0.4)));
    const double middle = decay_time(heard.left, heard.frames, rate, 1000);
    const double high = decay_time(heard.left, heard.frames, rate, 6000);
    print_message("%.0f Hz: %.2f s at 1 kHz for %.2f, %.2f s at 6 kHz for %.2f\n", rate, middle, decay_s, high,
                  decay_s * damping);
    assert_true(fabs(middle / decay_s - 1) < 0.1);
    assert_true(fabs(high / (decay_s * damping) - 1) < 0.1);
}

static void test_decay_is_what_was_asked(void **state)
{
    (void)state;
    static const double rates[] = {44100, 48000, 96000, 192000};
    for (size_t i = 0; i < 4; i++) {
        check_decay(rates[i], 0.6, 0.7);
        check_decay(rates[i], 2, 0.5);
        check_decay(rates[i], 3, 0.4);
    }
    check_decay(48000, 6, 0.8);
}

/// The power of the return over that of noise up to 20 kHz, in decibels.
static double noise_level(double rate, struct reverb_settings settings)
{
    start(rate, settings);
    const size_t settle = effect_blocks(rate * settings.decay_s);
    const size_t frames = settle + effect_blocks(rate * 2);
    float *in = calloc(frames, sizeof *in);
    fill_noise(in, frames, rate, 1);
    feed(in, frames);
    const double sent = mean_power(in + settle, frames - settle);
    free(in);
    return 10 * log10((mean_power(heard.left + settle, frames - settle) +
                       mean_power(heard.right + settle, frames - settle)) /
                      2 / sent);
}

static void test_level_1_returns_the_power_of_the_send(void **state)
{
    (void)state;
    static const double rates[] = {44100, 48000, 96000, 192000};
    static const double decays[] = {0.2, 1, 4};
    for (size_t i = 0; i < 4; i++) {
        for (size_t j = 0; j < 3; j++) {
            for (int tenths = 2; tenths <= 10; tenths += 4) {
                struct reverb_settings settings = HALL;
                settings.decay_s = decays[j];
                settings.damping = tenths / 10.0;
                assert_true(fabs(noise_level(rates[i], settings)) < 1);
            }
        }
    }
}

static void test_level_and_width_scale_the_return(void **state)
{
    (void)state;
    struct reverb_settings settings = HALL;
    const double wide = noise_level(48000, settings);
    settings.width = 0;
    const double mono = noise_level(48000, settings);
    assert_true(correlation(heard.left, heard.right, heard.frames) > 0.999999);
    assert_true(fabs(mono - wide) < 0.5);
    settings.level = 0.5;
    assert_true(fabs(noise_level(48000, settings) - mono + 6.02) < 0.01);
}

static void test_tail_is_dense_wide_and_does_not_ring(void **state)
{
    (void)state;
    enum { RATE = 48000, FROM = 192 * KERNEL_BLOCK, FRAMES = RATE };
    struct reverb_settings settings = HALL;
    settings.damping = 1;
    start(RATE, settings);
    feed_impulse(1, FROM + FRAMES);
    // Without its decay, the tail should be like noise.
    for (size_t i = 0; i < heard.frames; i++) {
        const float grow = (float)pow(10, 3 * (double)i / (RATE * settings.decay_s));
        heard.left[i] *= grow;
        heard.right[i] *= grow;
    }
    const double kurtosis = sample_kurtosis(heard.left + FROM, FRAMES);
    const double related = correlation(heard.left + FROM, heard.right + FROM, FRAMES);
    // The power of the lines of a noise's spectrum is distributed so that the mean of its square is twice the square of
    // its mean; without modulation, the modes of this network stand out to more than 6 times.
    const double peaks = spectrum_peakedness(heard.left + FROM, FRAMES, 400.0 / RATE, 1600.0 / RATE);
    print_message("kurtosis %.2f, correlation %.2f, peaks %.2f\n", kurtosis, related, peaks);
    assert_true(kurtosis > 2.5 && kurtosis < 4);
    assert_true(fabs(related) < 0.3);
    assert_true(peaks < 3.5);
}

static void test_a_sine_comes_back_without_noise(void **state)
{
    (void)state;
    enum { RATE = 48000, FRAMES = 4 * RATE };
    float *in = calloc(FRAMES, sizeof *in);
    start(RATE, HALL);
    for (size_t i = 0; i < FRAMES; i++) {
        in[i] = (float)sin(TURN * 1000 * (double)i / RATE);
    }
    feed(in, FRAMES);
    free(in);
    const float *late = heard.left + FRAMES / 2;
    const double near = spectrum_power(late, FRAMES / 2, 990.0 / RATE, 1010.0 / RATE);
    assert_true(spectrum_power(late, FRAMES / 2, 1100.0 / RATE, 8000.0 / RATE) < 1e-7 * near);
}

static void test_dc_does_not_build_up(void **state)
{
    (void)state;
    enum { FRAMES = 48000 };
    float *in = calloc(FRAMES, sizeof *in);
    for (size_t i = 0; i < FRAMES; i++) {
        in[i] = 0.5F;
    }
    struct reverb_settings settings = HALL;
    settings.decay_s = 0.5;
    start(48000, settings);
    feed(in, FRAMES);
    free(in);
    assert_true(peak(heard.left + FRAMES - 4800, 4800) < 1e-3F);
}

static bool is_clear(void)
{
    for (int32_t i = 0; i < reverb->size; i++) {
        if (reverb->lines[i] != 0) {
            return false;
        }
    }
    return true;
}

static void test_silence_sleeps_and_a_send_wakes(void **state)
{
    (void)state;
    enum { FRAMES = 48000 };
    float noise[KERNEL_BLOCK];
    struct reverb_settings settings = HALL;
    settings.decay_s = 0.5;
    start(48000, settings);
    feed_impulse(0, FRAMES);
    assert_true(peak(heard.left, FRAMES) == 0 && is_clear());
    feed_impulse(1, 2 * FRAMES);
    assert_true(peak(heard.left, FRAMES) > 0.001F);
    assert_true(peak(heard.left + 2 * FRAMES - 4800, 4800) == 0 && peak(heard.right + 2 * FRAMES - 4800, 4800) == 0);
    assert_true(is_clear() && reverb->front_awake == 0 && reverb->tank_awake == 0);
    // What is as good as silent does not wake it.
    fill_noise(noise, KERNEL_BLOCK, 48000, 1e-8F);
    feed(noise, KERNEL_BLOCK);
    assert_true(is_clear());
    feed_impulse(1, FRAMES);
    assert_true(peak(heard.left, FRAMES) > 0.001F);
}

static void test_what_is_no_number_does_not_stay(void **state)
{
    (void)state;
    static const float bad[] = {NAN, INFINITY, -INFINITY, 3e38F};
    enum { FRAMES = 2400 * KERNEL_BLOCK };
    float *in = calloc(FRAMES, sizeof *in);
    struct reverb_settings settings = HALL;
    settings.decay_s = 0.3;
    start(48000, settings);
    for (size_t i = 0; i < 4; i++) {
        fill_noise(in, FRAMES / 2, 48000, 1);
        memset(in + FRAMES / 2, 0, FRAMES / 2 * sizeof *in);
        in[1000] = bad[i];
        feed(in, FRAMES);
        assert_true(isfinite(peak(heard.left, FRAMES)) && isfinite(peak(heard.right, FRAMES)));
        assert_true(peak(heard.left, FRAMES / 2) > 0.1F && peak(heard.left, FRAMES / 2) < 10);
        assert_true(is_clear());
    }
    free(in);
}

static void test_a_copy_goes_on_bit_for_bit(void **state)
{
    (void)state;
    enum { FRAMES = 375 * KERNEL_BLOCK };
    float *in = calloc(FRAMES, sizeof *in);
    fill_noise(in, FRAMES, 48000, 1);
    start(48000, HALL);
    feed(in, FRAMES);
    struct reverb *copy = aligned_alloc(64, reverb_footprint(48000));
    memcpy(copy, reverb, reverb_footprint(48000));
    struct sides other = {0};
    effect_run(step, copy, in, FRAMES, &other);
    feed(in, FRAMES);
    assert_memory_equal(heard.left, other.left, FRAMES * sizeof *other.left);
    assert_memory_equal(heard.right, other.right, FRAMES * sizeof *other.right);
    assert_memory_equal(reverb, copy, reverb_footprint(48000));
    sides_free(&other);
    free(copy);
    free(in);
}

static void test_kernels_agree(void **state)
{
    (void)state;
    static const char *const names[] = {"avx2", "avx512"};
    enum { FRAMES = 1500 * KERNEL_BLOCK };
    float *in = calloc(FRAMES, sizeof *in);
    fill_noise(in, FRAMES, 48000, 1);
    struct sides plain = {0};
    start(48000, HALL);
    kernel = kernel_find("plain");
    effect_run(step, reverb, in, FRAMES, &plain);
    for (size_t i = 0; i < 2; i++) {
        start(48000, HALL);
        kernel = kernel_find(names[i]);
        if (kernel) {
            feed(in, FRAMES);
            const double difference = sides_difference(&heard, &plain);
            print_message("%s: %.1e from plain\n", names[i], difference);
            assert_true(difference < 1e-4);
        }
    }
    sides_free(&plain);
    free(in);
}

static void test_settings_are_held_to_their_ranges(void **state)
{
    (void)state;
    static const double values[] = {NAN, INFINITY, -INFINITY, -1, 0, 1e300};
    for (size_t i = 0; i < 6; i++) {
        const double x = values[i];
        start(48000, (struct reverb_settings){x, x, x, x, 1});
        feed_impulse(1, 48000);
        assert_true(isfinite(peak(heard.left, 48000)) && peak(heard.left, 48000) < 4);
        struct reverb *odd = new_reverb(x, HALL);
        free(odd);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_decay_is_what_was_asked, stop),
        cmocka_unit_test_teardown(test_level_1_returns_the_power_of_the_send, stop),
        cmocka_unit_test_teardown(test_level_and_width_scale_the_return, stop),
        cmocka_unit_test_teardown(test_tail_is_dense_wide_and_does_not_ring, stop),
        cmocka_unit_test_teardown(test_a_sine_comes_back_without_noise, stop),
        cmocka_unit_test_teardown(test_dc_does_not_build_up, stop),
        cmocka_unit_test_teardown(test_silence_sleeps_and_a_send_wakes, stop),
        cmocka_unit_test_teardown(test_what_is_no_number_does_not_stay, stop),
        cmocka_unit_test_teardown(test_a_copy_goes_on_bit_for_bit, stop),
        cmocka_unit_test_teardown(test_kernels_agree, stop),
        cmocka_unit_test_teardown(test_settings_are_held_to_their_ranges, stop),
    };
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    sides_free(&heard);
    return failed;
}
