// SPDX-License-Identifier: GPL-3.0-or-later
// The weights are kept by input, so that the sums run along memory and a compiler can do several outputs at once.
#include "hear/layer.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { WORD_SIZE = 24 };

/// No weight is beyond.
static const double WEIGHT_MAX = 1e3;

/// What of a file is yet to be read.
struct reader {
    const char *name, *at, *end;
    int line;
    bool is_line; ///< begins here
};

static bool is_space(char c)
{
    return c == ' ' || c == '\n';
}

// Passes over spaces, ends of lines and the lines that begin with #.
static void skip(struct reader *reader)
{
    while (reader->at < reader->end) {
        if (*reader->at == '#' && reader->is_line) {
            const char *line = memchr(reader->at, '\n', (size_t)(reader->end - reader->at));
            reader->at = line ? line : reader->end;
        } else if (is_space(*reader->at)) {
            reader->is_line = *reader->at++ == '\n';
            reader->line += reader->is_line;
        } else {
            reader->is_line = false;
            return;
        }
    }
}

/// The next word; empty at the end of the file, and where it is too long or holds a NUL.
static void read_word(struct reader *reader, char word[WORD_SIZE])
{
    size_t length = 0;
    skip(reader);
    while (reader->at < reader->end && !is_space(*reader->at)) {
        if (length + 1 == WORD_SIZE || *reader->at == '\0') {
            length = 0;
            break;
        }
        word[length++] = *reader->at++;
    }
    word[length] = '\0';
}

static bool read_number(struct reader *reader, double *number)
{
    char word[WORD_SIZE];
    char *end = word;
    read_word(reader, word);
    *number = strtod(word, &end);
    // A comparison with what is no number is false.
    return end > word && *end == '\0' && *number >= -WEIGHT_MAX && *number <= WEIGHT_MAX;
}

static bool read_name(struct reader *reader, const char *expected)
{
    char word[WORD_SIZE];
    read_word(reader, word);
    return strcmp(word, expected) == 0;
}

static bool read_size(struct reader *reader, uint32_t expected)
{
    double number;
    return read_number(reader, &number) && number == (double)expected;
}

static enum status read_weights(struct reader *reader, struct layer *layer, struct complaint *complaint)
{
    for (uint32_t o = 0; o < layer->outputs; o++) {
        for (uint32_t i = 0; i <= layer->inputs; i++) {
            double number;
            if (!read_number(reader, &number)) {
                return complain(complaint, STATUS_CORRUPT, "%s:%d: expected a weight from %g to %g", reader->name,
                                reader->line, -WEIGHT_MAX, WEIGHT_MAX);
            }
            *(i == 0 ? &layer->biases[o] : &layer->weights[(size_t)(i - 1) * layer->outputs + o]) = (float)number;
        }
    }
    return STATUS_OK;
}

static enum status read_layer(struct reader *reader, const struct layer_slot *slot, struct complaint *complaint)
{
    struct layer *layer = slot->layer;
    if (!read_name(reader, "layer") || !read_name(reader, slot->name) || !read_size(reader, slot->outputs) ||
        !read_size(reader, slot->inputs)) {
        return complain(complaint, STATUS_CORRUPT, "%s:%d: expected \"layer %s %u %u\"", reader->name, reader->line,
                        slot->name, slot->outputs, slot->inputs);
    }
    layer->outputs = slot->outputs;
    layer->inputs = slot->inputs;
    layer->weights = calloc((size_t)layer->inputs * layer->outputs, sizeof *layer->weights);
    layer->biases = calloc(layer->outputs, sizeof *layer->biases);
    if (!layer->weights || !layer->biases) {
        return complain(complaint, STATUS_NO_MEMORY, "out of memory");
    }
    return read_weights(reader, layer, complaint);
}

enum status layer_read_all(const struct embed *file, const struct layer_slot *slots, size_t count,
                           struct complaint *complaint)
{
    for (size_t i = 0; i < count; i++) {
        *slots[i].layer = (struct layer){.inputs = 0};
    }
    if (!file) {
        return complain(complaint, STATUS_CORRUPT, "what the ears have learned is not in this program");
    }
    struct reader reader = {.name = file->name,
                            .at = (const char *)file->bytes,
                            .end = (const char *)file->end,
                            .line = 1,
                            .is_line = true};
    for (size_t i = 0; i < count; i++) {
        const enum status status = read_layer(&reader, &slots[i], complaint);
        if (status != STATUS_OK) {
            return status;
        }
    }
    skip(&reader);
    return reader.at == reader.end ? STATUS_OK
                                   : complain(complaint, STATUS_CORRUPT, "%s:%d: more than the layers that there are",
                                              reader.name, reader.line);
}

void layer_free(struct layer *layer)
{
    free(layer->weights);
    free(layer->biases);
    *layer = (struct layer){.inputs = 0};
}

void layer_apply(const struct layer *layer, const float *in, float *restrict out)
{
    memset(out, 0, layer->outputs * sizeof *out);
    layer_add(layer, in, out);
}

void layer_add(const struct layer *layer, const float *in, float *restrict out)
{
    const uint32_t outputs = layer->outputs;
    for (uint32_t o = 0; o < outputs; o++) {
        out[o] += layer->biases[o];
    }
    for (uint32_t i = 0; i < layer->inputs; i++) {
        const float *weights = layer->weights + (size_t)i * outputs;
        const float value = in[i];
        for (uint32_t o = 0; o < outputs; o++) {
            out[o] += weights[o] * value;
        }
    }
}
