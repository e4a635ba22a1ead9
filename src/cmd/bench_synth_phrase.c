// SPDX-License-Identifier: GPL-3.0-or-later
// A phrase such as a station plays: at 60 BPM, eight bars of four beats, over and over where more is asked for: a piano
// melody in eighths, a pad of four strings held for most of a bar, a bass on every beat; some 30 voices at most. With
// the pedal down all keys of the strings sound before the first note, and each note has another make way. It goes
// through a MIDI file, so that both engines play what any other program could.
#include "cmd/bench_synth.h"

#include "cmd/output.h"
#include "core/clock.h"
#include "music/midi_file.h"
#include "synth/channel.h"
#include "synth/sequencer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PIANO = 0,
    BASS = 32,
    STRINGS = 48,
    BARS = 8,
    BEATS = 4,
    STEPS = 2 * BEATS, ///< eighths in a bar
    PAD_NOTES = 4,
    BLOCK_MAX = 4096,
    POLYPHONY = 256,
    FULL_FIRST = 12, ///< the keys that take all voices at once, with the pedal down
    FULL_LAST = 120,
    RATES = 2,
    INTERPOLATIONS = 3,
};

static const double BPM = 60;
static const double PHRASE_S = 32;
static const double WARM_S = 2;
static const int RATES_HZ[RATES] = {44100, 96000};

static const int chords[BARS][PAD_NOTES] = {
    {48, 55, 60, 64}, {45, 52, 60, 64}, {41, 48, 57, 60}, {43, 50, 59, 62},
    {48, 55, 60, 64}, {40, 47, 55, 59}, {41, 48, 57, 64}, {43, 50, 55, 62},
};
static const int melody[STEPS] = {12, 16, 19, 16, 24, 19, 21, 16}; ///< above the bar's lowest note

static enum status add_bar(struct score *score, int64_t tick, const int chord[PAD_NOTES])
{
    enum status status = STATUS_OK;
    const int32_t bar = BEATS * TICKS_PER_BEAT;
    for (int i = 0; i < PAD_NOTES && status == STATUS_OK; i++) {
        status = score_add(score, event_note(tick, 1, chord[i], 70, bar * 7 / 8));
    }
    for (int i = 0; i < BEATS && status == STATUS_OK; i++) {
        const int32_t beat = TICKS_PER_BEAT;
        status = score_add(score, event_note(tick + i * beat, 2, chord[0] - 12, 90, beat * 3 / 4));
    }
    for (int i = 0; i < STEPS && status == STATUS_OK; i++) {
        const int32_t step = bar / STEPS;
        status = score_add(score, event_note(tick + i * step, 0, chord[0] + melody[i], 64 + 8 * (i % 4), step));
    }
    return status;
}

static enum status add_phrase(struct score *score, double seconds, bool pedal)
{
    static const int programs[] = {PIANO, STRINGS, BASS};
    const int64_t end = (int64_t)(seconds * BPM / 60 * TICKS_PER_BEAT);
    enum status status = STATUS_OK;
    for (int i = 0; i < 3 && status == STATUS_OK; i++) {
        status = score_add(score, event_program(0, i, programs[i]));
        if (pedal && status == STATUS_OK) {
            status = score_add(score, event_controller(0, i, CONTROLLER_SUSTAIN, 127));
        }
    }
    for (int key = FULL_FIRST; pedal && key <= FULL_LAST && status == STATUS_OK; key++) {
        status = score_add(score, event_note(0, 1, key, 60, TICKS_PER_BEAT));
    }
    int bar = 0;
    for (int64_t tick = 0; tick < end && status == STATUS_OK; tick += BEATS * TICKS_PER_BEAT) {
        status = add_bar(score, tick, chords[bar++ % BARS]);
    }
    return status == STATUS_OK ? score_sort(score) : status;
}

static enum status write_phrase(const char *path, double seconds, bool pedal, struct complaint *complaint)
{
    struct score score = {0};
    uint8_t *bytes = NULL;
    size_t size = 0;
    enum status status = add_phrase(&score, seconds, pedal);
    if (status == STATUS_OK) {
        status =
            midi_file_write(&score, &(struct midi_file_options){.bpm = BPM, .beats = BEATS, .unit = 4}, &bytes, &size);
    }
    status = status == STATUS_OK ? output_write_file(path, bytes, size, complaint)
                                 : complain(complaint, status, "out of memory");
    free(bytes);
    score_done(&score);
    return status;
}

enum status bench_phrase_make(const struct bench *bench, double seconds, bool pedal, struct score *score,
                              struct complaint *complaint)
{
    enum { SIZE_MAX_MIDI = 1 << 20 };
    char path[300];
    (void)snprintf(path, sizeof path, "%s/phrase.mid", bench->folder);
    enum status status = write_phrase(path, seconds, pedal, complaint);
    if (status != STATUS_OK) {
        return status;
    }
    uint8_t *bytes = malloc(SIZE_MAX_MIDI);
    FILE *file = fopen(path, "rb");
    if (!bytes || !file) {
        status = complain(complaint, STATUS_IO, "%s cannot be read", path);
    } else {
        status = midi_file_read(bytes, fread(bytes, 1, SIZE_MAX_MIDI, file), score, complaint);
    }
    if (file) {
        (void)fclose(file);
    }
    free(bytes);
    return status;
}

