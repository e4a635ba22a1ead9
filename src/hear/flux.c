// SPDX-License-Identifier: GPL-3.0-or-later
// The long spectrum comes half a hop before the short one, so that the two transforms fall into different pushes of
// the device; values are told with the short one. Levels are log2(1 + x / floor), where the floor lies 54 dB below the
// greatest magnitude that any band had lately: what is softer is masked, and nobody would call it a beginning. That
// peak falls by half in three seconds, and counts as -54 dB of full scale at least, so that a silent room is not blown
// up.
#include "hear/flux.h"

#include "hear/filterbank.h"
#include "hear/spectrum.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { HISTORY = 32, LONG_LAG = 4 };

static const double HOP = 128.0 / 48000.0; // s, like those below
static const double SHORT_WINDOW = 512.0 / 48000.0;
static const double SHORT_FALL = 96.0 / 48000.0;
static const double LONG_WINDOW = 2048.0 / 48000.0;
static const double LONG_FALL = 256.0 / 48000.0;
static const double PEAK_HALVES = 3.0;
static const float PEAK_LEAST = 0.002F;
static const float FLOOR = 0.002F;       // of the peak
static const double SHORT_LOWEST = 90.0; // Hz, like those below
static const double SHORT_NARROWEST = 100.0;
static const double LONG_LOWEST = 40.0;
static const double LONG_HIGHEST = 10000.0;
static const double FINE_PER_OCTAVE = 24.0;
static const double GROUPS_PER_OCTAVE = 1.5;

// In hops; the last ones tell what lasts from what begins.
static const uint32_t SHORT_LAGS[FLUX_SHORT_LAGS] = {1, 2, 3, 4, 6, 9, 14, 24};
static const uint32_t LONG_LAGS[FLUX_LONG_LAGS] = {0, 2, 4, 8};

/// One of the two spectra, from the stream to compressed levels.
struct part {
    struct spectrum *spectrum;
    uint32_t count;
    float *bands; ///< of the latest spectrum
    float peak;   ///< the greatest of any band lately
};

struct flux {
    uint32_t hop;
    float decay; ///< of a peak a hop
    struct part brief, lasting;
    float *weights[FLUX_SHORT_BANDS]; ///< a band's, from its first bin on
    uint32_t firsts[FLUX_SHORT_BANDS], counts[FLUX_SHORT_BANDS];
    struct filterbank *fine;
    uint8_t *groups;               ///< of each fine band
    float shares[FLUX_LONG_BANDS]; ///< 1 / fine bands in the group
    float *past;                   ///< LONG_LAG rows of fine levels, a ring
    uint32_t row, column;
    float levels[HISTORY][FLUX_SHORT_BANDS];
    float rises[HISTORY][FLUX_LONG_BANDS];
    float values[FLUX_VALUES];
};

static uint32_t power_of_two(uint32_t least)
{
    uint32_t size = 2;
    while (size < least) {
        size *= 2;
    }
    return size;
}

static struct spectrum_options options_of(double rate, double window, double fall, uint32_t hop, uint32_t first)
{
    const uint32_t frames = (uint32_t)lround(rate * window);
    return (struct spectrum_options){.window = frames,
                                     .fall = (uint32_t)lround(rate * fall),
                                     .size = power_of_two(frames),
                                     .hop = hop,
                                     .first = first};
}

static bool part_make(struct part *part, const struct spectrum_options *options, uint32_t count)
{
    part->count = count;
    part->spectrum = spectrum_new(options);
    part->bands = calloc(count, sizeof *part->bands);
    return part->spectrum && part->bands;
}

static void part_drop(struct part *part)
{
    spectrum_free(part->spectrum);
    free(part->bands);
}

