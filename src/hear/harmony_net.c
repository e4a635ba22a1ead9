// SPDX-License-Identifier: GPL-3.0-or-later
// A piece of work is a step of the network for two roots; the last one ends with the scores turned into probabilities.
// A root's inputs are three octaves of each view from the root up, and the level. All views begin at an E, so that for
// root r they begin (r + 8) mod 12 semitones above that.
#include "hear/harmony_net.h"

#include "hear/harmony_weights.h"
#include "hear/learned.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    ROOTS = 12,
    REACH = 36, ///< semitones of each view that a root looks at
    INPUTS = CHROMA_VIEWS * REACH + 1,
    HEAD_BASS = HARMONY_KINDS,
    HEAD_MAJOR,
    HEAD_MINOR,
    HEADS,
    PER_PIECE = 2, ///< roots
    TURNS = 2,
};

struct harmony_net {
    struct harmony_weights weights;
    struct chroma_frame frame;
    int root; ///< the next one that is due; ROOTS: nothing to do
    int turn; ///< whose work it is
    float states[TURNS][ROOTS][LAYER_WIDTH_MAX / 3];
    float scores[ROOTS][HEADS];
    int latest; ///< whose evidence is the latest
    struct harmony_evidence evidence[TURNS];
};

struct harmony_net *harmony_net_new(struct complaint *complaint)
{
    const struct embed *file = embed_find(hear_files, "harmony.txt");
    struct harmony_net *net = calloc(1, sizeof *net);
    if (!net) {
        (void)complain(complaint, STATUS_NO_MEMORY, "out of memory");
        return NULL;
    }
    net->root = ROOTS;
    net->turn = TURNS - 1;
    if (harmony_weights_read(file->name, file->bytes, embed_size(file), INPUTS, HEADS, &net->weights, complaint) !=
        STATUS_OK) {
        harmony_net_free(net);
        return NULL;
    }
    return net;
}

void harmony_net_free(struct harmony_net *net)
{
    if (net) {
        harmony_weights_free(&net->weights);
        free(net);
    }
}

void harmony_net_begin(struct harmony_net *net, const struct chroma_frame *frame)
{
    net->frame = *frame;
    net->root = 0;
    net->turn = (net->turn + 1) % TURNS;
}

const struct harmony_evidence *harmony_net_evidence(const struct harmony_net *net)
{
    return &net->evidence[net->latest];
}

const struct harmony_evidence *harmony_net_first(const struct harmony_net *net)
{
    return &net->evidence[0];
}

static float logistic(float x) REALTIME;

static float logistic(float x)
{
    return 1.0F / (1.0F + expf(-x));
}

static void look_from(const struct chroma_frame *frame, int root, float inputs[INPUTS]) REALTIME;

static void look_from(const struct chroma_frame *frame, int root, float inputs[INPUTS])
{
    for (int v = 0; v < CHROMA_VIEWS; v++) {
        memcpy(inputs + (size_t)v * REACH, frame->views[v] + (root + 8) % 12, REACH * sizeof *inputs);
    }
    inputs[INPUTS - 1] = frame->level;
}

static void advance_root(struct harmony_net *net, int root) REALTIME;

static void advance_root(struct harmony_net *net, int root)
{
    const struct harmony_weights *weights = &net->weights;
    const uint32_t units = weights->memory.inputs;
    float inputs[INPUTS];
    float features[LAYER_WIDTH_MAX];
    float gates[LAYER_WIDTH_MAX];
    float memory[LAYER_WIDTH_MAX];
    float *state = net->states[net->turn][root];
    look_from(&net->frame, root, inputs);
    layer_apply(&weights->input, inputs, features);
    for (uint32_t i = 0; i < weights->input.outputs; i++) {
        features[i] = fmaxf(features[i], 0.0F);
    }
    layer_apply(&weights->gates, features, gates);
    layer_apply(&weights->memory, state, memory);
    for (uint32_t i = 0; i < units; i++) {
        const float reset = logistic(gates[i] + memory[i]);
        const float update = logistic(gates[units + i] + memory[units + i]);
        const float candidate = tanhf(gates[2 * units + i] + reset * memory[2 * units + i]);
        state[i] = candidate + update * (state[i] - candidate);
    }
    layer_apply(&weights->heads, state, net->scores[root]);
}

/// The score of no chord, from the mean of all roots' units.
static float score_none(const struct harmony_net *net) REALTIME;

static float score_none(const struct harmony_net *net)
{
    float mean[LAYER_WIDTH_MAX] = {0.0F};
    float score = 0.0F;
    for (int root = 0; root < ROOTS; root++) {
        for (uint32_t i = 0; i < net->weights.none.inputs; i++) {
            mean[i] += net->states[net->turn][root][i] / ROOTS;
        }
    }
    layer_apply(&net->weights.none, mean, &score);
    return score;
}

/// Turns \p count scores into probabilities.
static void normalize(float *scores, int count) REALTIME;

static void normalize(float *scores, int count)
{
    float highest = scores[0];
    float sum = 0.0F;
    for (int i = 1; i < count; i++) {
        highest = fmaxf(highest, scores[i]);
    }
    for (int i = 0; i < count; i++) {
        scores[i] = expf(scores[i] - highest);
        sum += scores[i];
    }
    for (int i = 0; i < count; i++) {
        scores[i] /= sum;
    }
}

static void weigh(struct harmony_net *net) REALTIME;

static void weigh(struct harmony_net *net)
{
    struct harmony_evidence *evidence = &net->evidence[net->turn];
    float chords[ROOTS * HARMONY_KINDS + 1];
    float keys[2 * ROOTS];
    for (int root = 0; root < ROOTS; root++) {
        memcpy(chords + (size_t)root * HARMONY_KINDS, net->scores[root], sizeof evidence->chords[0]);
        evidence->bass[root] = net->scores[root][HEAD_BASS];
        keys[root] = net->scores[root][HEAD_MAJOR];
        keys[ROOTS + root] = net->scores[root][HEAD_MINOR];
    }
    chords[ROOTS * HARMONY_KINDS] = score_none(net);
    normalize(chords, ROOTS * HARMONY_KINDS + 1);
    normalize(evidence->bass, ROOTS);
    normalize(keys, 2 * ROOTS);
    memcpy(evidence->chords, chords, sizeof evidence->chords);
    memcpy(evidence->keys, keys, sizeof evidence->keys);
    evidence->none = chords[ROOTS * HARMONY_KINDS];
    evidence->frame = net->frame.frame;
    net->latest = net->turn;
}

bool harmony_net_work(struct harmony_net *net)
{
    if (net->root == ROOTS) {
        return false;
    }
    for (int i = 0; i < PER_PIECE; i++) {
        advance_root(net, net->root++);
    }
    if (net->root == ROOTS) {
        weigh(net);
        return true;
    }
    return false;
}
