// SPDX-License-Identifier: GPL-3.0-or-later
#include "net/prometheus.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CAPACITY_FIRST = 4096, NUMBER_SIZE = 32 };

static const double microsecond = 1e-6;

static bool reserve(struct prometheus *out, size_t more)
{
    if (out->status != STATUS_OK) {
        return false;
    }
    size_t capacity = out->capacity ? out->capacity : CAPACITY_FIRST;
    while (capacity - out->size <= more) {
        capacity *= 2;
    }
    if (capacity > out->capacity) {
        char *text = realloc(out->text, capacity);
        if (!text) {
            out->status = STATUS_NO_MEMORY;
            return false;
        }
        out->text = text;
        out->capacity = capacity;
    }
    return true;
}

static void append(struct prometheus *out, const char *text, size_t size)
{
    if (reserve(out, size)) {
        memcpy(out->text + out->size, text, size);
        out->size += size;
        out->text[out->size] = '\0';
    }
}

static void append_all(struct prometheus *out, const char *const *pieces)
{
    for (; *pieces; pieces++) {
        append(out, *pieces, strlen(*pieces));
    }
}

static void append_escaped(struct prometheus *out, const char *text)
{
    static const struct {
        char plain;
        const char *escaped;
    } escapes[] = {{'\\', "\\\\"}, {'"', "\\\""}, {'\n', "\\n"}};
    for (; *text; text++) {
        const char *escaped = NULL;
        for (size_t i = 0; i < sizeof escapes / sizeof *escapes; i++) {
            escaped = *text == escapes[i].plain ? escapes[i].escaped : escaped;
        }
        append(out, escaped ? escaped : text, escaped ? 2 : 1);
    }
}

// The fewest digits that give the same number back, for a counter beyond 10^15 must still grow by one.
static void format_number(char number[NUMBER_SIZE], double value)
{
    if (isnan(value)) {
        (void)snprintf(number, NUMBER_SIZE, "NaN");
    } else if (isinf(value)) {
        (void)snprintf(number, NUMBER_SIZE, "%cInf", value > 0 ? '+' : '-');
    } else {
        (void)snprintf(number, NUMBER_SIZE, "%.15g", value);
        if (strtod(number, NULL) != value) {
            (void)snprintf(number, NUMBER_SIZE, "%.17g", value);
        }
    }
}

static void append_line(struct prometheus *out, const char *name, const char *suffix, const char *label,
                        const char *value, const char *bound, double sample)
{
    const bool labelled = label && value;
    append_all(out, (const char *const[]){name, suffix, labelled || bound ? "{" : "", NULL});
    if (labelled) {
        append_all(out, (const char *const[]){label, "=\"", NULL});
        append_escaped(out, value);
        append_all(out, (const char *const[]){"\"", bound ? "," : "", NULL});
    }
    if (bound) {
        append_all(out, (const char *const[]){"le=\"", bound, "\"", NULL});
    }
    char number[NUMBER_SIZE];
    format_number(number, sample);
    append_all(out, (const char *const[]){labelled || bound ? "} " : " ", number, "\n", NULL});
}

void prometheus_metric(struct prometheus *out, const char *name, enum prometheus_kind kind, const char *help)
{
    static const char *const kinds[] = {
        [PROMETHEUS_COUNTER] = "counter", [PROMETHEUS_GAUGE] = "gauge", [PROMETHEUS_HISTOGRAM] = "histogram"};
    append_all(out, (const char *const[]){"# HELP ", name, " ", help, "\n# TYPE ", name, " ", kinds[kind], "\n", NULL});
}

void prometheus_sample(struct prometheus *out, const char *name, const char *label, const char *value, double sample)
{
    append_line(out, name, "", label, value, NULL, sample);
}

void prometheus_histogram(struct prometheus *out, const char *name, const char *label, const char *value,
                          const struct histogram *histogram)
{
    static const struct {
        const char *text;
        uint64_t microseconds;
    } bounds[] = {{"0.0001", 100},  {"0.0002", 200},     {"0.0005", 500}, {"0.001", 1000}, {"0.002", 2000},
                  {"0.005", 5000},  {"0.01", 10000},     {"0.02", 20000}, {"0.05", 50000}, {"0.1", 100000},
                  {"0.2", 200000},  {"0.5", 500000},     {"1", 1000000},  {"2", 2000000},  {"5", 5000000},
                  {"10", 10000000}, {"+Inf", UINT64_MAX}};
    double count = 0;
    for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++) {
        count = (double)histogram_at_most(histogram, bounds[i].microseconds);
        append_line(out, name, "_bucket", label, value, bounds[i].text, count);
    }
    const double sum = (double)atomic_load_explicit(&histogram->sum, memory_order_relaxed);
    append_line(out, name, "_sum", label, value, NULL, sum * microsecond);
    append_line(out, name, "_count", label, value, NULL, count);
}

void prometheus_done(struct prometheus *out)
{
    free(out->text);
    *out = (struct prometheus){0};
}
