// SPDX-License-Identifier: GPL-3.0-or-later
// The weights of all bands lie behind each other; a band knows its first bin and where its weights begin.
#include "hear/filterbank.h"

#include <math.h>
#include <stdlib.h>

struct band {
    double centre;
    uint32_t first, count; ///< bins
    size_t weights;        ///< where they begin
};

struct filterbank {
    uint32_t count;
    struct band *bands;
    float *weights;
};

// The centres, each on a bin of its own, with a neighbour before the first and after the last; how many.
static uint32_t find_bins(const struct filterbank_options *options, uint32_t *bins, uint32_t room)
{
    const double width = options->rate / options->size;
    uint32_t count = 0;
    for (int step = -1; count < room; step++) {
        const double centre = options->lowest * exp2(step / options->per_octave);
        const double bin = fmax(1.0, round(centre / width));
        if (bin > options->size / 2.0 || (step > 0 && centre > options->highest * exp2(1.0 / options->per_octave))) {
            break;
        }
        if (count == 0 || (uint32_t)bin > bins[count - 1]) {
            bins[count++] = (uint32_t)bin;
        }
    }
    return count;
}

static void weigh(struct filterbank *filterbank, const uint32_t *bins, double width)
{
    size_t at = 0;
    for (uint32_t i = 0; i < filterbank->count; i++) {
        const uint32_t low = bins[i];
        const uint32_t middle = bins[i + 1];
        const uint32_t high = bins[i + 2];
        struct band *band = &filterbank->bands[i];
        *band = (struct band){.centre = middle * width, .first = low + 1, .count = high - low - 1, .weights = at};
        double sum = 0.0;
        for (uint32_t bin = low + 1; bin < high; bin++) {
            const double weight =
                bin <= middle ? (double)(bin - low) / (middle - low) : (double)(high - bin) / (high - middle);
            filterbank->weights[at + bin - low - 1] = (float)weight;
            sum += weight;
        }
        for (uint32_t k = 0; k < band->count; k++) {
            filterbank->weights[at + k] = (float)(filterbank->weights[at + k] / sum);
        }
        at += band->count;
    }
}

struct filterbank *filterbank_new(const struct filterbank_options *options)
{
    if (!(options->lowest > 0.0) || !(options->per_octave > 0.0) || !(options->highest <= options->rate / 2.0)) {
        return NULL;
    }
    const uint32_t room = options->size / 2 + 1;
    struct filterbank *filterbank = calloc(1, sizeof *filterbank);
    uint32_t *bins = calloc(room, sizeof *bins);
    const uint32_t edges = bins ? find_bins(options, bins, room) : 0;
    if (filterbank && edges >= 3) {
        filterbank->count = edges - 2;
        filterbank->bands = calloc(filterbank->count, sizeof *filterbank->bands);
        filterbank->weights = calloc(2 * (size_t)room, sizeof *filterbank->weights);
    }
    if (!filterbank || !filterbank->bands || !filterbank->weights) {
        free(bins);
        filterbank_free(filterbank);
        return NULL;
    }
    weigh(filterbank, bins, options->rate / options->size);
    free(bins);
    return filterbank;
}

void filterbank_free(struct filterbank *filterbank)
{
    if (filterbank) {
        free(filterbank->bands);
        free(filterbank->weights);
        free(filterbank);
    }
}

uint32_t filterbank_count(const struct filterbank *filterbank)
{
    return filterbank->count;
}

double filterbank_centre(const struct filterbank *filterbank, uint32_t band)
{
    return filterbank->bands[band].centre;
}

void filterbank_apply(const struct filterbank *filterbank, const float *magnitudes, float *bands)
{
    for (uint32_t i = 0; i < filterbank->count; i++) {
        const struct band *band = &filterbank->bands[i];
        const float *weights = filterbank->weights + band->weights;
        float sum = 0.0F;
        for (uint32_t k = 0; k < band->count; k++) {
            sum += weights[k] * magnitudes[band->first + k];
        }
        bands[i] = sum;
    }
}
