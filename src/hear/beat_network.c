// SPDX-License-Identifier: GPL-3.0-or-later
// Each level keeps the rows that it was given, as far back as its taps reach, in a ring. Its taps, which are twice as
// far apart as those of the level before, are one layer over the rows that they look at, the oldest first.
#include "hear/beat_network.h"

#include "hear/beat_bands.h"
#include "hear/layer.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHANNELS = 20, LEVELS = 9, TAPS = 5, OUTPUTS = 2, NAME_SIZE = 16 };

static const float LEAK = 0.1F; ///< slope below 0

struct level {
    struct layer taps, mix;
    uint32_t length, at; ///< rows kept; where the next one goes, which is also where the oldest lies
    float (*rows)[CHANNELS];
};

struct beat_network {
    struct layer front, out;
    struct level levels[LEVELS];
    float (*rows)[CHANNELS]; ///< of all levels
};

static enum status read_layers(struct beat_network *network, const struct embed *file, struct complaint *complaint)
{
    enum { SLOTS = 2 * LEVELS + 2 };
    struct layer_slot slots[SLOTS];
    char names[2 * LEVELS][NAME_SIZE];
    slots[0] = (struct layer_slot){"front", CHANNELS, BEAT_BANDS_VALUES, &network->front};
    for (int i = 0; i < LEVELS; i++) {
        (void)snprintf(names[2 * i], NAME_SIZE, "taps%d", i);
        (void)snprintf(names[2 * i + 1], NAME_SIZE, "mix%d", i);
        slots[2 * i + 1] = (struct layer_slot){names[2 * i], CHANNELS, TAPS * CHANNELS, &network->levels[i].taps};
        slots[2 * i + 2] = (struct layer_slot){names[2 * i + 1], CHANNELS, CHANNELS, &network->levels[i].mix};
    }
    slots[SLOTS - 1] = (struct layer_slot){"out", OUTPUTS, CHANNELS, &network->out};
    return layer_read_all(file, slots, SLOTS, complaint);
}

static uint32_t level_length(uint32_t level)
{
    const uint32_t gaps = TAPS - 1;
    return (gaps << level) + 1;
}

static enum status make_rows(struct beat_network *network, struct complaint *complaint)
{
    uint32_t rows = 0;
    for (uint32_t i = 0; i < LEVELS; i++) {
        rows += level_length(i);
    }
    network->rows = calloc(rows, sizeof *network->rows);
    if (!network->rows) {
        return complain(complaint, STATUS_NO_MEMORY, "out of memory");
    }
    float(*at)[CHANNELS] = network->rows;
    for (uint32_t i = 0; i < LEVELS; i++) {
        network->levels[i].length = level_length(i);
        network->levels[i].rows = at;
        at += level_length(i);
    }
    return STATUS_OK;
}

enum status beat_network_new(const struct embed *file, struct beat_network **out, struct complaint *complaint)
{
    struct beat_network *network = calloc(1, sizeof *network);
    if (!network) {
        return complain(complaint, STATUS_NO_MEMORY, "out of memory");
    }
    enum status status = read_layers(network, file, complaint);
    status = status ? status : make_rows(network, complaint);
    if (status != STATUS_OK) {
        beat_network_free(network);
        return status;
    }
    *out = network;
    return STATUS_OK;
}

void beat_network_free(struct beat_network *network)
{
    if (network) {
        layer_free(&network->front);
        layer_free(&network->out);
        for (int i = 0; i < LEVELS; i++) {
            layer_free(&network->levels[i].taps);
            layer_free(&network->levels[i].mix);
        }
        free(network->rows);
        free(network);
    }
}

static void bend(float *row) REALTIME;
static void level_push(struct level *level, uint32_t spacing, float *row) REALTIME;
static float probability(float logit) REALTIME;

static void bend(float *row)
{
    for (size_t k = 0; k < CHANNELS; k++) {
        row[k] = fmaxf(row[k], LEAK * row[k]);
    }
}

// Adds to \p row what the level makes of it and of the past.
static void level_push(struct level *level, uint32_t spacing, float *row)
{
    float past[TAPS][CHANNELS];
    float made[CHANNELS];
    memcpy(level->rows[level->at], row, sizeof made);
    level->at = level->at + 1 < level->length ? level->at + 1 : 0;
    for (uint32_t tap = 0; tap < TAPS; tap++) {
        const uint32_t place = level->at + tap * spacing;
        memcpy(past[tap], level->rows[place < level->length ? place : place - level->length], sizeof past[tap]);
    }
    layer_apply(&level->taps, past[0], made);
    bend(made);
    layer_add(&level->mix, made, row);
}

static float probability(float logit)
{
    return 1.0F / (1.0F + expf(-logit));
}

struct beat_network_view beat_network_push(struct beat_network *network, const float *values)
{
    float row[CHANNELS];
    float out[OUTPUTS];
    layer_apply(&network->front, values, row);
    bend(row);
    for (uint32_t i = 0; i < LEVELS; i++) {
        level_push(&network->levels[i], 1U << i, row);
    }
    layer_apply(&network->out, row, out);
    return (struct beat_network_view){.beat = probability(out[0]), .downbeat = probability(out[1])};
}
