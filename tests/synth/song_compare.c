// SPDX-License-Identifier: GPL-3.0-or-later
#include "song_compare.h"

#include "music/midi_file.h"
#include "synth/sequencer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 512, SIDES = 2, INSTRUMENTS = 1 + SONG_OTHERS, SOFT_PEDAL = 67 };

static const double TAIL_S = 2;
static const double BPM = 120;

struct stage {
    struct sequencer *sequencers[INSTRUMENTS];
    float sound[INSTRUMENTS][SIDES][BLOCK];
    struct song_measure *measures[SONG_OTHERS];
    size_t added[INSTRUMENTS]; ///< events that each sequencer has
};

/// FluidSynth knows no soft pedal: with it there would be nothing to compare.
static void leave_out_soft_pedal(struct score *score)
{
    size_t kept = 0;
    for (size_t i = 0; i < score->count; i++) {
        const struct event *event = &score->events[i];
        if (event->kind != EVENT_MIDI || event->midi.status != MIDI_CONTROLLER || event->midi.data[0] != SOFT_PEDAL) {
            score->events[kept++] = *event;
        }
    }
    score->count = kept;
}

static enum status read_score(const char *path, struct score *score, struct complaint *complaint)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        return complain(complaint, STATUS_IO, "%s: %s", path, strerror(errno));
    }
    uint8_t *bytes = NULL;
    size_t size = 0;
    if (fseek(file, 0, SEEK_END) == 0) {
        const long length = ftell(file);
        bytes = length > 0 ? malloc((size_t)length) : NULL;
        rewind(file);
        size = bytes ? fread(bytes, 1, (size_t)length, file) : 0;
    }
    (void)fclose(file);
    const enum status status = bytes ? midi_file_read(bytes, size, score, complaint)
                                     : complain(complaint, STATUS_IO, "%s cannot be read", path);
    free(bytes);
    if (status == STATUS_OK) {
        leave_out_soft_pedal(score);
    }
    return status;
}

static void feed(struct stage *stage, int which, const struct score *score)
{
    size_t *added = &stage->added[which];
    // What may not be played is left out for all alike; a full sequencer gets the rest later.
    while (*added < score->count && sequencer_add(stage->sequencers[which], &score->events[*added]) != STATUS_FULL) {
        (*added)++;
    }
}

static void play_block(struct stage *stage, const struct score *score)
{
    for (int i = 0; i < INSTRUMENTS; i++) {
        feed(stage, i, score);
        sequencer_render(stage->sequencers[i], stage->sound[i][0], stage->sound[i][1], BLOCK);
    }
    const float *const reference[] = {stage->sound[0][0], stage->sound[0][1]};
    for (int i = 0; i < SONG_OTHERS; i++) {
        const float *const other[] = {stage->sound[1 + i][0], stage->sound[1 + i][1]};
        song_measure_add(stage->measures[i], reference, other, BLOCK);
    }
}

static enum status make_stage(struct stage *stage, struct instrument *reference,
                              struct instrument *const others[SONG_OTHERS], double rate)
{
    for (int i = 0; i < INSTRUMENTS; i++) {
        struct instrument *instrument = i == 0 ? reference : others[i - 1];
        instrument_reset(instrument, MIDI_RESET_GM);
        stage->sequencers[i] = sequencer_new(instrument, rate, BPM, NULL);
        if (!stage->sequencers[i]) {
            return STATUS_NO_MEMORY;
        }
    }
    for (int i = 0; i < SONG_OTHERS; i++) {
        stage->measures[i] = song_measure_new((unsigned)rate);
    }
    return STATUS_OK;
}

static void free_stage(struct stage *stage)
{
    for (int i = 0; i < INSTRUMENTS; i++) {
        sequencer_free(stage->sequencers[i]);
    }
    for (int i = 0; i < SONG_OTHERS; i++) {
        song_measure_free(stage->measures[i]);
    }
    free(stage);
}

static void play(struct stage *stage, const struct score *score, double rate, double seconds,
                 struct song_result *result)
{
    const int64_t end = score_end(score);
    double ended = 0;
    for (;;) {
        const double now = (double)sequencer_frame(stage->sequencers[0]) / rate;
        ended = sequencer_tick(stage->sequencers[0]) < end ? now : ended;
        if ((seconds > 0 && now >= seconds) || now > ended + TAIL_S) {
            result->seconds = now;
            break;
        }
        play_block(stage, score);
    }
    for (int i = 0; i < SONG_OTHERS; i++) {
        result->differences[i] = song_measure_result(stage->measures[i]);
    }
}

enum status song_compare(struct instrument *reference, struct instrument *const others[SONG_OTHERS], double rate,
                         const char *path, double seconds, struct song_result *result, struct complaint *complaint)
{
    struct score score = {0};
    enum status status = read_score(path, &score, complaint);
    if (status != STATUS_OK) {
        return status;
    }
    struct stage *stage = calloc(1, sizeof *stage);
    status = stage ? make_stage(stage, reference, others, rate) : STATUS_NO_MEMORY;
    if (status == STATUS_OK) {
        play(stage, &score, rate, seconds, result);
    } else {
        (void)complain(complaint, status, "out of memory");
    }
    if (stage) {
        free_stage(stage);
    }
    score_done(&score);
    return status;
}
