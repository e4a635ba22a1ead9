// SPDX-License-Identifier: GPL-3.0-or-later
#include "synth/limiter.h"

#include "core/random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { RATE = 48000, FRAMES = 2 * RATE };

static const double CEILING = 0.891; // -1 dBFS
static const double LOOKAHEAD_MS = 5;
static const double RELEASE_MS = 100;

static struct limiter *limiter;
static size_t delay;
static float in_left[FRAMES];
static float in_right[FRAMES];
static float left[FRAMES];
static float right[FRAMES];

static int start(void **state)
{
    (void)state;
    limiter = limiter_new(RATE, CEILING, LOOKAHEAD_MS, RELEASE_MS);
    delay = limiter_delay(limiter);
    memset(in_left, 0, sizeof in_left);
    memset(in_right, 0, sizeof in_right);
    return limiter ? 0 : -1;
}

static int stop(void **state)
{
    (void)state;
    limiter_free(limiter);
    return 0;
}

static void fill_sine(double amplitude, double hertz)
{
    for (size_t i = 0; i < FRAMES; i++) {
        in_left[i] = (float)(amplitude * sin(6.283185307179586 * hertz * (double)i / (double)RATE));
        in_right[i] = 0.5F * in_left[i];
    }
}

static void process(void)
{
    memcpy(left, in_left, sizeof left);
    memcpy(right, in_right, sizeof right);
    limiter_process(limiter, left, right, FRAMES);
}

static float greatest(const float *samples, size_t from, size_t to)
{
    float peak = 0;
    for (size_t i = from; i < to; i++) {
        assert_true(isfinite(samples[i]));
        peak = fmaxf(peak, fabsf(samples[i]));
    }
    return peak;
}

static bool is_late_copy(size_t from, size_t to)
{
    return memcmp(left + from, in_left + from - delay, (to - from) * sizeof *left) == 0 &&
           memcmp(right + from, in_right + from - delay, (to - from) * sizeof *right) == 0;
}

static void test_delay_is_the_lookahead(void **state)
{
    (void)state;
    assert_int_equal(delay, 240);
    in_left[0] = 0.5F;
    process();
    assert_true(left[240] == 0.5F);
    assert_true(greatest(left, 0, 240) == 0 && greatest(left, 241, FRAMES) == 0);
}

static void test_below_the_ceiling_nothing_changes(void **state)
{
    (void)state;
    struct random random;
    random_init(&random, 1, 0);
    for (size_t i = 0; i < FRAMES; i++) {
        in_left[i] = (float)((2 * random_unit(&random) - 1) * CEILING);
        in_right[i] = (float)((2 * random_unit(&random) - 1) * CEILING);
    }
    in_right[1000] = (float)CEILING;
    in_left[1001] = -(float)CEILING;
    process();
    assert_true(is_late_copy(delay, FRAMES));
}

static void test_sine_12_db_over_stays_under(void **state)
{
    (void)state;
    static const double hertz[] = {20, 440, 997, 12000, 23999};
    for (size_t i = 0; i < sizeof hertz / sizeof *hertz; i++) {
        fill_sine(CEILING * 3.981, hertz[i]);
        process();
        assert_true(greatest(left, 0, FRAMES) <= (float)CEILING);
        assert_true(greatest(right, 0, FRAMES) <= (float)CEILING);
        // It limits; it does not mute.
        assert_true(greatest(left, RATE, FRAMES) > 0.9F * (float)CEILING);
    }
}

static void test_noise_bursts_stay_under(void **state)
{
    (void)state;
    struct random random;
    random_init(&random, 2, 0);
    for (size_t i = 0; i < FRAMES; i++) {
        const double loud = random_below(&random, 50) == 0 ? 30 : 0.5;
        in_left[i] = (float)((2 * random_unit(&random) - 1) * loud);
        in_right[i] = (float)((2 * random_unit(&random) - 1) * loud);
    }
    process();
    assert_true(greatest(left, 0, FRAMES) <= (float)CEILING);
    assert_true(greatest(right, 0, FRAMES) <= (float)CEILING);
}

static void test_both_sides_get_one_gain(void **state)
{
    (void)state;
    fill_sine(4, 440);
    process();
    for (size_t i = 0; i < FRAMES; i++) {
        assert_true(fabsf(right[i] - 0.5F * left[i]) < 1e-6F);
    }
}

static void test_gain_falls_before_the_peak_and_in_small_steps(void **state)
{
    (void)state;
    enum { PEAK = 10000 };
    for (size_t i = 0; i < FRAMES; i++) {
        in_left[i] = 0.1F;
    }
    in_left[PEAK] = 4;
    process();
    const size_t out = PEAK + delay;
    assert_true(left[out] <= (float)CEILING && left[out] > 0.99F * (float)CEILING);
    assert_true(left[PEAK - 1] == 0.1F);
    for (size_t i = PEAK; i < FRAMES; i++) {
        if (i != out && i != out + 1) {
            // The way down takes the look-ahead: 0.1 * (1 - 0.22) in 240 steps.
            assert_true(fabsf(left[i] - left[i - 1]) < 0.0005F);
        }
    }
}

