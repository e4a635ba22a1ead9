// SPDX-License-Identifier: GPL-3.0-or-later
// Each frame passes two filters of the second order for each channel, and its weighted squares are added to the present
// step of 10 ms. The last 3 s of steps are kept. With each step that ends the two windows are summed anew, so that no
// error creeps in; with every tenth one a block enters the histogram. So a hop is never far dearer than another.
//
// The channels lie side by side in the filters' memory and are treated alike by one loop, whose length is known.
#include "hear/loudness.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOMENTARY = 40, ///< steps
    SHORT_TERM = 300,
    BLOCK_STEPS = 10, ///< between two blocks
    BINS = 1000,
};

static const double GATE = -70.0;         // LUFS
static const double RELATIVE_GATE = 10.0; // LU
static const double BIN = 0.1;            // LU
static const double OFFSET = -0.691;      // LUFS of a mean square of 1, BS.1770 equation 2
static const double TINY = 1e-30;         // filters' memory that is as good as none, and slow to count with

/// y = b0 x + b1 x' + b2 x'' - a1 y' - a2 y''
struct section {
    double b[3], a[3];
    double memory[2][LOUDNESS_CHANNELS];
};

/// Blocks of about one loudness.
struct bin {
    uint64_t count;
    double sum; ///< of their mean squares
};

struct loudness {
    uint32_t channels;
    double weights[LOUDNESS_CHANNELS];
    struct section shelf, high_pass;
    double step, next; ///< frames: of a step, and the count with which the present one ends
    uint64_t frames, steps;
    uint64_t begun; ///< the count of frames with which the present step began
    double sum;     ///< of its weighted squares
    double past[SHORT_TERM];
    double momentary, short_term; ///< mean squares
    struct bin bins[BINS];
};

static void filter(struct section *section, double *values) REALTIME;
static void calm(struct section *section) REALTIME;
static double lufs(double mean_square) REALTIME;
static double mean_of(const struct loudness *loudness, uint32_t steps) REALTIME;
static void end_step(struct loudness *loudness) REALTIME;

// A shelf of 4 dB above 1.7 kHz: what a head does.
static void design_shelf(struct section *section, double rate)
{
    const double k = tan(M_PI * 1681.974450955533 / rate);
    const double q = 0.7071752369554196;
    const double high = pow(10.0, 3.999843853973347 / 20.0);
    const double band = pow(high, 0.4996667741545416);
    const double scale = 1.0 + k / q + k * k;
    section->b[0] = (high + band * k / q + k * k) / scale;
    section->b[1] = 2.0 * (k * k - high) / scale;
    section->b[2] = (high - band * k / q + k * k) / scale;
    section->a[1] = 2.0 * (k * k - 1.0) / scale;
    section->a[2] = (1.0 - k / q + k * k) / scale;
}

static void design_high_pass(struct section *section, double rate)
{
    const double k = tan(M_PI * 38.13547087602444 / rate);
    const double q = 0.5003270373238773;
    const double scale = 1.0 + k / q + k * k;
    section->b[0] = 1.0;
    section->b[1] = -2.0;
    section->b[2] = 1.0;
    section->a[1] = 2.0 * (k * k - 1.0) / scale;
    section->a[2] = (1.0 - k / q + k * k) / scale;
}

static void weigh(struct loudness *loudness, bool surround)
{
    static const double at_side = 1.41;
    static const double layouts[LOUDNESS_CHANNELS + 1][LOUDNESS_CHANNELS] = {
        [4] = {1.0, 1.0, at_side, at_side},
        [5] = {1.0, 1.0, 1.0, at_side, at_side},
        [6] = {1.0, 1.0, 1.0, 0.0, at_side, at_side},
        [7] = {1.0, 1.0, 1.0, 0.0, 1.0, at_side, at_side},
        [8] = {1.0, 1.0, 1.0, 0.0, 1.0, 1.0, at_side, at_side},
    };
    for (uint32_t i = 0; i < loudness->channels; i++) {
        loudness->weights[i] = surround && loudness->channels >= 4 ? layouts[loudness->channels][i] : 1.0;
    }
}

struct loudness *loudness_new(const struct loudness_options *options)
{
    const bool valid = options->rate >= 8000.0 && options->rate <= 192000.0 && options->channels >= 1 &&
                       options->channels <= LOUDNESS_CHANNELS;
    struct loudness *loudness = valid ? calloc(1, sizeof *loudness) : NULL;
    if (!loudness) {
        return NULL;
    }
    loudness->channels = options->channels;
    loudness->step = loudness->next = options->rate / LOUDNESS_STEPS;
    design_shelf(&loudness->shelf, options->rate);
    design_high_pass(&loudness->high_pass, options->rate);
    weigh(loudness, options->surround);
    return loudness;
}