/// Adds what is due in the next two beats, as a composer does.
static void feed(struct sequencer *sequencer, const struct score *score, size_t *added)
{
    const int64_t until = sequencer_tick(sequencer) + 2 * TICKS_PER_BEAT;
    while (*added < score->count && score->events[*added].tick < until &&
           sequencer_add(sequencer, &score->events[*added]) == STATUS_OK) {
        (*added)++;
    }
}

enum status bench_phrase_play(const struct score *score, struct instrument *instrument, double rate, double seconds,
                              size_t block, bench_phrase_watch *watch, void *user, struct complaint *complaint)
{
    float left[BLOCK_MAX];
    float right[BLOCK_MAX];
    instrument_reset(instrument, MIDI_RESET_GM);
    struct sequencer *sequencer = sequencer_new(instrument, rate, BPM, NULL);
    if (!sequencer) {
        return complain(complaint, STATUS_NO_MEMORY, "out of memory");
    }
    size_t added = 0;
    const uint64_t frames = (uint64_t)(seconds * rate);
    while (sequencer_frame(sequencer) < frames) {
        feed(sequencer, score, &added);
        if (watch) {
            // The processor time of cost_now() is a system call, which is longer than a block.
            const int64_t start_ns = clock_now_ns();
            sequencer_render(sequencer, left, right, block);
            watch(user, (double)(clock_now_ns() - start_ns) * 1e-9, instrument_voices(instrument));
        } else {
            sequencer_render(sequencer, left, right, block);
        }
    }
    sequencer_free(sequencer);
    return STATUS_OK;
}

// The measurement: how long each engine needs for the phrase.

static enum status measure_turns(const struct bench *bench, const struct score *score,
                                 struct instrument *const instruments[ENGINES], double rate, double seconds,
                                 struct costs costs[ENGINES], struct complaint *complaint)
{
    enum status status = STATUS_OK;
    for (int run = 0; run < bench->runs; run++) {
        for (int engine = 0; engine < ENGINES && status == STATUS_OK; engine++) {
            const struct cost start = cost_now();
            status = bench_phrase_play(score, instruments[engine], rate, seconds, ENGINE_BLOCK, NULL, NULL, complaint);
            costs_add(&costs[engine], cost_since(start));
        }
    }
    return status;
}

static json_t *measure_one(const struct bench *bench, const struct score *score, double rate, double seconds,
                           enum instrument_interpolation interpolation, struct complaint *complaint)
{
    const struct instrument_options options = {.rate = rate, .polyphony = POLYPHONY, .interpolation = interpolation};
    struct instrument *instruments[ENGINES] = {NULL};
    struct costs costs[ENGINES] = {0};
    enum status status = STATUS_OK;
    for (int i = 0; i < ENGINES && status == STATUS_OK; i++) {
        status = bench_engine_new(bench, i, &options, &instruments[i], complaint);
        if (status == STATUS_OK) { // in the caches, and decoded
            status = bench_phrase_play(score, instruments[i], rate, seconds < WARM_S ? seconds : WARM_S, ENGINE_BLOCK,
                                       NULL, NULL, complaint);
        }
    }
    if (status == STATUS_OK) {
        status = measure_turns(bench, score, instruments, rate, seconds, costs, complaint);
    }
    for (int i = 0; i < ENGINES; i++) {
        instrument_free(instruments[i]);
    }
    return status == STATUS_OK ? bench_engines_json(costs, seconds) : NULL;
}

json_t *bench_synth_phrase(const struct bench *bench, struct complaint *complaint)
{
    const double seconds = bench->seconds < PHRASE_S ? bench->seconds : PHRASE_S;
    struct score score = {0};
    json_t *result = NULL;
    if (bench_phrase_make(bench, seconds, false, &score, complaint) == STATUS_OK) {
        result = json_pack("{s:s, s:f, s:i}", "what", "a phrase with reverb and chorus, from its MIDI file", "audio_s",
                           seconds, "polyphony", POLYPHONY);
    }
    for (int rate = 0; rate < RATES && result; rate++) {
        char key[16];
        (void)snprintf(key, sizeof key, "%d", RATES_HZ[rate]);
        json_t *at_rate = json_object();
        (void)json_object_set_new(result, key, at_rate);
        for (int i = 0; i < INTERPOLATIONS && result; i++) {
            const enum instrument_interpolation interpolation = (enum instrument_interpolation)i;
            json_t *one = measure_one(bench, &score, RATES_HZ[rate], seconds, interpolation, complaint);
            if (one) {
                (void)json_object_set_new(at_rate, interpolation_key(interpolation), one);
            } else {
                json_decref(result);
                result = NULL;
            }
        }
    }
    score_done(&score);
    return result;
}
