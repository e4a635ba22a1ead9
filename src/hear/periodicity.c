// SPDX-License-Identifier: GPL-3.0-or-later
// The products are summed for a block of neighbouring lags at once, which share a window: the inner loop runs over
// lags, each with a sum of its own, so that it is a loop over vectors without a change in the order of any sum. The
// energies come from one running sum over the frames.
//
// Between the lags a value is that of a sinc under a Hann window, at quarters of a lag, whose taps are made once; a
// parabola through three of these finds the top. (A parabola through whole lags is wrong by up to 30 cents at 2 kHz,
// and takes the top of a short lag for lower than that of its double.)
#include "hear/periodicity.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    LANES = 4,
    BLOCK = 16, ///< lags
    QUARTERS = 4,
    REACH = 8, ///< lags to either side
    LONGEST = 65536,
};

typedef float lanes __attribute__((vector_size(LANES * sizeof(float))));

struct periodicity {
    struct periodicity_options options;
    uint32_t blocks, span;
    float *values;    ///< BLOCK for each block
    double *energies; ///< [i]: of the first i frames
    float taps[QUARTERS][2 * REACH];
};

static uint32_t window_of(const struct periodicity *periodicity, uint32_t block) REALTIME;
static void correlate(const float *end, uint32_t first, uint32_t window, float *sums) REALTIME;
static double between(const struct periodicity *periodicity, int quarter) REALTIME;

// Of the longest lag of the block.
static uint32_t window_of(const struct periodicity *periodicity, uint32_t block)
{
    const struct periodicity_options *options = &periodicity->options;
    const uint32_t lag = (block + 1) * BLOCK;
    const uint32_t wish = lag * options->periods;
    const uint32_t window = wish < options->least ? options->least : wish < options->most ? wish : options->most;
    return window < lag ? lag : window;
}

static void make_taps(struct periodicity *periodicity)
{
    for (int quarter = 0; quarter < QUARTERS; quarter++) {
        double taps[2 * REACH];
        double sum = 0.0;
        for (int i = 0; i < 2 * REACH; i++) {
            const double x = (double)quarter / QUARTERS - (i + 1 - REACH);
            const double sinc = fabs(x) < 1e-9 ? 1.0 : sin(M_PI * x) / (M_PI * x);
            taps[i] = sinc * (0.5 + 0.5 * cos(M_PI * x / REACH));
            sum += taps[i];
        }
        for (int i = 0; i < 2 * REACH; i++) {
            periodicity->taps[quarter][i] = (float)(taps[i] / sum);
        }
    }
}

struct periodicity *periodicity_new(const struct periodicity_options *options)
{
    const bool valid =
        options->longest >= 1 && options->longest <= LONGEST && options->periods >= 1 && options->least >= 1;
    struct periodicity *periodicity = valid ? calloc(1, sizeof *periodicity) : NULL;
    if (!periodicity) {
        return NULL;
    }
    *periodicity = (struct periodicity){.options = *options, .blocks = 1 + (options->longest + REACH) / BLOCK};
    periodicity->values = calloc((size_t)periodicity->blocks * BLOCK, sizeof(float));
    for (uint32_t block = 0; block < periodicity->blocks; block++) {
        const uint32_t reach = periodicity_reach(periodicity, block * BLOCK + BLOCK - 1);
        periodicity->span = reach > periodicity->span ? reach : periodicity->span;
    }
    periodicity->energies = calloc((size_t)periodicity->span + 1, sizeof(double));
    if (!periodicity->values || !periodicity->energies) {
        periodicity_free(periodicity);
        return NULL;
    }
    make_taps(periodicity);
    return periodicity;
}

void periodicity_free(struct periodicity *periodicity)
{
    if (periodicity) {
        free(periodicity->values);
        free(periodicity->energies);
        free(periodicity);
    }
}

uint32_t periodicity_span(const struct periodicity *periodicity)
{
    return periodicity->span;
}

// The frames lie before `end`. Lag `first + k` is summed at BLOCK - 1 - k, so that both loops go upwards.
static void correlate(const float *end, uint32_t first, uint32_t window, float *sums)
{
    const float *now = end - window;
    const float *then = now - first - (BLOCK - 1);
    lanes sum[BLOCK / LANES] = {{0.0F}};
    for (uint32_t i = 0; i < window; i++) {
        for (uint32_t k = 0; k < BLOCK / LANES; k++) {
            lanes some;
            memcpy(&some, then + i + (size_t)LANES * k, sizeof some);
            sum[k] += now[i] * some;
        }
    }
    for (uint32_t k = 0; k < BLOCK; k++) {
        sums[BLOCK - 1 - k] = sum[k / LANES][k % LANES];
    }
}

void periodicity_measure(struct periodicity *periodicity, const float *frames, double floor)
{
    const uint32_t span = periodicity->span;
    double *energies = periodicity->energies;
    for (uint32_t i = 0; i < span; i++) {
        energies[i + 1] = energies[i] + (double)frames[i] * frames[i];
    }
    for (uint32_t block = 0; block < periodicity->blocks; block++) {
        const uint32_t window = window_of(periodicity, block);
        float *values = periodicity->values + (size_t)block * BLOCK;
        correlate(frames + span, block * BLOCK, window, values);
        for (uint32_t k = 0; k < BLOCK; k++) {
            const uint32_t end = span - block * BLOCK - k;
            const double both = energies[span] - energies[span - window] + energies[end] - energies[end - window];
            values[k] = both > 2.0 * floor * window ? (float)(2.0 * values[k] / both) : 0.0F;
        }
    }
}

const float *periodicity_values(const struct periodicity *periodicity)
{
    return periodicity->values;
}

// Towards negative lags the values are even.
static double between(const struct periodicity *periodicity, int quarter)
{
    const float *taps = periodicity->taps[quarter % QUARTERS];
    const int first = quarter / QUARTERS + 1 - REACH;
    float sum = 0.0F;
    for (int i = 0; i < 2 * REACH; i++) {
        sum += periodicity->values[abs(first + i)] * taps[i];
    }
    return sum;
}

double periodicity_top(const struct periodicity *periodicity, uint32_t lag, double *value)
{
    int middle = (int)lag * QUARTERS;
    double top = between(periodicity, middle);
    for (int side = QUARTERS / 2; side >= 1; side /= 2) {
        const int from = middle;
        for (int sign = -1; sign <= 1; sign += 2) {
            const double other = between(periodicity, from + sign * side);
            middle = other > top ? from + sign * side : middle;
            top = fmax(top, other);
        }
    }
    const double before = between(periodicity, middle - 1);
    const double after = between(periodicity, middle + 1);
    const double bend = 2.0 * top - before - after;
    const double shift = bend > 0.0 ? fmax(-1.0, fmin(1.0, 0.5 * (after - before) / bend)) : 0.0;
    *value = fmin(1.0, top + 0.25 * (after - before) * shift);
    return (middle + shift) / QUARTERS;
}

uint32_t periodicity_reach(const struct periodicity *periodicity, uint32_t lag)
{
    return lag + window_of(periodicity, lag / BLOCK) + 1;
}
