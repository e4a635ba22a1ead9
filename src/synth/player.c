// SPDX-License-Identifier: GPL-3.0-or-later
// The sequencer's queue is short and a score may be long, so the queue is filled up before each block. Where it is
// full, the block ends before the first event that found no room: with the queue played by then, the event is not late.
#include "synth/player.h"

#include "synth/sequencer.h"
#include "synth/timeline.h"

#include <stdlib.h>

static const double BPM_START = 120;

struct player {
    const struct score *score;
    struct sequencer *sequencer;
    size_t added; ///< events that the sequencer has had
    uint64_t frames;
};

/// The frames that \p score lasts.
static uint64_t count_frames(const struct score *score, double rate)
{
    struct timeline timeline;
    timeline_init(&timeline, rate, BPM_START);
    for (size_t i = 0; i < score->count; i++) {
        const struct event *event = &score->events[i];
        if (event->kind == EVENT_TEMPO && timeline_bpm_valid(event->bpm)) {
            timeline_turn_at_tick(&timeline, event->tick, event->bpm);
        }
    }
    return score->count > 0 ? (uint64_t)timeline_frame(&timeline, score_end(score)) + 1 : 0;
}

struct player *player_new(const struct score *score, struct instrument *instrument, double rate)
{
    struct player *player = calloc(1, sizeof *player);
    if (!player) {
        return NULL;
    }
    player->score = score;
    player->frames = count_frames(score, rate);
    player->sequencer = sequencer_new(instrument, rate, BPM_START, NULL);
    if (!player->sequencer) {
        player_free(player);
        return NULL;
    }
    return player;
}

void player_free(struct player *player)
{
    if (player) {
        sequencer_free(player->sequencer);
        free(player);
    }
}

uint64_t player_frame(const struct player *player)
{
    return sequencer_frame(player->sequencer);
}

uint64_t player_frames(const struct player *player)
{
    return player->frames;
}

/// Gives the sequencer what it has room for; returns the first event that it has none for, or NULL.
static const struct event *feed(struct player *player)
{
    while (player->added < player->score->count) {
        const struct event *event = &player->score->events[player->added];
        if (sequencer_add(player->sequencer, event) == STATUS_FULL) {
            return event;
        }
        player->added++;
    }
    return NULL;
}

void player_render(struct player *player, float *left, float *right, size_t frames)
{
    while (frames > 0) {
        const struct event *next = feed(player);
        size_t block = frames;
        while (next && block > 1 && sequencer_tick_after(player->sequencer, block) >= next->tick) {
            block /= 2;
        }
        sequencer_render(player->sequencer, left, right, block);
        left += block;
        right += block;
        frames -= block;
    }
}