void loudness_free(struct loudness *loudness)
{
    free(loudness);
}

static void filter(struct section *section, double *values)
{
    for (uint32_t i = 0; i < LOUDNESS_CHANNELS; i++) {
        const double in = values[i];
        const double out = section->b[0] * in + section->memory[0][i];
        section->memory[0][i] = section->b[1] * in - section->a[1] * out + section->memory[1][i];
        section->memory[1][i] = section->b[2] * in - section->a[2] * out;
        values[i] = out;
    }
}

static void calm(struct section *section)
{
    for (uint32_t i = 0; i < LOUDNESS_CHANNELS; i++) {
        for (uint32_t k = 0; k < 2; k++) {
            const double value = section->memory[k][i];
            section->memory[k][i] = fabs(value) < TINY ? 0.0 : value;
        }
    }
}

static double lufs(double mean_square)
{
    return mean_square > 0.0 ? fmax(LOUDNESS_SILENCE, OFFSET + 10.0 * log10(mean_square)) : LOUDNESS_SILENCE;
}

// Of the last `steps` steps, as far as there are so many.
static double mean_of(const struct loudness *loudness, uint32_t steps)
{
    const uint32_t count = loudness->steps < steps ? (uint32_t)loudness->steps : steps;
    double sum = 0.0;
    for (uint32_t i = 1; i <= count; i++) {
        sum += loudness->past[(loudness->steps - i) % SHORT_TERM];
    }
    return count ? sum / count : 0.0;
}

static void end_step(struct loudness *loudness)
{
    loudness->past[loudness->steps % SHORT_TERM] = loudness->sum / (double)(loudness->frames - loudness->begun);
    loudness->steps++;
    loudness->sum = 0.0;
    loudness->begun = loudness->frames;
    loudness->next = (double)(loudness->steps + 1) * loudness->step;
    loudness->momentary = mean_of(loudness, MOMENTARY);
    loudness->short_term = mean_of(loudness, SHORT_TERM);
    calm(&loudness->shelf);
    calm(&loudness->high_pass);
    const double value = lufs(loudness->momentary);
    if (loudness->steps >= MOMENTARY && loudness->steps % BLOCK_STEPS == 0 && value >= GATE) {
        const double place = fmin(BINS - 1.0, (value - GATE) / BIN);
        struct bin *bin = &loudness->bins[(uint32_t)place];
        bin->count++;
        bin->sum += loudness->momentary;
    }
}

void loudness_push(struct loudness *loudness, const float *frames, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        double values[LOUDNESS_CHANNELS] = {0.0};
        for (uint32_t channel = 0; channel < loudness->channels; channel++) {
            values[channel] = frames[i * loudness->channels + channel];
        }
        filter(&loudness->shelf, values);
        filter(&loudness->high_pass, values);
        for (uint32_t channel = 0; channel < LOUDNESS_CHANNELS; channel++) {
            loudness->sum += loudness->weights[channel] * values[channel] * values[channel];
        }
        loudness->frames++;
        if ((double)loudness->frames >= loudness->next) {
            end_step(loudness);
        }
    }
}

double loudness_momentary(const struct loudness *loudness)
{
    return lufs(loudness->momentary);
}

double loudness_short_term(const struct loudness *loudness)
{
    return lufs(loudness->short_term);
}

double loudness_integrated(const struct loudness *loudness)
{
    struct bin all = {0};
    for (uint32_t i = 0; i < BINS; i++) {
        all.count += loudness->bins[i].count;
        all.sum += loudness->bins[i].sum;
    }
    if (all.count == 0) {
        return LOUDNESS_SILENCE;
    }
    const double gate = lufs(all.sum / (double)all.count) - RELATIVE_GATE;
    struct bin loud = {0};
    // A bin counts where its middle is above the gate.
    const double first = fmin(fmax(0.0, ceil((gate - GATE) / BIN - 0.5)), BINS - 1);
    for (uint32_t i = (uint32_t)first; i < BINS; i++) {
        loud.count += loudness->bins[i].count;
        loud.sum += loudness->bins[i].sum;
    }
    return loud.count ? lufs(loud.sum / (double)loud.count) : LOUDNESS_SILENCE;
}
