// SPDX-License-Identifier: GPL-3.0-or-later
// What composing costs: the composer is asked for eight bars at a time, all four parts, sorted as the sequencer wants
// them. A station asks for less at a time; the work for a bar is the same.
#include "cmd/bench.h"
#include "cmd/figures.h"

#include <stdlib.h>

enum { BARS = 8, PHRASES = 1200 };

static const double TARGET_MS = 15.0;

// The cost of every phrase of one run, in microseconds.
struct phrases {
    size_t count;
    double wall[PHRASES];
    double cpu[PHRASES];
    size_t events;
};

// Of several runs.
struct statistics {
    struct figures p50, p99, max;
};

static enum status compose_phrase(struct composer *composer, int64_t until, struct phrases *phrases,
                                  struct score *score)
{
    const struct cost start = cost_now();
    enum status status = composer_advance(composer, until, score);
    if (status == STATUS_OK) {
        status = score_sort(score);
    }
    const struct cost cost = cost_since(start);
    phrases->wall[phrases->count] = cost.wall_s * 1e6;
    phrases->cpu[phrases->count++] = cost.cpu_s * 1e6;
    phrases->events += score->count;
    score_clear(score);
    return status;
}

static enum status compose_preset(const struct bench *bench, const struct preset *preset, size_t count,
                                  struct phrases *phrases)
{
    struct composer *composer = composer_new(bench->harmony, preset, &preset->defaults, bench->seed);
    struct score score = {0};
    enum status status = composer ? STATUS_OK : STATUS_NO_MEMORY;
    const int64_t ticks = (int64_t)meter_bar_ticks(preset->meter) * BARS;
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        status = compose_phrase(composer, ticks * (int64_t)(i + 1), phrases, &score);
    }
    score_done(&score);
    composer_free(composer);
    return status;
}

static enum status compose_all(const struct bench *bench, struct phrases *phrases)
{
    const size_t presets = presets_count(bench->presets);
    enum status status = STATUS_OK;
    *phrases = (struct phrases){0};
    for (size_t i = 0; i < presets && status == STATUS_OK; i++) {
        status = compose_preset(bench, presets_at(bench->presets, i), PHRASES / presets, phrases);
    }
    return status;
}

static void add_statistics(struct statistics *statistics, double *values, size_t count)
{
    sort_values(values, count);
    figures_add(&statistics->p50, percentile(values, count, 0.5));
    figures_add(&statistics->p99, percentile(values, count, 0.99));
    figures_add(&statistics->max, percentile(values, count, 1.0));
}

static json_t *statistics_json(const struct statistics *statistics)
{
    return json_pack("{s:o, s:o, s:o}", "p50", figures_json(&statistics->p50), "p99", figures_json(&statistics->p99),
                     "max", figures_json(&statistics->max));
}

static double sum_of(const double *values, size_t count)
{
    double sum = 0.0;
    for (size_t i = 0; i < count; i++) {
        sum += values[i];
    }
    return sum;
}

json_t *bench_compose(const struct bench *bench, struct complaint *complaint)
{
    struct statistics wall = {0};
    struct statistics cpu = {0};
    struct figures rate = {0};
    struct phrases *phrases = calloc(1, sizeof *phrases);
    enum status status = phrases ? STATUS_OK : STATUS_NO_MEMORY;
    for (int run = 0; run < bench->runs && status == STATUS_OK; run++) {
        status = compose_all(bench, phrases);
        figures_add(&rate, (double)phrases->count * 1e6 / sum_of(phrases->wall, phrases->count));
        add_statistics(&wall, phrases->wall, phrases->count);
        add_statistics(&cpu, phrases->cpu, phrases->count);
    }
    json_t *result = NULL;
    if (status == STATUS_OK) {
        result = json_pack(
            "{s:s, s:I, s:f, s:f, s:o, s:o, s:o, s:n, s:s}", "what",
            "time to compose 8 bars of all four parts, over every preset in turn", "phrases",
            (json_int_t)phrases->count, "events_per_phrase", (double)phrases->events / (double)phrases->count,
            "target_ms", TARGET_MS, "wall_us", statistics_json(&wall), "cpu_us", statistics_json(&cpu), "phrases_per_s",
            figures_json(&rate), "peer", "peer_missing", "we know of no program in C that composes such music");
    } else {
        (void)complain(complaint, status, "composing: %s", status_text(status));
    }
    free(phrases);
    return result;
}
