// SPDX-License-Identifier: GPL-3.0-or-later
// How evenly an engine works, since an audio thread has to meet the worst block: a minute of the phrase in blocks of 64
// frames, each timed by the clock; and the same at full polyphony, where every note that starts has others make way.
// Every run plays the same, so what a block takes least over the runs is what it needs, and what it took beyond was
// somebody else's: both are told, the worst as it came and the worst of what was needed.
#include "cmd/bench_synth.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 64, FADE = 4096, POLYPHONY = 256 };

static const double AUDIO_S = 60;
static const double WARM_S = 2; ///< before every run: the caches hold what the other engine left there
static const double US = 1e6;

struct blocks {
    bool begun;
    size_t count, room;
    double *now;    ///< of this run, in microseconds
    double *least;  ///< over the runs
    double *sorted; ///< scratch
    int most_voices;
    struct figures median, p999, worst;
};

static void add_block(void *user, double wall_s, int voices)
{
    struct blocks *blocks = user;
    // In the first block all that the score sets up comes at once.
    if (!blocks->begun) {
        blocks->begun = true;
    } else if (blocks->count < blocks->room) {
        blocks->now[blocks->count++] = wall_s * US;
    }
    blocks->most_voices = voices > blocks->most_voices ? voices : blocks->most_voices;
}

static void end_run(struct blocks *blocks)
{
    for (size_t i = 0; i < blocks->count; i++) {
        blocks->least[i] = fmin(blocks->least[i], blocks->now[i]);
    }
    sort_values(blocks->now, blocks->count);
    figures_add(&blocks->median, percentile(blocks->now, blocks->count, 0.5));
    figures_add(&blocks->p999, percentile(blocks->now, blocks->count, 0.999));
    figures_add(&blocks->worst, percentile(blocks->now, blocks->count, 1.0));
}

static bool blocks_init(struct blocks *blocks, size_t room)
{
    double *values = calloc(3 * room, sizeof *values);
    *blocks = (struct blocks){.room = room, .now = values};
    if (values) {
        blocks->least = values + room;
        blocks->sorted = values + 2 * room;
        for (size_t i = 0; i < room; i++) {
            blocks->least[i] = INFINITY;
        }
    }
    return values != NULL;
}

static json_t *blocks_json(struct blocks *blocks)
{
    if (!blocks->sorted) {
        return json_null();
    }
    memcpy(blocks->sorted, blocks->least, blocks->count * sizeof *blocks->sorted);
    sort_values(blocks->sorted, blocks->count);
    const double median = percentile(blocks->sorted, blocks->count, 0.5);
    const double worst = percentile(blocks->sorted, blocks->count, 1.0);
    return json_pack("{s:o, s:o, s:o, s:{s:f, s:f, s:f, s:f}, s:i}", "median_us", figures_json(&blocks->median),
                     "p999_us", figures_json(&blocks->p999), "worst_us", figures_json(&blocks->worst), "least",
                     "median_us", median, "p999_us", percentile(blocks->sorted, blocks->count, 0.999), "worst_us",
                     worst, "worst_by_median", median > 0.0 ? worst / median : 0.0, "most_voices", blocks->most_voices);
}

static enum status play_run(const struct score *score, struct instrument *instrument, double seconds,
                            struct blocks *blocks, struct complaint *complaint)
{
    blocks->begun = false;
    blocks->count = 0;
    float left[FADE];
    float right[FADE];
    enum status status =
        bench_phrase_play(score, instrument, BENCH_RATE, fmin(WARM_S, seconds), BLOCK, NULL, NULL, complaint);
    if (status == STATUS_OK) {
        // What sounded last is gone before anything is timed.
        instrument_reset(instrument, MIDI_RESET_GM);
        instrument_render(instrument, left, right, FADE);
        status = bench_phrase_play(score, instrument, BENCH_RATE, seconds, BLOCK, add_block, blocks, complaint);
    }
    end_run(blocks);
    return status;
}

static enum status play_runs(const struct bench *bench, const struct score *score, double seconds,
                             struct instrument *const instruments[ENGINES], struct blocks blocks[ENGINES],
                             struct complaint *complaint)
{
    enum status status = STATUS_OK;
    for (int run = 0; run < bench->runs; run++) {
        for (int i = 0; i < ENGINES && status == STATUS_OK; i++) {
            status = play_run(score, instruments[i], seconds, &blocks[i], complaint);
        }
    }
    return status;
}

static enum status measure(const struct bench *bench, const struct score *score, double seconds,
                           struct blocks blocks[ENGINES], struct complaint *complaint)
{
    const struct instrument_options options = {.rate = BENCH_RATE, .polyphony = POLYPHONY};
    struct instrument *instruments[ENGINES] = {NULL};
    enum status status = STATUS_OK;
    for (int i = 0; i < ENGINES && status == STATUS_OK; i++) {
        status = bench_engine_new(bench, i, &options, &instruments[i], complaint);
    }
    for (int i = 0; i < ENGINES && status == STATUS_OK; i++) {
        if (!blocks_init(&blocks[i], (size_t)(seconds * BENCH_RATE / BLOCK) + 1)) {
            status = complain(complaint, STATUS_NO_MEMORY, "out of memory");
        }
    }
    if (status == STATUS_OK) {
        status = play_runs(bench, score, seconds, instruments, blocks, complaint);
    }
    for (int i = 0; i < ENGINES; i++) {
        instrument_free(instruments[i]);
    }
    return status;
}

/// {"tutti": ..., "peer": ...}, or NULL with a \p complaint.
static json_t *measure_load(const struct bench *bench, bool pedal, double seconds, struct complaint *complaint)
{
    struct blocks blocks[ENGINES] = {0};
    struct score score = {0};
    json_t *result = NULL;
    if (bench_phrase_make(bench, seconds, pedal, &score, complaint) == STATUS_OK &&
        measure(bench, &score, seconds, blocks, complaint) == STATUS_OK) {
        result = json_object();
        for (int i = 0; i < ENGINES; i++) {
            (void)json_object_set_new(result, bench_engine_key(i), blocks_json(&blocks[i]));
        }
    }
    for (int i = 0; i < ENGINES; i++) {
        free(blocks[i].now);
    }
    score_done(&score);
    return result;
}

json_t *bench_synth_blocks(const struct bench *bench, struct complaint *complaint)
{
    const double seconds = bench->seconds < AUDIO_S ? bench->seconds : AUDIO_S;
    json_t *phrase = measure_load(bench, false, seconds, complaint);
    json_t *full = phrase ? measure_load(bench, true, seconds, complaint) : NULL;
    if (!full) {
        json_decref(phrase);
        return NULL;
    }
    return json_pack("{s:s, s:i, s:f, s:i, s:o, s:o}", "what",
                     "short blocks, each timed by the clock: the phrase, and the phrase with the pedal down, at full "
                     "polyphony",
                     "frames", BLOCK, "audio_s", seconds, "polyphony", POLYPHONY, "phrase", phrase, "full", full);
}
