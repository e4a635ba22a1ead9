// SPDX-License-Identifier: GPL-3.0-or-later
// Whether two synthesizers on two cores do twice what one does: one plays the phrase alone, then two play it at once,
// each on a thread of its own. By the clock; a machine that is busy, or that has one core, shows less than 2.
#include "cmd/bench_synth.h"

#include <pthread.h>
#include <stdbool.h>

enum { PLAYERS = 2, POLYPHONY = 256 };

static const double AUDIO_S = 32;

struct player {
    const struct score *score;
    struct instrument *instrument;
    double seconds;
    enum status status;
};

static void *play(void *argument)
{
    struct player *player = argument;
    player->status = bench_phrase_play(player->score, player->instrument, BENCH_RATE, player->seconds, ENGINE_BLOCK,
                                       NULL, NULL, NULL);
    return NULL;
}

/// Seconds of the clock until \p count players are done.
static enum status play_together(struct player players[PLAYERS], int count, struct figures *wall_s,
                                 struct complaint *complaint)
{
    pthread_t threads[PLAYERS];
    int started = 0;
    const struct cost start = cost_now();
    while (started < count && pthread_create(&threads[started], NULL, play, &players[started]) == 0) {
        started++;
    }
    enum status status = started == count ? STATUS_OK : STATUS_NO_MEMORY;
    for (int i = 0; i < started; i++) {
        (void)pthread_join(threads[i], NULL);
        status = status == STATUS_OK ? players[i].status : status;
    }
    figures_add(wall_s, cost_since(start).wall_s);
    return status == STATUS_OK ? status : complain(complaint, status, "no memory for another thread");
}

static json_t *measure(const struct bench *bench, int engine, const struct score *score, struct complaint *complaint)
{
    const struct instrument_options options = {.rate = BENCH_RATE, .polyphony = POLYPHONY};
    struct player players[PLAYERS] = {0};
    struct figures wall_s[PLAYERS] = {0};
    enum status status = STATUS_OK;
    for (int i = 0; i < PLAYERS && status == STATUS_OK; i++) {
        players[i] = (struct player){.score = score, .seconds = bench->seconds < AUDIO_S ? bench->seconds : AUDIO_S};
        status = bench_engine_new(bench, engine, &options, &players[i].instrument, complaint);
    }
    for (int run = 0; run < bench->runs; run++) {
        for (int count = 1; count <= PLAYERS && status == STATUS_OK; count++) {
            status = play_together(players, count, &wall_s[count - 1], complaint);
        }
    }
    for (int i = 0; i < PLAYERS; i++) {
        instrument_free(players[i].instrument);
    }
    const double two = figures_median(&wall_s[1]);
    return status == STATUS_OK ? json_pack("{s:o, s:o, s:f}", "one_wall_s", figures_json(&wall_s[0]), "two_wall_s",
                                           figures_json(&wall_s[1]), "scaling",
                                           two > 0.0 ? PLAYERS * figures_median(&wall_s[0]) / two : 0.0)
                               : NULL;
}

json_t *bench_synth_cores(const struct bench *bench, struct complaint *complaint)
{
    struct score score = {0};
    json_t *result = NULL;
    if (bench_phrase_make(bench, bench->seconds < AUDIO_S ? bench->seconds : AUDIO_S, false, &score, complaint) ==
        STATUS_OK) {
        result = json_pack("{s:s}", "what",
                           "music a second that two threads make, each with an instrument, by what one makes");
    }
    for (int i = 0; i < ENGINES && result; i++) {
        json_t *one = measure(bench, i, &score, complaint);
        if (one) {
            (void)json_object_set_new(result, bench_engine_key(i), one);
        } else {
            json_decref(result);
            result = NULL;
        }
    }
    score_done(&score);
    return result;
}
