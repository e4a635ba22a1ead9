// SPDX-License-Identifier: GPL-3.0-or-later
// From a change of key to the sound of it: how many frames after piece_change() the first note of the new key's chord
// begins, the limiter's delay included. That is a count of frames and comes out the same on every machine, so it is
// done once, and with an instrument that makes no sound and costs nothing. What a station adds on top is its block and
// what the listener's player keeps in stock.
#include "cmd/bench.h"
#include "cmd/figures.h"
#include "core/random.h"
#include "station/piece.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { CHANGES = 200, BLOCK = 960, PATIENCE_S = 20 };

static const double BPM_LEAST = 40.0;
static const double BPM_MOST = 140.0;
static const double WARM_UP_S = 4.0;
static const double MOMENT_S = 24.0;

// What the watch has seen of the change.
struct ear {
    struct key awaited;
    bool waiting;
    bool changed; ///< its chord is the one that sounds now
    pitch_set chord;
    bool heard;
    uint64_t frame; ///< where it was heard
};

static void mute_note_on(struct instrument *instrument, int channel, int key, int velocity)
{
    (void)instrument, (void)channel, (void)key, (void)velocity;
}

static void mute_note_off(struct instrument *instrument, int channel, int key)
{
    (void)instrument, (void)channel, (void)key;
}

static void mute_message(struct instrument *instrument, int status, int channel, int data1, int data2)
{
    (void)instrument, (void)status, (void)channel, (void)data1, (void)data2;
}

static void mute_reset(struct instrument *instrument, enum midi_reset reset)
{
    (void)instrument;
    (void)reset;
}

static void mute_render(struct instrument *instrument, float *left, float *right, size_t frames)
{
    (void)instrument;
    memset(left, 0, frames * sizeof *left);
    memset(right, 0, frames * sizeof *right);
}

static int mute_voices(const struct instrument *instrument)
{
    (void)instrument;
    return 0;
}

static void mute_free(struct instrument *instrument)
{
    free(instrument);
}

static struct instrument *mute_new(void)
{
    static const struct instrument_ops ops = {.note_on = mute_note_on,
                                              .note_off = mute_note_off,
                                              .message = mute_message,
                                              .reset = mute_reset,
                                              .render = mute_render,
                                              .voices = mute_voices,
                                              .free = mute_free};
    struct instrument *instrument = calloc(1, sizeof *instrument);
    if (instrument) {
        *instrument = (struct instrument){.ops = &ops, .name = "mute"};
    }
    return instrument;
}

static void hear_chord(void *user, const struct event *event, uint64_t frame)
{
    (void)frame;
    struct ear *ear = user;
    const struct key key = event->harmony.key;
    ear->changed = ear->waiting && key.tonic == ear->awaited.tonic && key.mode == ear->awaited.mode;
    ear->chord = chord_set(event->harmony.chord);
}

static void hear_note(void *user, const struct event *event, uint64_t frame, uint64_t end)
{
    (void)end;
    struct ear *ear = user;
    if (ear->changed && !ear->heard && ((unsigned)ear->chord >> (event->note.key % 12U) & 1U)) {
        ear->heard = true;
        ear->frame = frame;
    }
}

static enum status play(struct piece *piece, double seconds, const struct ear *ear)
{
    float left[BLOCK];
    float right[BLOCK];
    enum status status = STATUS_OK;
    const uint64_t until = piece_frame(piece) + (uint64_t)(seconds * (double)BENCH_RATE);
    while (status == STATUS_OK && piece_frame(piece) < until && !ear->heard) {
        const uint64_t rest = until - piece_frame(piece);
        status = piece_render(piece, left, right, rest < BLOCK ? (size_t)rest : BLOCK);
    }
    return status;
}

// One change at a random moment of the piece: what it took, in milliseconds.
static enum status change_key(struct piece *piece, struct controls controls, struct random *random, struct ear *ear,
                              double *taken_ms)
{
    enum status status = play(piece, WARM_UP_S + MOMENT_S * random_unit(random), ear);
    if (status != STATUS_OK) {
        return status;
    }
    controls.key.tonic = (uint8_t)((controls.key.tonic + 1 + random_below(random, 11)) % 12);
    ear->awaited = controls.key;
    ear->waiting = true;
    const uint64_t asked = piece_frame(piece);
    status = piece_change(piece, NULL, &controls);
    if (status == STATUS_OK) {
        status = play(piece, PATIENCE_S, ear);
    }
    *taken_ms = 1000.0 * (double)(ear->frame - asked + piece_delay(piece)) / (double)BENCH_RATE;
    return status == STATUS_OK && !ear->heard ? STATUS_AGAIN : status;
}

static enum status measure(const struct bench *bench, size_t number, struct random *random, double *taken_ms)
{
    const struct preset *preset = presets_at(bench->presets, number % presets_count(bench->presets));
    struct controls controls = preset->defaults;
    controls.bpm = BPM_LEAST + (BPM_MOST - BPM_LEAST) * random_unit(random);
    struct ear ear = {0};
    const struct piece_options options = {.harmony = bench->harmony,
                                          .preset = preset,
                                          .controls = controls,
                                          .seed = bench->seed + number,
                                          .rate = BENCH_RATE,
                                          .instrument = mute_new(),
                                          .watch = {.note = hear_note, .chord = hear_chord, .user = &ear}};
    struct piece *piece = options.instrument ? piece_new(&options) : NULL;
    const enum status status = piece ? change_key(piece, controls, random, &ear, taken_ms) : STATUS_NO_MEMORY;
    piece_free(piece);
    return status;
}

json_t *bench_control(const struct bench *bench, struct complaint *complaint)
{
    double taken_ms[CHANGES];
    struct random random;
    random_init(&random, bench->seed, 0);
    for (size_t i = 0; i < CHANGES; i++) {
        const enum status status = measure(bench, i, &random, &taken_ms[i]);
        if (status != STATUS_OK) {
            (void)complain(complaint, status, "the change of key %zu was not heard within %d s", i, PATIENCE_S);
            return NULL;
        }
    }
    sort_values(taken_ms, CHANGES);
    return json_pack("{s:s, s:i, s:[f,f], s:f, s:f, s:f, s:n, s:s}", "what",
                     "from a change of key to the first note of the new key's chord, in frames of music", "changes",
                     CHANGES, "bpm", BPM_LEAST, BPM_MOST, "p50_ms", percentile(taken_ms, CHANGES, 0.5), "p99_ms",
                     percentile(taken_ms, CHANGES, 0.99), "max_ms", percentile(taken_ms, CHANGES, 1.0), "peer",
                     "peer_missing", "we know of no other program that plays endless music and is told the key");
}
