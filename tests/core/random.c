// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { DRAWS = 100000 };

static void agrees_with_the_published_generator(void **state)
{
    (void)state;
    // The reference C code of xoshiro256** from the state 1, 2, 3, 4.
    static const uint64_t expected[] = {11520U,
                                        0U,
                                        1509978240U,
                                        1215971899390074240U,
                                        1216172134540287360U,
                                        607988272756665600U,
                                        16172922978634559625U,
                                        8476171486693032832U,
                                        10595114339597558777U,
                                        2904607092377533576U};
    struct random random = {{1, 2, 3, 4}};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        assert_true(random_bits(&random) == expected[i]);
    }
}

static void repeats_by_seed_and_differs_by_seed_and_stream(void **state)
{
    (void)state;
    struct random a;
    struct random b;
    struct random other_seed;
    struct random other_stream;
    random_init(&a, 7, 0);
    random_init(&b, 7, 0);
    random_init(&other_seed, 8, 0);
    random_init(&other_stream, 7, 1);
    for (int i = 0; i < 1000; i++) {
        const uint64_t bits = random_bits(&a);
        assert_true(bits == random_bits(&b));
        assert_true(bits != random_bits(&other_seed));
        assert_true(bits != random_bits(&other_stream));
    }
}

static void seed_zero_is_a_seed_like_any_other(void **state)
{
    (void)state;
    struct random random;
    random_init(&random, 0, 0);
    uint64_t seen = 0;
    for (int i = 0; i < 64; i++) {
        seen |= random_bits(&random);
    }
    assert_true(seen == UINT64_MAX);
}

static void below_is_uniform(void **state)
{
    (void)state;
    static const uint32_t bounds[] = {1, 2, 3, 7, 12, 100};
    struct random random;
    random_init(&random, 1, 2);
    for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++) {
        const uint32_t bound = bounds[i];
        double counts[100] = {0};
        for (int n = 0; n < DRAWS; n++) {
            const uint32_t value = random_below(&random, bound);
            assert_true(value < bound);
            counts[value]++;
        }
        const double expected = (double)DRAWS / bound;
        double chi_square = 0;
        for (uint32_t value = 0; value < bound; value++) {
            chi_square += (counts[value] - expected) * (counts[value] - expected) / expected;
        }
        // Mean bound - 1, deviation sqrt(2 (bound - 1)): this is more than five deviations out for every bound.
        assert_true(chi_square < (bound - 1) * 2.0 + 30.0);
    }
}

static void below_has_no_bias_at_a_bound_that_does_not_divide(void **state)
{
    (void)state;
    // Of 2^32 values onto 3 * 2^30, a plain multiply would hit every third twice as often as the others.
    struct random random;
    random_init(&random, 5, 0);
    int hits = 0;
    for (int i = 0; i < DRAWS; i++) {
        hits += random_below(&random, 3U << 30) % 3 == 0;
    }
    assert_in_range(hits, DRAWS / 3 - 1000, DRAWS / 3 + 1000);
}

static void unit_covers_the_half_open_interval(void **state)
{
    (void)state;
    struct random random;
    random_init(&random, 3, 0);
    double sum = 0;
    double low = 1;
    double high = 0;
    for (int i = 0; i < DRAWS; i++) {
        const double value = random_unit(&random);
        assert_true(value >= 0 && value < 1);
        sum += value;
        low = value < low ? value : low;
        high = value > high ? value : high;
    }
    assert_true(low < 0.001 && high > 0.999);
    const double mean = sum / (double)DRAWS;
    assert_true(mean > 0.495 && mean < 0.505);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_published_generator),
        cmocka_unit_test(repeats_by_seed_and_differs_by_seed_and_stream),
        cmocka_unit_test(seed_zero_is_a_seed_like_any_other),
        cmocka_unit_test(below_is_uniform),
        cmocka_unit_test(below_has_no_bias_at_a_bound_that_does_not_divide),
        cmocka_unit_test(unit_covers_the_half_open_interval),
    };
    return cmocka_run_group_tests_name("random", tests, NULL, NULL);
}
