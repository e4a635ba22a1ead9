// SPDX-License-Identifier: GPL-3.0-or-later
// A layer is "layer NAME OUTPUTS INPUTS", then for each output its bias and a weight for each input. Lines that begin
// with # are passed over. The weights are kept by input, so that the sums run along memory and a compiler can do
// several outputs at once.
#include "hear/layer.h"

#include <stdlib.h>
#include <string.h>

enum { WORD_SIZE = 24 };

/// No weight is beyond.
static const double WEIGHT_MAX = 1e3;

/// The next word of the text, without the lines that begin with #; false at its end, or where a word is too long.
static bool word_read(struct layer_text *text, char word[WORD_SIZE])
{
    while (text->at < text->end && strchr(" \n#", *text->at)) {
        const char *line = *text->at == '#' ? memchr(text->at, '\n', (size_t)(text->end - text->at)) : text->at;
        text->at = line ? line + 1 : text->end;
    }
    size_t length = 0;
    while (text->at < text->end && !strchr(" \n", *text->at)) {
        if (length + 1 == WORD_SIZE) {
            return false;
        }
        word[length++] = *text->at++;
    }
    word[length] = '\0';
    return length > 0;
}

static bool number_read(struct layer_text *text, double least, double most, double *number)
{
    char word[WORD_SIZE];
    char *end = word;
    if (!word_read(text, word)) {
        return false;
    }
    *number = strtod(word, &end);
    return *end == '\0' && *number >= least && *number <= most;
}

static bool word_is(struct layer_text *text, const char *expected)
{
    char word[WORD_SIZE];
    return word_read(text, word) && strcmp(word, expected) == 0;
}

static bool layer_fill(struct layer_text *text, struct layer *layer)
{
    for (uint32_t o = 0; o < layer->outputs; o++) {
        for (uint32_t i = 0; i <= layer->inputs; i++) {
            double number = 0.0;
            if (!number_read(text, -WEIGHT_MAX, WEIGHT_MAX, &number)) {
                return false;
            }
            *(i == 0 ? &layer->biases[o] : &layer->weights[(i - 1) * layer->outputs + o]) = (float)number;
        }
    }
    return true;
}

enum status layer_read(struct layer_text *text, const char *name, struct layer *layer)
{
    double outputs = 0.0;
    double inputs = 0.0;
    *layer = (struct layer){.inputs = 0};
    if (!word_is(text, "layer") || !word_is(text, name) || !number_read(text, 1.0, LAYER_WIDTH_MAX, &outputs) ||
        !number_read(text, 1.0, LAYER_WIDTH_MAX, &inputs)) {
        return STATUS_CORRUPT;
    }
    layer->outputs = (uint32_t)outputs;
    layer->inputs = (uint32_t)inputs;
    layer->weights = calloc((size_t)layer->inputs * layer->outputs, sizeof(float));
    layer->biases = calloc(layer->outputs, sizeof(float));
    if (!layer->weights || !layer->biases) {
        return STATUS_NO_MEMORY;
    }
    return layer_fill(text, layer) ? STATUS_OK : STATUS_CORRUPT;
}

bool layer_text_ends(struct layer_text *text)
{
    char word[WORD_SIZE];
    return !word_read(text, word) && text->at == text->end;
}

void layer_free(struct layer *layer)
{
    free(layer->weights);
    free(layer->biases);
    *layer = (struct layer){.inputs = 0};
}

void layer_apply(const struct layer *layer, const float *in, float *out)
{
    const uint32_t outputs = layer->outputs;
    memcpy(out, layer->biases, outputs * sizeof *out);
    for (uint32_t i = 0; i < layer->inputs; i++) {
        const float *weights = layer->weights + (size_t)i * outputs;
        const float value = in[i];
        for (uint32_t o = 0; o < outputs; o++) {
            out[o] += weights[o] * value;
        }
    }
}
