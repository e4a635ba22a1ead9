// SPDX-License-Identifier: GPL-3.0-or-later
// Averaged are the likelihoods of the chords and of the basses, and the logarithms of the network's own guesses at the
// key. Steps at which no chord sounds say nothing. Three times a second the averages are counted from each tonic,
// their roots taken so that rare chords are not lost, and weighed. A key is first told when some seconds have been
// heard, and left when another is more likely by a factor, so that it does not waver.
#include "hear/key_ear.h"

#include "hear/layer.h"
#include "hear/learned.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    TONICS = 12,
    MODES = 2,
    KEYS = MODES * TONICS,
    CHORDS = 12 * HARMONY_KINDS,
    INPUTS = CHORDS + 12 + 2, ///< chords, basses and the two guesses, counted from a tonic
    CHECK_STEPS = 10,
};

static const double STEPS_PER_SECOND = 30.0;
static const double MEMORY_SECONDS = 30.0;
static const double FIRST_SECONDS = 2.0;

/// By how much another key has to be likelier than the present one.
static const double FACTOR = 3.0;

/// A guess counts no key as less likely.
static const float LEAST = 1e-4F;

/// A step where no chord is likelier than this says nothing.
static const float NONE_MOST = 0.5F;

struct key_ear {
    struct layer layer;
    float keep;
    double seen;                                                       ///< frame of the last evidence
    uint64_t heard;                                                    ///< steps that said something
    float weight;                                                      ///< what the sums' parts weigh together
    float chords[12][HARMONY_KINDS], bass[12], guesses[MODES][TONICS]; ///< sums, faded
    double likely[KEYS];
    bool knows;
    struct key_event now;
};

enum status key_ear_new(struct key_ear **out, struct complaint *complaint)
{
    struct key_ear *ear = calloc(1, sizeof *ear);
    if (!ear) {
        return complain(complaint, STATUS_NO_MEMORY, "out of memory");
    }
    ear->keep = (float)exp(-1.0 / (STEPS_PER_SECOND * MEMORY_SECONDS));
    const struct layer_slot slot = {"key", MODES, INPUTS, &ear->layer};
    const enum status status = layer_read_all(embed_find(hear_files, "key.txt"), &slot, 1, complaint);
    if (status != STATUS_OK) {
        key_ear_free(ear);
        return status;
    }
    *out = ear;
    return STATUS_OK;
}

void key_ear_free(struct key_ear *ear)
{
    if (ear) {
        layer_free(&ear->layer);
        free(ear);
    }
}

const struct key_event *key_ear_now(const struct key_ear *ear)
{
    return &ear->now;
}

bool key_ear_knows(const struct key_ear *ear)
{
    return ear->knows;
}

static void fade_in(float *sums, const float *values, int count, float keep) REALTIME;

static void fade_in(float *sums, const float *values, int count, float keep)
{
    for (int i = 0; i < count; i++) {
        sums[i] = sums[i] * keep + values[i];
    }
}

static void gather(struct key_ear *ear, const struct harmony_evidence *evidence) REALTIME;

static void gather(struct key_ear *ear, const struct harmony_evidence *evidence)
{
    float guesses[KEYS];
    for (int i = 0; i < KEYS; i++) {
        guesses[i] = logf(fmaxf(evidence->keys[i / TONICS][i % TONICS], LEAST));
    }
    fade_in(ear->chords[0], evidence->chords[0], CHORDS, ear->keep);
    fade_in(ear->bass, evidence->bass, 12, ear->keep);
    fade_in(ear->guesses[0], guesses, KEYS, ear->keep);
    ear->weight = ear->weight * ear->keep + 1.0F;
    ear->heard++;
}

/// The averages as they are from \p tonic.
static void look_from(const struct key_ear *ear, int tonic, float inputs[INPUTS]) REALTIME;

static void look_from(const struct key_ear *ear, int tonic, float inputs[INPUTS])
{
    for (int above = 0; above < 12; above++) {
        const int root = (tonic + above) % 12;
        for (int kind = 0; kind < HARMONY_KINDS; kind++) {
            inputs[above * HARMONY_KINDS + kind] = sqrtf(ear->chords[root][kind] / ear->weight);
        }
        inputs[CHORDS + above] = sqrtf(ear->bass[root] / ear->weight);
    }
    inputs[CHORDS + 12] = ear->guesses[0][tonic] / ear->weight;
    inputs[CHORDS + 13] = ear->guesses[1][tonic] / ear->weight;
}

/// Weighs all keys; returns the likeliest.
static int weigh(struct key_ear *ear) REALTIME;

static int weigh(struct key_ear *ear)
{
    double scores[KEYS];
    double sum = 0.0;
    int best = 0;
    for (int tonic = 0; tonic < TONICS; tonic++) {
        float inputs[INPUTS];
        float outputs[MODES];
        look_from(ear, tonic, inputs);
        layer_apply(&ear->layer, inputs, outputs);
        scores[tonic] = outputs[0];
        scores[TONICS + tonic] = outputs[1];
    }
    for (int i = 0; i < KEYS; i++) {
        best = scores[i] > scores[best] ? i : best;
    }
    for (int i = 0; i < KEYS; i++) {
        ear->likely[i] = exp(scores[i] - scores[best]);
        sum += ear->likely[i];
    }
    for (int i = 0; i < KEYS; i++) {
        ear->likely[i] /= sum;
    }
    return best;
}

bool key_ear_push(struct key_ear *ear, const struct harmony_evidence *evidence, struct key_event *event)
{
    if (evidence->frame <= ear->seen) {
        return false;
    }
    ear->seen = evidence->frame;
    if (evidence->none > NONE_MOST) {
        return false;
    }
    gather(ear, evidence);
    if (ear->heard < (uint64_t)(FIRST_SECONDS * STEPS_PER_SECOND) || ear->heard % CHECK_STEPS != 0) {
        return false;
    }
    const int best = weigh(ear);
    const int present = ear->now.minor * TONICS + ear->now.tonic;
    const bool is_new = !ear->knows || ear->likely[best] > FACTOR * ear->likely[present];
    if (is_new) {
        ear->knows = true;
        ear->now =
            (struct key_event){.frame = evidence->frame, .tonic = (uint8_t)(best % TONICS), .minor = best >= TONICS};
    }
    ear->now.confidence = ear->likely[ear->now.minor * TONICS + ear->now.tonic];
    if (is_new) {
        *event = ear->now;
    }
    return is_new;
}
