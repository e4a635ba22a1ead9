// SPDX-License-Identifier: GPL-3.0-or-later
// The promises of synth/chorus.h.
#include "synth/chorus.h"

#include "effect.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>

#include <cmocka.h>

static const double TURN = 6.283185307179586;
static const double RATES[] = {44100, 48000, 96000, 192000};
static const struct chorus_settings USUAL = {.rate_hz = 0.5, .depth_ms = 2, .level = 1, .width = 1};

static const struct kernel *kernel;
static struct chorus *chorus;
static struct sides heard;

static void step(void *state, const float *in, float *left, float *right)
{
    kernel->chorus(state, in, left, right);
}

static int stop(void **state)
{
    (void)state;
    free(chorus);
    chorus = NULL;
    return 0;
}

static void start(double rate, struct chorus_settings settings)
{
    free(chorus);
    kernel = kernel_choose();
    chorus = aligned_alloc(64, chorus_footprint(rate));
    assert_non_null(chorus);
    assert_true(chorus_footprint(rate) % 64 == 0);
    memset(chorus, 0x55, chorus_footprint(rate));
    chorus_init(chorus, rate, &settings);
}

static void feed(const float *in, size_t frames)
{
    effect_run(step, chorus, in, frames, &heard);
}

static void feed_impulse(float height, size_t frames)
{
    effect_impulse(step, chorus, height, frames, &heard);
}

static void feed_noise(double rate, float amplitude, size_t frames)
{
    float *in = calloc(frames, sizeof *in);
    fill_noise(in, frames, rate, amplitude);
    feed(in, frames);
    free(in);
}

static void feed_sine(double rate, double hertz, size_t frames)
{
    float *in = calloc(frames, sizeof *in);
    for (size_t i = 0; i < frames; i++) {
        in[i] = (float)sin(TURN * hertz * (double)i / rate);
    }
    feed(in, frames);
    free(in);
}

/// The delay in ms of the left's first echo of an impulse at \p from, by its centre of energy.
static double first_delay(double rate, size_t from)
{
    double sum = 0;
    double weight = 0;
    for (size_t i = (size_t)(0.007 * rate); i < (size_t)(0.0135 * rate); i++) {
        const double power = pow((double)heard.left[from + i], 2);
        sum += power * (double)i;
        weight += power;
    }
    return 1000 * sum / weight / rate;
}

static void check_swing(double rate, double rate_hz, double depth_ms)
{
    struct chorus_settings settings = USUAL;
    settings.rate_hz = rate_hz;
    settings.depth_ms = depth_ms;
    start(rate, settings);
    // Often enough that it does not fall asleep between them.
    const size_t every = effect_blocks(0.025 * rate);
    const size_t count = (size_t)(4 / rate_hz / 0.025);
    float *in = calloc(every * count, sizeof *in);
    for (size_t i = 0; i < count; i++) {
        in[i * every] = 1;
    }
    feed(in, every * count);
    free(in);
    double low = INFINITY;
    double high = 0;
    double first_rise = -1;
    double last_rise = -1;
    int rises = 0;
    double before = 0;
    for (size_t i = 0; i < count; i++) {
        const double delay = first_delay(rate, i * every) - 10.3;
        low = fmin(low, delay);
        high = fmax(high, delay);
        if (i > 0 && before < 0 && delay >= 0) {
            last_rise = ((double)i - delay / (delay - before)) * (double)every / rate;
            first_rise = rises++ == 0 ? last_rise : first_rise;
        }
        before = delay;
    }
    const double measured = (rises - 1) / (last_rise - first_rise);
    print_message("%.0f Hz: %.3f Hz, %.2f to %.2f ms\n", rate, measured, low, high);
    assert_true(fabs(measured / rate_hz - 1) < 0.02);
    assert_true(fabs(high - depth_ms) < 0.05 * depth_ms + 0.02 && fabs(low + depth_ms) < 0.05 * depth_ms + 0.02);
}

static void test_swing_is_what_was_asked(void **state)
{
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        check_swing(RATES[i], 0.5, 2);
    }
    check_swing(48000, 1, 1);
    check_swing(48000, 0.25, 2.5);
}

static void test_level_1_returns_the_power_of_the_send(void **state)
{
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        for (int halves = 0; halves <= 2; halves++) {
            struct chorus_settings settings = USUAL;
            settings.width = halves / 2.0;
            start(RATES[i], settings);
            const size_t frames = effect_blocks(RATES[i] * 4);
            float *in = calloc(frames, sizeof *in);
            fill_noise(in, frames, RATES[i], 1);
            feed(in, frames);
            const double sent = mean_power(in, frames);
            free(in);
            const double back = (mean_power(heard.left, frames) + mean_power(heard.right, frames)) / 2;
            assert_true(fabs(10 * log10(back / sent)) < 1);
        }
    }
}

static void test_sides_are_unrelated_and_sum_to_mono(void **state)
{
    (void)state;
    const size_t frames = effect_blocks(192000);
    start(48000, USUAL);
    feed_noise(48000, 1, frames);
    assert_true(fabs(correlation(heard.left, heard.right, frames)) < 0.1);
    const double apart = mean_power(heard.left, frames) + mean_power(heard.right, frames);
    for (size_t i = 0; i < frames; i++) {
        heard.left[i] += heard.right[i];
    }
    assert_true(10 * log10(mean_power(heard.left, frames) / apart) > -1);
    struct chorus_settings settings = USUAL;
    settings.width = 0;
    start(48000, settings);
    feed_noise(48000, 1, frames);
    assert_true(correlation(heard.left, heard.right, frames) > 0.999999);
}

