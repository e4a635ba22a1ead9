// SPDX-License-Identifier: GPL-3.0-or-later
// Each layer keeps the rows that it was given, as far back as its taps reach, in a ring. A tap's weights lie input by
// input with the outputs side by side, so that the innermost loop adds to all outputs at once.
//
// The text has comment lines that begin with #, then one line "network VALUES CHANNELS LAYERS TAPS OUTPUTS", then all
// weights in thousandths in the order in which they stand in `struct layer` and `struct beat_network`.
#include "hear/beat_network.h"

#include "hear/beat_bands.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHANNELS = 20, LAYERS = 9, TAPS = 5, OUTPUTS = 2 };

static const float LEAK = 0.1F; ///< slope below 0
static const long WEIGHT_MOST = 100000;

struct layer {
    float bias[CHANNELS];
    float taps[TAPS][CHANNELS][CHANNELS]; ///< the oldest first; input, output
    float mix_bias[CHANNELS];
    float mix[CHANNELS][CHANNELS];
};

struct history {
    uint32_t length, at; ///< at: where the next row goes, which is also where the oldest lies
    float (*rows)[CHANNELS];
};

struct beat_network {
    float front_bias[CHANNELS];
    float front[BEAT_BANDS_VALUES][CHANNELS];
    struct layer layers[LAYERS];
    float out_bias[OUTPUTS];
    float out[CHANNELS][OUTPUTS];
    struct history histories[LAYERS];
    float (*rows)[CHANNELS];
};

// The weights come first in the structure and are floats throughout.
enum { WEIGHTS = offsetof(struct beat_network, histories) / sizeof(float) };

static const char *skip_comments(const char *text)
{
    while (*text == '#') {
        text = strchr(text, '\n');
        if (!text) {
            return "";
        }
        text++;
    }
    return text;
}

static bool parse(struct beat_network *network, const char *text)
{
    char expected[64];
    const int length = snprintf(expected, sizeof expected, "network %d %d %d %d %d\n", BEAT_BANDS_VALUES, CHANNELS,
                                LAYERS, TAPS, OUTPUTS);
    text = skip_comments(text);
    if (strncmp(text, expected, (size_t)length) != 0) {
        return false;
    }
    text += length;
    float *weights = (float *)network;
    for (size_t i = 0; i < WEIGHTS; i++) {
        char *end = NULL;
        const long value = strtol(text, &end, 10);
        if (end == text || labs(value) > WEIGHT_MOST) {
            return false;
        }
        weights[i] = (float)value / 1000.0F;
        text = end;
    }
    return text[strspn(text, " \n")] == '\0';
}

// The taps of a layer are twice as far apart as those of the one before.
static uint32_t history_length(uint32_t layer)
{
    const uint32_t gaps = TAPS - 1;
    return (gaps << layer) + 1;
}

struct beat_network *beat_network_new(const char *text)
{
    struct beat_network *network = calloc(1, sizeof *network);
    uint32_t rows = 0;
    for (uint32_t i = 0; i < LAYERS; i++) {
        rows += history_length(i);
    }
    if (network) {
        network->rows = calloc(rows, sizeof *network->rows);
    }
    if (!network || !network->rows || !parse(network, text)) {
        beat_network_free(network);
        return NULL;
    }
    float(*at)[CHANNELS] = network->rows;
    for (uint32_t i = 0; i < LAYERS; i++) {
        network->histories[i] = (struct history){.length = history_length(i), .rows = at};
        at += network->histories[i].length;
    }
    return network;
}

void beat_network_free(struct beat_network *network)
{
    if (network) {
        free(network->rows);
        free(network);
    }
}

static void add_product(float *restrict out, const float *restrict in, const float *restrict weights,
                        size_t count) REALTIME;
static void bend(float *row) REALTIME;
static void layer_push(const struct layer *layer, struct history *history, uint32_t spacing, float *row) REALTIME;
static float probability(float logit) REALTIME;

static void add_product(float *restrict out, const float *restrict in, const float *restrict weights, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < CHANNELS; k++) {
            out[k] += in[i] * weights[i * CHANNELS + k];
        }
    }
}

static void bend(float *row)
{
    for (size_t k = 0; k < CHANNELS; k++) {
        row[k] = fmaxf(row[k], LEAK * row[k]);
    }
}

// Adds to \p row what the layer makes of it and of the past.
static void layer_push(const struct layer *layer, struct history *history, uint32_t spacing, float *row)
{
    float made[CHANNELS];
    memcpy(history->rows[history->at], row, sizeof made);
    history->at = history->at + 1 < history->length ? history->at + 1 : 0;
    memcpy(made, layer->bias, sizeof made);
    for (uint32_t tap = 0; tap < TAPS; tap++) {
        const uint32_t place = history->at + tap * spacing;
        const float *past = history->rows[place < history->length ? place : place - history->length];
        add_product(made, past, layer->taps[tap][0], CHANNELS);
    }
    bend(made);
    for (size_t k = 0; k < CHANNELS; k++) {
        row[k] += layer->mix_bias[k];
    }
    add_product(row, made, layer->mix[0], CHANNELS);
}

static float probability(float logit)
{
    return 1.0F / (1.0F + expf(-logit));
}

struct beat_network_view beat_network_push(struct beat_network *network, const float *values)
{
    float row[CHANNELS];
    memcpy(row, network->front_bias, sizeof row);
    add_product(row, values, network->front[0], BEAT_BANDS_VALUES);
    bend(row);
    for (uint32_t i = 0; i < LAYERS; i++) {
        layer_push(&network->layers[i], &network->histories[i], 1U << i, row);
    }
    float out[OUTPUTS];
    memcpy(out, network->out_bias, sizeof out);
    for (size_t i = 0; i < CHANNELS; i++) {
        for (size_t k = 0; k < OUTPUTS; k++) {
            out[k] += row[i] * network->out[i][k];
        }
    }
    return (struct beat_network_view){.beat = probability(out[0]), .downbeat = probability(out[1])};
}
