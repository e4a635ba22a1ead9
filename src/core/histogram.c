// SPDX-License-Identifier: GPL-3.0-or-later
// Values below 16 have a bucket each; above, a bucket is picked by the position of the highest bit and the four bits
// after it. A percentile is the middle of the bucket in which it falls, but never above the largest value seen.
#include "core/histogram.h"

static const uint64_t LARGEST = 1ULL << 40;

enum { SUB_BITS = 4, SUB_BUCKETS = 1 << SUB_BITS, HIGHEST_BIT = 39 };

static int bucket_of(uint64_t value) REALTIME;

static int bucket_of(uint64_t value)
{
    if (value < SUB_BUCKETS) {
        return (int)value;
    }
    const int bit = 63 - __builtin_clzll(value);
    if (bit > HIGHEST_BIT) {
        return HISTOGRAM_BUCKETS - 1;
    }
    const int sub = (int)(value >> (bit - SUB_BITS)) & (SUB_BUCKETS - 1);
    return (bit - SUB_BITS + 1) * SUB_BUCKETS + sub;
}

static double bucket_middle(int bucket)
{
    if (bucket < SUB_BUCKETS) {
        return bucket;
    }
    const int shift = bucket / SUB_BUCKETS - 1;
    const double low = (double)((uint64_t)(SUB_BUCKETS + bucket % SUB_BUCKETS) << shift);
    return low + ((double)(1ULL << shift) - 1.0) * 0.5;
}

void histogram_record(struct histogram *histogram, uint64_t value)
{
    value = value < LARGEST ? value : LARGEST;
    atomic_fetch_add_explicit(&histogram->buckets[bucket_of(value)], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&histogram->sum, value, memory_order_relaxed);
    uint64_t max = atomic_load_explicit(&histogram->max, memory_order_relaxed);
    while (value > max && !atomic_compare_exchange_weak_explicit(&histogram->max, &max, value, memory_order_relaxed,
                                                                 memory_order_relaxed)) {
    }
}

// A percentile of all `total` values of `counts`, by the bucket that it falls into.
static double percentile_of(const uint64_t counts[HISTOGRAM_BUCKETS], uint64_t total, double fraction, double max)
{
    uint64_t below = 0;
    for (int i = 0; i < HISTOGRAM_BUCKETS; i++) {
        below += counts[i];
        if (below > 0 && (double)below >= fraction * (double)total) {
            const double middle = bucket_middle(i);
            return middle < max ? middle : max;
        }
    }
    return max;
}

static uint64_t copy_counts(const struct histogram *histogram, uint64_t counts[HISTOGRAM_BUCKETS])
{
    uint64_t total = 0;
    for (int i = 0; i < HISTOGRAM_BUCKETS; i++) {
        counts[i] = atomic_load_explicit(&histogram->buckets[i], memory_order_relaxed);
        total += counts[i];
    }
    return total;
}

struct histogram_summary histogram_summarize(const struct histogram *histogram)
{
    struct histogram_summary summary = {.sum = (double)atomic_load(&histogram->sum),
                                        .max = (double)atomic_load(&histogram->max)};
    uint64_t counts[HISTOGRAM_BUCKETS];
    summary.count = copy_counts(histogram, counts);
    if (summary.count == 0) {
        return (struct histogram_summary){0};
    }
    summary.average = summary.sum / (double)summary.count;
    summary.p50 = percentile_of(counts, summary.count, 0.50, summary.max);
    summary.p95 = percentile_of(counts, summary.count, 0.95, summary.max);
    summary.p99 = percentile_of(counts, summary.count, 0.99, summary.max);
    return summary;
}

double histogram_percentile(const struct histogram *histogram, double fraction)
{
    uint64_t counts[HISTOGRAM_BUCKETS];
    const uint64_t total = copy_counts(histogram, counts);
    return total > 0 ? percentile_of(counts, total, fraction, (double)atomic_load(&histogram->max)) : 0.0;
}

uint64_t histogram_at_most(const struct histogram *histogram, uint64_t value)
{
    uint64_t count = 0;
    const int last = bucket_of(value);
    for (int i = 0; i <= last; i++) {
        count += atomic_load_explicit(&histogram->buckets[i], memory_order_relaxed);
    }
    return count;
}