// Half-octave triangles around centres that do not depend on the rate, none narrower than a bin.
static bool weigh_short(struct flux *flux, const struct spectrum_options *options, double rate)
{
    const double width = rate / options->size;
    for (uint32_t i = 0; i < FLUX_SHORT_BANDS; i++) {
        const double centre = SHORT_LOWEST * exp2(i / 2.0);
        const double half = fmax(centre * (M_SQRT2 - 1.0), SHORT_NARROWEST);
        const double last = fmin(floor((centre + half) / width), options->size / 2.0);
        const double first = ceil(fmax(centre - half, width) / width);
        if (last < first) {
            continue;
        }
        const uint32_t count = (uint32_t)(last - first) + 1;
        flux->weights[i] = calloc(count, sizeof(float));
        if (!flux->weights[i]) {
            return false;
        }
        double sum = 0.0;
        for (uint32_t k = 0; k < count; k++) {
            sum += fmax(0.0, 1.0 - fabs((first + k) * width - centre) / half);
        }
        for (uint32_t k = 0; k < count && sum > 0.0; k++) {
            flux->weights[i][k] = (float)(fmax(0.0, 1.0 - fabs((first + k) * width - centre) / half) / sum);
        }
        flux->firsts[i] = (uint32_t)first;
        flux->counts[i] = count;
    }
    return true;
}

static void group_fine(struct flux *flux)
{
    uint32_t members[FLUX_LONG_BANDS] = {0};
    for (uint32_t i = 0; i < filterbank_count(flux->fine); i++) {
        const double octaves = log2(filterbank_centre(flux->fine, i) / LONG_LOWEST);
        const double group = fmin(fmax(floor(octaves * GROUPS_PER_OCTAVE), 0.0), FLUX_LONG_BANDS - 1);
        flux->groups[i] = (uint8_t)group;
        members[flux->groups[i]]++;
    }
    for (uint32_t i = 0; i < FLUX_LONG_BANDS; i++) {
        flux->shares[i] = members[i] ? 1.0F / (float)members[i] : 0.0F;
    }
}

static bool build(struct flux *flux, double rate)
{
    const struct spectrum_options brief = options_of(rate, SHORT_WINDOW, SHORT_FALL, flux->hop, flux->hop);
    const struct spectrum_options lasting = options_of(rate, LONG_WINDOW, LONG_FALL, flux->hop, flux->hop / 2);
    const struct filterbank_options fine = {.rate = rate,
                                            .size = lasting.size,
                                            .lowest = LONG_LOWEST,
                                            .highest = fmin(LONG_HIGHEST, rate / 2.0),
                                            .per_octave = FINE_PER_OCTAVE};
    flux->fine = filterbank_new(&fine);
    const uint32_t count = flux->fine ? filterbank_count(flux->fine) : 1;
    flux->groups = calloc(count, sizeof *flux->groups);
    flux->past = calloc((size_t)LONG_LAG * count, sizeof *flux->past);
    if (!flux->fine || !flux->groups || !flux->past || !part_make(&flux->brief, &brief, FLUX_SHORT_BANDS) ||
        !part_make(&flux->lasting, &lasting, count) || !weigh_short(flux, &brief, rate)) {
        return false;
    }
    group_fine(flux);
    return true;
}

struct flux *flux_new(double rate)
{
    struct flux *flux = rate >= 8000.0 && rate <= 80000.0 ? calloc(1, sizeof *flux) : NULL;
    if (!flux) {
        return NULL;
    }
    flux->hop = (uint32_t)lround(rate * HOP);
    flux->decay = (float)exp2(-(double)flux->hop / (rate * PEAK_HALVES));
    if (!build(flux, rate)) {
        flux_free(flux);
        return NULL;
    }
    return flux;
}

void flux_free(struct flux *flux)
{
    if (flux) {
        part_drop(&flux->brief);
        part_drop(&flux->lasting);
        filterbank_free(flux->fine);
        for (uint32_t i = 0; i < FLUX_SHORT_BANDS; i++) {
            free(flux->weights[i]);
        }
        free(flux->groups);
        free(flux->past);
        free(flux);
    }
}

// Magnitudes in bands become levels.
static void compress(struct part *part, float decay) REALTIME;