static void test_a_sine_comes_back_without_clicks(void **state)
{
    (void)state;
    static const struct chorus_settings swings[] = {{0.5, 2, 1, 1}, {0.1, 8, 1, 1}, {3, 2, 1, 1}, {10, 8, 1, 1}};
    const size_t frames = effect_blocks(96000);
    for (size_t i = 0; i < 4; i++) {
        start(48000, swings[i]);
        feed_sine(48000, 1000, frames);
        // Once the delays are full, a second difference is at most that of two sines bent sharp by 3%.
        const double step_max = 2 * 0.75 * pow(TURN * 1030 / 48000, 2);
        for (size_t j = 2000; j < frames; j++) {
            const double bend = (double)(heard.left[j] - 2 * heard.left[j - 1] + heard.left[j - 2]);
            assert_true(fabs(bend) < step_max);
        }
    }
    start(48000, USUAL);
    feed_sine(48000, 1000, frames);
    const float *late = heard.left + frames / 2;
    const double near = spectrum_power(late, frames / 2, 980.0 / 48000, 1020.0 / 48000);
    assert_true(spectrum_power(late, frames / 2, 1100.0 / 48000, 8000.0 / 48000) < 1e-8 * near);
}

static bool is_clear(void)
{
    for (int32_t i = 0; i < chorus->size; i++) {
        if (chorus->lines[i] != 0) {
            return false;
        }
    }
    return true;
}

static void test_silence_sleeps_and_a_send_wakes(void **state)
{
    (void)state;
    enum { FRAMES = 9600 };
    start(48000, USUAL);
    feed_impulse(0, FRAMES);
    assert_true(peak(heard.left, FRAMES) == 0);
    feed_impulse(1, FRAMES);
    assert_true(peak(heard.left, FRAMES) > 0.1F && peak(heard.right, FRAMES) > 0.1F);
    assert_true(peak(heard.left + FRAMES / 2, FRAMES / 2) == 0 && chorus->awake == 0 && is_clear());
    feed_noise(48000, 1e-8F, FRAMES);
    assert_true(peak(heard.left, FRAMES) == 0 && is_clear());
    feed_impulse(1, FRAMES);
    assert_true(peak(heard.left, FRAMES) > 0.1F);
}

static void test_what_is_no_number_does_not_stay(void **state)
{
    (void)state;
    static const float bad[] = {NAN, INFINITY, -INFINITY, 3e38F};
    enum { FRAMES = 9600 };
    start(48000, USUAL);
    for (size_t i = 0; i < 4; i++) {
        feed_noise(48000, 1, FRAMES);
        feed_impulse(bad[i], FRAMES);
        assert_true(isfinite(peak(heard.left, FRAMES)) && isfinite(peak(heard.right, FRAMES)) && is_clear());
    }
}

static void test_a_copy_goes_on_bit_for_bit(void **state)
{
    (void)state;
    const size_t frames = effect_blocks(24000);
    start(48000, USUAL);
    feed_noise(48000, 1, frames);
    struct chorus *copy = aligned_alloc(64, chorus_footprint(48000));
    memcpy(copy, chorus, chorus_footprint(48000));
    feed_noise(48000, 1, frames);
    struct sides first = heard;
    heard = (struct sides){0};
    struct chorus *original = chorus;
    chorus = copy;
    feed_noise(48000, 1, frames);
    assert_memory_equal(heard.left, first.left, frames * sizeof *first.left);
    assert_memory_equal(heard.right, first.right, frames * sizeof *first.right);
    assert_memory_equal(original, copy, chorus_footprint(48000));
    sides_free(&first);
    free(original);
}

static void test_kernels_agree(void **state)
{
    (void)state;
    static const char *const names[] = {"avx2", "avx512"};
    const size_t frames = effect_blocks(96000);
    start(48000, USUAL);
    kernel = kernel_find("plain");
    feed_noise(48000, 1, frames);
    struct sides plain = heard;
    heard = (struct sides){0};
    for (size_t i = 0; i < 2; i++) {
        start(48000, USUAL);
        kernel = kernel_find(names[i]);
        if (kernel) {
            feed_noise(48000, 1, frames);
            const double difference = sides_difference(&heard, &plain);
            print_message("%s: %.1e from plain\n", names[i], difference);
            assert_true(difference < 1e-4);
        }
    }
    sides_free(&plain);
}

static void test_settings_are_held_to_their_ranges(void **state)
{
    (void)state;
    static const double values[] = {NAN, INFINITY, -INFINITY, -1, 0, 1e300};
    for (size_t i = 0; i < 6; i++) {
        const double x = values[i];
        start(48000, (struct chorus_settings){x, x, 1, x});
        feed_noise(48000, 1, 4800);
        assert_true(peak(heard.left, 4800) > 0.1F && peak(heard.left, 4800) < 4);
        start(x, USUAL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_swing_is_what_was_asked, stop),
        cmocka_unit_test_teardown(test_level_1_returns_the_power_of_the_send, stop),
        cmocka_unit_test_teardown(test_sides_are_unrelated_and_sum_to_mono, stop),
        cmocka_unit_test_teardown(test_a_sine_comes_back_without_clicks, stop),
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
