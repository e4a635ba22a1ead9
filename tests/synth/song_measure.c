// SPDX-License-Identifier: GPL-3.0-or-later
#include "song_measure.h"

#include "spectrum.h"

#include <ebur128.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { WINDOW = 1024, STEP = WINDOW / 2, BINS = WINDOW / 2 + 1, MOST = 4096, SIDES = 2, RENDERS = 2 };

static const double LOW_HZ = 20;
static const double HIGH_HZ = 16000;
static const double FLOOR = 1e-9; ///< -90 dB

struct song_measure {
    double rate;
    ebur128_state *meters[RENDERS];
    struct spectrum *spectrum;
    size_t waiting; ///< frames in window
    float window[RENDERS][SIDES][WINDOW];
    double sum;
    size_t count;
};

struct song_measure *song_measure_new(unsigned rate)
{
    struct song_measure *measure = calloc(1, sizeof *measure);
    if (!measure) {
        abort();
    }
    measure->rate = rate;
    measure->spectrum = spectrum_new(WINDOW);
    for (int i = 0; i < RENDERS; i++) {
        measure->meters[i] = ebur128_init(SIDES, rate, EBUR128_MODE_I);
        if (!measure->meters[i]) {
            abort();
        }
    }
    return measure;
}

static void take_powers(const struct song_measure *measure, int render, double *powers)
{
    double complex bins[SIDES][BINS];
    for (int side = 0; side < SIDES; side++) {
        spectrum_take(measure->spectrum, measure->window[render][side], bins[side]);
    }
    for (int i = 0; i < BINS; i++) {
        powers[i] = creal(bins[0][i] * conj(bins[0][i])) + creal(bins[1][i] * conj(bins[1][i]));
    }
}

static void compare_window(struct song_measure *measure)
{
    double powers[RENDERS][BINS];
    take_powers(measure, 0, powers[0]);
    take_powers(measure, 1, powers[1]);
    for (int i = (int)ceil(LOW_HZ * WINDOW / measure->rate); i * measure->rate <= HIGH_HZ * WINDOW && i < BINS; i++) {
        if (powers[0][i] > FLOOR || powers[1][i] > FLOOR) {
            const double difference = 10 * log10(fmax(powers[1][i], FLOOR) / fmax(powers[0][i], FLOOR));
            measure->sum += difference * difference;
            measure->count++;
        }
    }
}

static void add_to_window(struct song_measure *measure, const float *const renders[RENDERS][SIDES], size_t at)
{
    for (int render = 0; render < RENDERS; render++) {
        for (int side = 0; side < SIDES; side++) {
            measure->window[render][side][measure->waiting] = renders[render][side][at];
        }
    }
    if (++measure->waiting < WINDOW) {
        return;
    }
    compare_window(measure);
    measure->waiting = WINDOW - STEP;
    for (int render = 0; render < RENDERS; render++) {
        for (int side = 0; side < SIDES; side++) {
            float *window = measure->window[render][side];
            memmove(window, window + STEP, (WINDOW - STEP) * sizeof *window);
        }
    }
}

void song_measure_add(struct song_measure *measure, const float *const reference[2], const float *const tested[2],
                      size_t frames)
{
    const float *const renders[RENDERS][SIDES] = {{reference[0], reference[1]}, {tested[0], tested[1]}};
    float both[SIDES * MOST];
    for (int render = 0; render < RENDERS; render++) {
        for (size_t i = 0; i < frames; i++) {
            both[2 * i] = renders[render][0][i];
            both[2 * i + 1] = renders[render][1][i];
        }
        (void)ebur128_add_frames_float(measure->meters[render], both, frames);
    }
    for (size_t i = 0; i < frames; i++) {
        add_to_window(measure, renders, i);
    }
}

struct song_difference song_measure_result(struct song_measure *measure)
{
    struct song_difference result = {0};
    (void)ebur128_loudness_global(measure->meters[0], &result.reference_lufs);
    (void)ebur128_loudness_global(measure->meters[1], &result.tested_lufs);
    result.distance_db = measure->count > 0 ? sqrt(measure->sum / (double)measure->count) : 0;
    return result;
}

void song_measure_free(struct song_measure *measure)
{
    if (measure) {
        ebur128_destroy(&measure->meters[0]);
        ebur128_destroy(&measure->meters[1]);
        spectrum_free(measure->spectrum);
        free(measure);
    }
}
