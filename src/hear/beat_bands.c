// SPDX-License-Identifier: GPL-3.0-or-later
// The window's length is the same at every rate, in seconds, and a band is an integral over frequency, so that one
// network serves all rates; a rate too low for a band leaves it at 0. The reference level jumps up with the sound and
// sinks slowly; below its floor there is nothing to hear.
#include "hear/beat_bands.h"

#include "hear/spectrum.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { RISE_FRAMES = 2 }; ///< a rise is measured against the level that many rows ago

static const double ROWS_A_SECOND = 100.0;
static const double WINDOW_SECONDS = 0.04;
static const double LOWEST_HZ = 30.0;
static const double HIGHEST_HZ = 15000.0;
static const double BEND_HZ = 400.0; ///< where the axis turns from linear to logarithmic
static const double MEMORY_SECONDS = 8.0;
static const float FLOOR = 1e-4F;     ///< the reference level is never lower: 80 dB below full scale
static const float STRETCH = 1000.0F; ///< of the logarithm: it reaches 60 dB down

struct band {
    uint32_t first, count; ///< bins
    size_t weights;        ///< where they begin
};

struct beat_bands {
    struct spectrum *spectrum;
    size_t hop;
    struct band bands[BEAT_BANDS];
    float *weights;
    float level, sink;
    float past[RISE_FRAMES][BEAT_BANDS]; ///< the latest first
    float values[BEAT_BANDS_VALUES];
};

static double to_axis(double hz)
{
    return log1p(hz / BEND_HZ);
}

static double edge_hz(int edge)
{
    const double low = to_axis(LOWEST_HZ);
    const double step = (to_axis(HIGHEST_HZ) - low) / (BEAT_BANDS + 1);
    return BEND_HZ * expm1(low + step * edge);
}

// Fills the weights of the band between edges \p number and \p number + 2; returns where the next ones go.
static size_t weigh(struct beat_bands *bands, int number, double width, uint32_t bins, size_t at)
{
    const double low = edge_hz(number);
    const double middle = edge_hz(number + 1);
    const double high = edge_hz(number + 2);
    struct band *band = &bands->bands[number];
    band->weights = at;
    band->first = (uint32_t)ceil(low / width);
    for (uint32_t bin = band->first; bin * width < high && bin < bins; bin++) {
        const double hz = bin * width;
        const double weight = hz < middle ? (hz - low) / (middle - low) : (high - hz) / (high - middle);
        bands->weights[at++] = (float)(weight * width * WINDOW_SECONDS);
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
    const uint32_t window = (uint32_t)lround(rate * WINDOW_SECONDS);
    uint32_t size = 2;
    while (size < window) {
        size *= 2;
    }
    bands->hop = (size_t)lround(rate / ROWS_A_SECOND);
    bands->sink = (float)exp(-(double)bands->hop / rate / MEMORY_SECONDS);
    bands->level = FLOOR;
    bands->spectrum = spectrum_new(&(const struct spectrum_options){
        .window = window, .fall = window / 4, .size = size, .hop = (uint32_t)bands->hop});
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

static float sum_bands(const struct beat_bands *bands, float *sums) REALTIME;
static void make_values(struct beat_bands *bands) REALTIME;

// The sum over all of them.
static float sum_bands(const struct beat_bands *bands, float *sums)
{
    const float *magnitudes = spectrum_magnitudes(bands->spectrum);
    float total = 0.0F;
    for (int i = 0; i < BEAT_BANDS; i++) {
        const struct band *band = &bands->bands[i];
        const float *weights = bands->weights + band->weights;
        float sum = 0.0F;
        for (uint32_t k = 0; k < band->count; k++) {
            sum += weights[k] * magnitudes[band->first + k];
        }
        sums[i] = sum;
        total += sum;
    }
    return total;
}

static void make_values(struct beat_bands *bands)
{
    float sums[BEAT_BANDS];
    const float total = sum_bands(bands, sums);
    bands->level = fmaxf(fmaxf(total, FLOOR), bands->level * bands->sink);
    const float scale = STRETCH / bands->level;
    const float top = 1.0F / log1pf(STRETCH);
    for (int i = 0; i < BEAT_BANDS; i++) {
        const float value = log1pf(sums[i] * scale) * top;
        bands->values[i] = value;
        bands->values[BEAT_BANDS + i] = fmaxf(0.0F, value - bands->past[RISE_FRAMES - 1][i]);
    }
    memmove(bands->past[1], bands->past[0], (RISE_FRAMES - 1) * sizeof bands->past[0]);
    memcpy(bands->past[0], bands->values, sizeof bands->past[0]);
}

size_t beat_bands_push(struct beat_bands *bands, const float *frames, size_t count, bool *made)
{
    const size_t used = spectrum_push(bands->spectrum, frames, count, made);
    if (*made) {
        make_values(bands);
    }
    return used;
}

const float *beat_bands_values(const struct beat_bands *bands)
{
    return bands->values;
}
