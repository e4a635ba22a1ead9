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

struct histogram_summary histogram_summarize(const struct histogram *histogram)
{
    struct histogram_summary summary = {.sum = (double)atomic_load(&histogram->sum),
                                        .max = (double)atomic_load(&histogram->max)};
    uint64_t counts[HISTOGRAM_BUCKETS];
    for (int i = 0; i < HISTOGRAM_BUCKETS; i++) {
        counts[i] = atomic_load_explicit(&histogram->buckets[i], memory_order_relaxed);
        summary.count += counts[i];
    }
    if (summary.count == 0) {
        return (struct histogram_summary){0};
    }
    summary.average = summary.sum / (double)summary.count;
    const struct {
        double fraction;
        double *out;
    } wanted[] = {{0.50, &summary.p50}, {0.95, &summary.p95}, {0.99, &summary.p99}};
    uint64_t below = 0;
    unsigned next = 0;
    for (int i = 0; i < HISTOGRAM_BUCKETS && next < 3; i++) {
        below += counts[i];
        while (next < 3 && (double)below >= wanted[next].fraction * (double)summary.count) {
            const double middle = bucket_middle(i);
            *wanted[next++].out = middle < summary.max ? middle : summary.max;
        }
    }
    return summary;
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
