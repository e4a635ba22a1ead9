// SPDX-License-Identifier: GPL-3.0-or-later
// Weights lie in memory by input, so that all outputs of a layer grow together, side by side in the processor's
// vectors. Two buffers take turns as a layer's inputs and outputs.
#include "hear/network.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

static const float UNIT = 1.0F / 4096.0F;
static const long WEIGHT_MAX = 1L << 24;

struct layer {
    uint32_t inputs, outputs;
    float *weights; ///< outputs of them for each input
    float *biases;
};

struct network {
    uint32_t count;
    struct layer layers[NETWORK_LAYERS_MAX];
    float outputs[2][NETWORK_WIDTH_MAX];
};

/// A text that is being read.
struct reader {
    const char *name, *at, *end;
    int line;
    struct complaint *complaint;
};

static enum status refuse(const struct reader *reader, const char *problem)
{
    return complain(reader->complaint, STATUS_CORRUPT, "%s:%d: %s", reader->name, reader->line, problem);
}

// Passes over what stands between numbers and words, with comments.
static void skip_space(struct reader *reader)
{
    while (reader->at < reader->end) {
        if (*reader->at == '#') {
            while (reader->at < reader->end && *reader->at != '\n') {
                reader->at++;
            }
        } else if (*reader->at == ' ' || *reader->at == '\n') {
            reader->line += *reader->at == '\n';
            reader->at++;
        } else {
            return;
        }
    }
}

static bool read_word(struct reader *reader, const char *word)
{
    const char *at = reader->at;
    while (*word && at < reader->end && *at == *word) {
        at++;
        word++;
    }
    if (*word) {
        return false;
    }
    reader->at = at;
    return true;
}

static bool read_number(struct reader *reader, long *number)
{
    skip_space(reader);
    const bool negative = reader->at < reader->end && *reader->at == '-';
    reader->at += negative;
    const char *first = reader->at;
    long value = 0;
    while (reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9' && value <= WEIGHT_MAX) {
        value = value * 10 + (*reader->at++ - '0');
    }
    *number = negative ? -value : value;
    return reader->at > first && value <= WEIGHT_MAX;
}

static enum status read_weights(struct reader *reader, struct layer *layer)
{
    for (uint32_t row = 0; row < layer->outputs; row++) {
        for (uint32_t column = 0; column <= layer->inputs; column++) {
            long number;
            if (!read_number(reader, &number)) {
                return refuse(reader, "expected a weight, a whole number of up to 16777216");
            }
            float *place =
                column < layer->inputs ? &layer->weights[column * layer->outputs + row] : &layer->biases[row];
            *place = (float)number * UNIT;
        }
    }
    return STATUS_OK;
}

static enum status read_layer(struct reader *reader, struct network *network)
{
    long inputs;
    long outputs;
    if (network->count == NETWORK_LAYERS_MAX || !read_word(reader, "layer ") || !read_number(reader, &inputs) ||
        !read_number(reader, &outputs)) {
        return refuse(reader, "expected \"layer INPUTS OUTPUTS\", eight times at most");
    }
    const long before = network->count ? (long)network->layers[network->count - 1].outputs : inputs;
    if (inputs < 1 || inputs > NETWORK_WIDTH_MAX || outputs < 1 || outputs > NETWORK_WIDTH_MAX || inputs != before) {
        return refuse(reader, "a layer whose size cannot be");
    }
    struct layer *layer = &network->layers[network->count++];
    *layer = (struct layer){.inputs = (uint32_t)inputs, .outputs = (uint32_t)outputs};
    layer->weights = calloc((size_t)inputs * (size_t)outputs, sizeof *layer->weights);
    layer->biases = calloc((size_t)outputs, sizeof *layer->biases);
    if (!layer->weights || !layer->biases) {
        return complain(reader->complaint, STATUS_NO_MEMORY, "out of memory");
    }
    return read_weights(reader, layer);
}

enum status network_read(const char *name, const char *text, size_t length, struct network **network,
                         struct complaint *complaint)
{
    struct reader reader = {.name = name, .at = text, .end = text + length, .line = 1, .complaint = complaint};
    struct network *made = calloc(1, sizeof *made);
    if (!made) {
        return complain(complaint, STATUS_NO_MEMORY, "out of memory");
    }
    enum status status = STATUS_OK;
    for (skip_space(&reader); status == STATUS_OK && reader.at < reader.end; skip_space(&reader)) {
        status = read_layer(&reader, made);
    }
    if (status == STATUS_OK && made->count == 0) {
        status = refuse(&reader, "there is no layer");
    }
    if (status != STATUS_OK) {
        network_free(made);
        return status;
    }
    *network = made;
    return STATUS_OK;
}

void network_free(struct network *network)
{
    if (network) {
        for (uint32_t i = 0; i < network->count; i++) {
            free(network->layers[i].weights);
            free(network->layers[i].biases);
        }
        free(network);
    }
}

uint32_t network_inputs(const struct network *network)
{
    return network->layers[0].inputs;
}

uint32_t network_outputs(const struct network *network)
{
    return network->layers[network->count - 1].outputs;
}

static void run_layer(const struct layer *layer, const float *inputs, float *restrict outputs) REALTIME;

static void run_layer(const struct layer *layer, const float *inputs, float *restrict outputs)
{
    for (uint32_t row = 0; row < layer->outputs; row++) {
        outputs[row] = layer->biases[row];
    }
    for (uint32_t column = 0; column < layer->inputs; column++) {
        const float *weights = layer->weights + (size_t)column * layer->outputs;
        const float input = inputs[column];
        for (uint32_t row = 0; row < layer->outputs; row++) {
            outputs[row] += weights[row] * input;
        }
    }
}

const float *network_run(struct network *network, const float *inputs)
{
    for (uint32_t i = 0; i < network->count; i++) {
        float *outputs = network->outputs[i % 2];
        run_layer(&network->layers[i], inputs, outputs);
        for (uint32_t row = 0; i + 1 < network->count && row < network->layers[i].outputs; row++) {
            outputs[row] = tanhf(outputs[row]);
        }
        inputs = outputs;
    }
    return inputs;
}
