// SPDX-License-Identifier: GPL-3.0-or-later
// How long an engine keeps one waiting: from nothing to the first block in which a note sounds, with the SoundFont in
// the system's cache; and what a second instance of it adds to this process's memory. Both instances play the phrase
// first, so that what comes into memory only with its use is counted too, and the first is counted as its own.
#include "cmd/bench_synth.h"

#include <malloc.h>
#include <math.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { BLOCK = 64, BLOCKS_MAX = 2000, POLYPHONY = 256, KEY = 60, VELOCITY = 100 };

static const double WARM_S = 8;
static const double BYTES_IN_MIB = 1024.0 * 1024.0;

static const struct instrument_options options = {.rate = BENCH_RATE, .polyphony = POLYPHONY};

static bool play_until_heard(struct instrument *instrument)
{
    float left[BLOCK];
    float right[BLOCK];
    instrument_note_on(instrument, 0, KEY, VELOCITY);
    for (int block = 0; block < BLOCKS_MAX; block++) {
        instrument_render(instrument, left, right, BLOCK);
        for (int i = 0; i < BLOCK; i++) {
            if (fabsf(left[i]) + fabsf(right[i]) > 1e-6F) {
                return true;
            }
        }
    }
    return false;
}

static enum status measure_load(const struct bench *bench, int engine, struct costs *costs, struct complaint *complaint)
{
    struct instrument *instrument = NULL;
    const struct cost start = cost_now();
    enum status status = bench_engine_new(bench, engine, &options, &instrument, complaint);
    if (status == STATUS_OK && !play_until_heard(instrument)) {
        status = complain(complaint, STATUS_CORRUPT, "%s has no sound for a piano's C", bench->soundfont);
    }
    costs_add(costs, cost_since(start));
    instrument_free(instrument);
    return status;
}

/// Resident memory of this process, in MiB; 0 where the system does not say.
static double resident_mib(void)
{
    long size = 0;
    long pages = 0;
    // What was freed would be used again, and the next instance would seem to need nothing.
    (void)malloc_trim(0);
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file || fscanf(file, "%ld %ld", &size, &pages) != 2) { // NOLINT(cert-err34-c): the kernel writes numbers
        pages = 0;
    }
    if (file) {
        (void)fclose(file);
    }
    return (double)pages * (double)sysconf(_SC_PAGESIZE) / BYTES_IN_MIB;
}

/// Resident memory when nothing brings samples into it any more behind the instrument's back; waits for that, a second
/// at most.
static double settled_mib(void)
{
    static const struct timespec moment = {.tv_nsec = 50000000};
    double mib = resident_mib();
    for (int i = 0; i < 20; i++) {
        (void)nanosleep(&moment, NULL);
        const double later = resident_mib();
        if (later == mib) {
            break;
        }
        mib = later;
    }
    return mib;
}

static json_t *measure_memory(const struct bench *bench, int engine, const struct score *score,
                              struct complaint *complaint)
{
    enum { INSTANCES = 2 };
    struct instrument *instruments[INSTANCES] = {NULL};
    double mib[INSTANCES + 1] = {settled_mib()};
    const double seconds = bench->seconds < WARM_S ? bench->seconds : WARM_S;
    enum status status = STATUS_OK;
    for (int i = 0; i < INSTANCES && status == STATUS_OK; i++) {
        status = bench_engine_new(bench, engine, &options, &instruments[i], complaint);
        if (status == STATUS_OK) {
            status = bench_phrase_play(score, instruments[i], BENCH_RATE, seconds, ENGINE_BLOCK, NULL, NULL, complaint);
        }
        mib[i + 1] = settled_mib();
    }
    for (int i = 0; i < INSTANCES; i++) {
        instrument_free(instruments[i]);
    }
    return status == STATUS_OK ? json_pack("{s:f, s:f}", "first_mib", mib[1] - mib[0], "second_mib", mib[2] - mib[1])
                               : NULL;
}

static json_t *ratio_of_clock(const struct costs costs[ENGINES])
{
    const double ours = figures_median(&costs[ENGINE_TUTTI].wall_s);
    return ours > 0.0 ? json_real(figures_median(&costs[ENGINE_PEER].wall_s) / ours) : json_null();
}

json_t *bench_synth_load(const struct bench *bench, struct complaint *complaint)
{
    struct costs costs[ENGINES] = {0};
    struct score score = {0};
    enum status status = bench_phrase_make(bench, WARM_S, false, &score, complaint);
    json_t *result = json_pack("{s:s}", "what",
                               "from nothing to the first block with a note (ratio by the clock: loading may use other "
                               "threads), and the memory that instances add");
    for (int i = 0; i < ENGINES && status == STATUS_OK; i++) {
        json_t *memory = measure_memory(bench, i, &score, complaint);
        json_t *side = json_pack("{s:o*}", "memory", memory);
        (void)json_object_set_new(result, bench_engine_key(i), side);
        status = memory ? STATUS_OK : STATUS_IO;
    }
    for (int run = 0; run < bench->runs; run++) {
        for (int i = 0; i < ENGINES && status == STATUS_OK; i++) {
            status = measure_load(bench, i, &costs[i], complaint);
        }
    }
    score_done(&score);
    if (status != STATUS_OK) {
        json_decref(result);
        return NULL;
    }
    for (int i = 0; i < ENGINES; i++) {
        (void)json_object_set_new(json_object_get(result, bench_engine_key(i)), "load", costs_json(&costs[i], 1.0));
    }
    (void)json_object_set_new(result, "ratio", ratio_of_clock(costs));
    return result;
}