static void compress(struct part *part, float decay)
{
    part->peak = fmaxf(part->peak * decay, PEAK_LEAST);
    for (uint32_t i = 0; i < part->count; i++) {
        part->peak = fmaxf(part->peak, part->bands[i]);
    }
    const float floor = part->peak * FLOOR;
    for (uint32_t i = 0; i < part->count; i++) {
        part->bands[i] = log2f(1.0F + part->bands[i] / floor);
    }
}

// How much each group has risen over the highest of three neighbours LONG_LAG hops ago.
static void hear_long(struct flux *flux) REALTIME;

static void hear_long(struct flux *flux)
{
    const uint32_t count = flux->lasting.count;
    const float *levels = flux->lasting.bands;
    float *past = flux->past + (size_t)flux->row * count;
    float *rises = flux->rises[flux->column];
    filterbank_apply(flux->fine, spectrum_magnitudes(flux->lasting.spectrum), flux->lasting.bands);
    compress(&flux->lasting, flux->decay);
    memset(rises, 0, sizeof flux->rises[0]);
    for (uint32_t i = 0; i < count; i++) {
        const float before = fmaxf(past[i], fmaxf(past[i ? i - 1 : 0], past[i + 1 < count ? i + 1 : i]));
        rises[flux->groups[i]] += fmaxf(0.0F, levels[i] - before) * flux->shares[flux->groups[i]];
    }
    memcpy(past, levels, count * sizeof *past);
    flux->row = (flux->row + 1) % LONG_LAG;
}

static void hear_short(struct flux *flux) REALTIME;

static void hear_short(struct flux *flux)
{
    const float *magnitudes = spectrum_magnitudes(flux->brief.spectrum);
    for (uint32_t i = 0; i < FLUX_SHORT_BANDS; i++) {
        float sum = 0.0F;
        for (uint32_t k = 0; k < flux->counts[i]; k++) {
            sum += flux->weights[i][k] * magnitudes[flux->firsts[i] + k];
        }
        flux->brief.bands[i] = sum;
    }
    compress(&flux->brief, flux->decay);
    memcpy(flux->levels[flux->column], flux->brief.bands, sizeof flux->levels[0]);
}

static void tell(struct flux *flux) REALTIME;

static void tell(struct flux *flux)
{
    const float *now = flux->levels[flux->column];
    float *value = flux->values;
    for (uint32_t i = 0; i < FLUX_SHORT_BANDS; i++) {
        *value++ = now[i];
    }
    for (uint32_t lag = 0; lag < FLUX_SHORT_LAGS; lag++) {
        const float *before = flux->levels[(flux->column + HISTORY - SHORT_LAGS[lag]) % HISTORY];
        for (uint32_t i = 0; i < FLUX_SHORT_BANDS; i++) {
            *value++ = now[i] - before[i];
        }
    }
    for (uint32_t lag = 0; lag < FLUX_LONG_LAGS; lag++) {
        const float *rises = flux->rises[(flux->column + HISTORY - LONG_LAGS[lag]) % HISTORY];
        for (uint32_t i = 0; i < FLUX_LONG_BANDS; i++) {
            *value++ = rises[i];
        }
    }
}

size_t flux_push(struct flux *flux, const float *frames, size_t count, bool *made)
{
    size_t used = 0;
    *made = false;
    while (used < count && !*made) {
        // Both take the same frames, up to the next that brings a spectrum of the short one; within these, at most
        // one of the long one.
        const size_t some = spectrum_push(flux->brief.spectrum, frames + used, count - used, made);
        for (size_t k = 0; k < some;) {
            bool heard;
            k += spectrum_push(flux->lasting.spectrum, frames + used + k, some - k, &heard);
            if (heard) {
                hear_long(flux);
            }
        }
        used += some;
    }
    if (*made) {
        hear_short(flux);
        tell(flux);
        flux->column = (flux->column + 1) % HISTORY;
    }
    return used;
}

uint32_t flux_hop(const struct flux *flux)
{
    return flux->hop;
}

const float *flux_values(const struct flux *flux)
{
    return flux->values;
}
