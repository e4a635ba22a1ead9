// SPDX-License-Identifier: GPL-3.0-or-later
// The window's length is the same at every rate, in seconds, and a band is an integral over frequency, so that one
// network serves all rates; a rate too low for a band leaves it at 0.
#include "hear/beat_bands.h"

#include "hear/spectrum.h"

#include <math.h>
#include <stdlib.h>

static const double ROWS_A_SECOND = 100.0;

struct band {
    uint32_t first, count; ///< bins
    size_t weights;        ///< where they begin
};

struct beat_bands {
    struct spectrum *spectrum;
    size_t hop;
    struct band bands[BEAT_BANDS];
    float *weights;
    struct band_levels levels;
};

// Fills the weights of the band between edges \p number and \p number + 2; returns where the next ones go.
static size_t weigh(struct beat_bands *bands, int number, double width, uint32_t bins, size_t at)
{
    const double high = band_levels_edge(number + 2);
    struct band *band = &bands->bands[number];
    band->weights = at;
    band->first = (uint32_t)ceil(band_levels_edge(number) / width);
    for (uint32_t bin = band->first; bin * width < high && bin < bins; bin++) {
        bands->weights[at++] = (float)(band_levels_weight(number, bin * width) * width * band_levels_window);
        band->count++;
    }
    return at;
}

struct beat_bands *beat_bands_new(double rate)
{
    if (!(rate >= 8000.0 && rate <= 80000.0)) {
        return NULL;
    }
    struct beat_bands *bands = calloc(1, sizeof *bands);
    if (!bands) {
        return NULL;
    }
    const uint32_t window = (uint32_t)lround(rate * band_levels_window);
    uint32_t size = 2;
    while (size < window) {
        size *= 2;
    }
    bands->hop = (size_t)lround(rate / ROWS_A_SECOND);
    band_levels_init(&bands->levels, (double)bands->hop / rate);
    bands->spectrum = spectrum_new(&(const struct spectrum_options){.window = window,
                                                                    .fall = (uint32_t)lround(rate * band_levels_fall),
                                                                    .size = size,
                                                                    .hop = (uint32_t)bands->hop});
    bands->weights = calloc(2 * (size_t)size, sizeof *bands->weights);
    if (!bands->spectrum || !bands->weights) {
        beat_bands_free(bands);
        return NULL;
    }
    size_t at = 0;
    for (int i = 0; i < BEAT_BANDS; i++) {
        at = weigh(bands, i, rate / size, size / 2 + 1, at);
    }
    return bands;
}

void beat_bands_free(struct beat_bands *bands)
{
    if (bands) {
        spectrum_free(bands->spectrum);
        free(bands->weights);
        free(bands);
    }
}

size_t beat_bands_hop(const struct beat_bands *bands)
{
    return bands->hop;
}

static void sum_bands(const struct beat_bands *bands, float *sums) REALTIME;

static void sum_bands(const struct beat_bands *bands, float *sums)
{
    const float *magnitudes = spectrum_magnitudes(bands->spectrum);
    for (int i = 0; i < BEAT_BANDS; i++) {
        const struct band *band = &bands->bands[i];
        const float *weights = bands->weights + band->weights;
        float sum = 0.0F;
        for (uint32_t k = 0; k < band->count; k++) {
            sum += weights[k] * magnitudes[band->first + k];
        }
        sums[i] = sum;
    }
}

size_t beat_bands_push(struct beat_bands *bands, const float *frames, size_t count, bool *made)
{
    const size_t used = spectrum_push(bands->spectrum, frames, count, made);
    if (*made) {
        float sums[BEAT_BANDS];
        sum_bands(bands, sums);
        band_levels_push(&bands->levels, sums);
    }
    return used;
}

const float *beat_bands_values(const struct beat_bands *bands)
{
    return bands->levels.values;
}
