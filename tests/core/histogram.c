// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/histogram.h"

#include "core/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>

enum { VALUES = 20000, THREADS = 4, PER_THREAD = 20000 };

static int compare(const void *a, const void *b)
{
    const uint64_t left = *(const uint64_t *)a;
    const uint64_t right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

static void assert_near(double measured, uint64_t exact)
{
    const double tolerance = (double)exact * 0.032;
    if (fabs(measured - (double)exact) > tolerance) {
        fail_msg("%f is not within 3.2%% of %f", measured, (double)exact);
    }
}

static void is_empty_from_zeroed_memory(void **state)
{
    (void)state;
    static struct histogram histogram;
    const struct histogram_summary summary = histogram_summarize(&histogram);
    assert_int_equal(summary.count, 0);
    assert_true(summary.average == 0 && summary.p99 == 0 && summary.max == 0);
    assert_true(histogram_percentile(&histogram, 0.5) == 0);
}

static void small_values_are_exact(void **state)
{
    (void)state;
    static struct histogram histogram;
    for (uint64_t i = 0; i < 10; i++) {
        histogram_record(&histogram, i);
    }
    const struct histogram_summary summary = histogram_summarize(&histogram);
    assert_int_equal(summary.count, 10);
    assert_true(summary.average == 4.5 && summary.p50 == 4 && summary.p95 == 9 && summary.max == 9);
}

static void percentiles_agree_with_sorting(void **state)
{
    (void)state;
    struct random random;
    random_init(&random, 11, 0);
    static uint64_t values[VALUES];
    // Ranges from a few units to the whole span of the buckets, evenly by octave.
    for (int octaves = 4; octaves <= 40; octaves += 9) {
        static struct histogram histogram;
        histogram = (struct histogram){0};
        double sum = 0;
        for (int i = 0; i < VALUES; i++) {
            values[i] = (uint64_t)exp2(random_unit(&random) * octaves);
            histogram_record(&histogram, values[i]);
            sum += (double)values[i];
        }
        qsort(values, VALUES, sizeof *values, compare);
        const double mean = sum / (double)VALUES;
        const struct histogram_summary summary = histogram_summarize(&histogram);
        assert_int_equal(summary.count, VALUES);
        assert_near(summary.p50, values[VALUES / 2 - 1]);
        assert_near(summary.p95, values[VALUES * 95 / 100 - 1]);
        assert_near(summary.p99, values[VALUES * 99 / 100 - 1]);
        assert_near(histogram_percentile(&histogram, 0.999), values[VALUES / 1000 * 999 - 1]);
        assert_near(histogram_percentile(&histogram, 0.0), values[0]);
        assert_near(histogram_percentile(&histogram, 1.0), values[VALUES - 1]);
        assert_true(summary.max == (double)values[VALUES - 1]);
        assert_true(fabs(summary.average - mean) <= mean * 1e-9);
    }
}

static void one_value_is_every_percentile(void **state)
{
    (void)state;
    static const uint64_t cases[] = {0, 15, 16, 17, 1000, 123456789, 1ULL << 39, (1ULL << 40) - 1, 1ULL << 40};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        static struct histogram histogram;
        histogram = (struct histogram){0};
        histogram_record(&histogram, cases[i]);
        const struct histogram_summary summary = histogram_summarize(&histogram);
        assert_near(summary.p50, cases[i]);
        assert_near(summary.p99, cases[i]);
        assert_true(summary.p99 <= summary.max && summary.max == (double)cases[i]);
    }
}

static void what_is_too_large_counts_as_the_largest(void **state)
{
    (void)state;
    static struct histogram histogram;
    histogram_record(&histogram, UINT64_MAX);
    histogram_record(&histogram, UINT64_MAX);
    const struct histogram_summary summary = histogram_summarize(&histogram);
    assert_true(summary.max == 0x1p40 && summary.p50 == 0x1p40 && summary.average == 0x1p40);
}

static void *record_many(void *argument)
{
    for (uint64_t i = 0; i < PER_THREAD; i++) {
        histogram_record(argument, i);
    }
    return NULL;
}

static void threads_lose_no_count(void **state)
{
    (void)state;
    static struct histogram histogram;
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, record_many, &histogram), 0);
    }
    (void)histogram_summarize(&histogram);
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    const struct histogram_summary summary = histogram_summarize(&histogram);
    assert_int_equal(summary.count, THREADS * PER_THREAD);
    assert_true(summary.max == PER_THREAD - 1);
    assert_true(summary.average == (PER_THREAD - 1) / 2.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_empty_from_zeroed_memory),
        cmocka_unit_test(small_values_are_exact),
        cmocka_unit_test(percentiles_agree_with_sorting),
        cmocka_unit_test(one_value_is_every_percentile),
        cmocka_unit_test(what_is_too_large_counts_as_the_largest),
        cmocka_unit_test(threads_lose_no_count),
    };
    return cmocka_run_group_tests_name("histogram", tests, NULL, NULL);
}