static void test_release_takes_its_time_and_ends(void **state)
{
    (void)state;
    enum { PEAK = 1000 };
    for (size_t i = 0; i < FRAMES; i++) {
        in_left[i] = 0.5F;
    }
    in_left[PEAK] = 4;
    process();
    const double least = CEILING / 4;
    const size_t out = PEAK + delay;
    const double after_one = left[out + delay + (size_t)(RELEASE_MS * (double)RATE / 1000)] / 0.5;
    const double back = (after_one - least) / (1 - least);
    assert_true(back > 0.55 && back < 0.70); // 1 - 1/e is 0.63
    // Once back it is exactly back.
    assert_true(is_late_copy(out + (size_t)RATE * 4 / 5, FRAMES));
}

static void test_what_is_no_number_becomes_silence(void **state)
{
    (void)state;
    for (size_t i = 0; i < FRAMES; i++) {
        in_left[i] = 0.25F;
        in_right[i] = -0.25F;
    }
    in_left[500] = NAN;
    in_right[600] = INFINITY;
    in_left[700] = -INFINITY;
    process();
    assert_true(left[500 + delay] == 0 && right[600 + delay] == 0 && left[700 + delay] == 0);
    assert_true(right[500 + delay] == -0.25F && left[600 + delay] == 0.25F);
    assert_true(left[701 + delay] == 0.25F && left[FRAMES - 1] == 0.25F);
}

static void test_greatest_float_does_not_break_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < FRAMES; i++) {
        in_left[i] = 0.25F;
    }
    in_left[500] = 3.4e38F;
    in_left[501] = -3.4e38F;
    process();
    assert_true(greatest(left, 0, FRAMES) <= (float)CEILING);
    assert_true(left[FRAMES - 1] == 0.25F);
}

static void test_block_sizes_do_not_matter(void **state)
{
    (void)state;
    static float other_left[FRAMES];
    static float other_right[FRAMES];
    fill_sine(3, 331);
    process();
    memcpy(other_left, in_left, sizeof left);
    memcpy(other_right, in_right, sizeof right);
    struct limiter *other = limiter_new(RATE, CEILING, LOOKAHEAD_MS, RELEASE_MS);
    size_t done = 0;
    for (size_t size = 0; done < FRAMES; size = (size + 37) % 1000) {
        const size_t part = size < FRAMES - done ? size : FRAMES - done;
        limiter_process(other, other_left + done, other_right + done, part);
        done += part;
    }
    limiter_free(other);
    assert_memory_equal(left, other_left, sizeof left);
    assert_memory_equal(right, other_right, sizeof right);
}

static void test_options_are_held_to_their_ranges(void **state)
{
    (void)state;
    struct limiter *shortest = limiter_new(RATE, CEILING, 0, RELEASE_MS);
    struct limiter *longest = limiter_new(RATE, CEILING, 1e9, RELEASE_MS);
    struct limiter *odd = limiter_new(NAN, NAN, NAN, NAN);
    assert_int_equal(limiter_delay(shortest), 48);
    assert_int_equal(limiter_delay(longest), 960);
    float sample[2] = {1, -1};
    limiter_process(odd, sample, sample + 1, 1);
    assert_true(limiter_delay(odd) >= 1 && isfinite(sample[0]));
    limiter_free(shortest);
    limiter_free(longest);
    limiter_free(odd);
    limiter_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_delay_is_the_lookahead, start, stop),
        cmocka_unit_test_setup_teardown(test_below_the_ceiling_nothing_changes, start, stop),
        cmocka_unit_test_setup_teardown(test_sine_12_db_over_stays_under, start, stop),
        cmocka_unit_test_setup_teardown(test_noise_bursts_stay_under, start, stop),
        cmocka_unit_test_setup_teardown(test_both_sides_get_one_gain, start, stop),
        cmocka_unit_test_setup_teardown(test_gain_falls_before_the_peak_and_in_small_steps, start, stop),
        cmocka_unit_test_setup_teardown(test_release_takes_its_time_and_ends, start, stop),
        cmocka_unit_test_setup_teardown(test_what_is_no_number_becomes_silence, start, stop),
        cmocka_unit_test_setup_teardown(test_greatest_float_does_not_break_it, start, stop),
        cmocka_unit_test_setup_teardown(test_block_sizes_do_not_matter, start, stop),
        cmocka_unit_test(test_options_are_held_to_their_ranges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
