// SPDX-License-Identifier: GPL-3.0-or-later
// A piece of work is a step of the network for two roots; the last one ends with the scores turned into probabilities.
// A root's inputs are three octaves of each view from the root up, and the level. All views begin at an E, so that for
// root r they begin (r + 8) mod 12 semitones above that.
#include "hear/harmony_net.h"

#include "hear/layer.h"
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
    UNITS = 48,
    GATES = 3 * UNITS, ///< reset, update, candidate of each unit
    PER_PIECE = 2,     ///< roots
    TURNS = 2,
};

struct harmony_net {
    struct layer input;  ///< of what sounds, to features
    struct layer gates;  ///< of features
    struct layer memory; ///< of the units' state, to their gates
    struct layer heads;  ///< of the units, to the scores
    struct layer none;   ///< of the units' mean over the roots, to the score of no chord
    struct chroma_frame frame;
    int root; ///< the next one that is due; ROOTS: nothing to do
    int turn; ///< whose work it is
    float states[TURNS][ROOTS][UNITS];
    float scores[ROOTS][HEADS];
    int latest; ///< whose evidence is the latest
    struct harmony_evidence evidence[TURNS];
};

static enum status read_layers(struct harmony_net *net, struct complaint *complaint)
{
    const struct layer_slot slots[] = {{"input", UNITS, INPUTS, &net->input},
                                       {"gates", GATES, UNITS, &net->gates},
                                       {"memory", GATES, UNITS, &net->memory},
                                       {"heads", HEADS, UNITS, &net->heads},
                                       {"none", 1, UNITS, &net->none}};
    return layer_read_all(embed_find(hear_files, "harmony.txt"), slots, sizeof slots / sizeof slots[0], complaint);
}

enum status harmony_net_new(struct harmony_net **out, struct complaint *complaint)
{
    struct harmony_net *net = calloc(1, sizeof *net);
    if (!net) {
        return complain(complaint, STATUS_NO_MEMORY, "out of memory");
    }
    net->root = ROOTS;
    net->turn = TURNS - 1;
    const enum status status = read_layers(net, complaint);
    if (status != STATUS_OK) {
        harmony_net_free(net);
        return status;
    }
    *out = net;
    return STATUS_OK;
}

void harmony_net_free(struct harmony_net *net)
{
    if (net) {
        layer_free(&net->input);
        layer_free(&net->gates);
        layer_free(&net->memory);
        layer_free(&net->heads);
        layer_free(&net->none);
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
    float inputs[INPUTS];
    float features[UNITS];
    float gates[GATES];
    float memory[GATES];
    float *state = net->states[net->turn][root];
    look_from(&net->frame, root, inputs);
    layer_apply(&net->input, inputs, features);
    for (int i = 0; i < UNITS; i++) {
        features[i] = fmaxf(features[i], 0.0F);
    }
    layer_apply(&net->gates, features, gates);
    layer_apply(&net->memory, state, memory);
    for (int i = 0; i < UNITS; i++) {
        const float reset = logistic(gates[i] + memory[i]);
        const float update = logistic(gates[UNITS + i] + memory[UNITS + i]);
        const float candidate = tanhf(gates[2 * UNITS + i] + reset * memory[2 * UNITS + i]);
        state[i] = candidate + update * (state[i] - candidate);
    }
    layer_apply(&net->heads, state, net->scores[root]);
}

/// The score of no chord, from the mean of all roots' units.
static float score_none(const struct harmony_net *net) REALTIME;

static float score_none(const struct harmony_net *net)
{
    float mean[UNITS] = {0.0F};
    float score = 0.0F;
    for (int root = 0; root < ROOTS; root++) {
        for (int i = 0; i < UNITS; i++) {
            mean[i] += net->states[net->turn][root][i] / ROOTS;
        }
    }
    layer_apply(&net->none, mean, &score);
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
