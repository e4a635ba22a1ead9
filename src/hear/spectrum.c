// SPDX-License-Identifier: GPL-3.0-or-later
// The last frames are kept twice, a window's length apart, so that they are always in one piece. A plan is made by
// estimate and not by measurement, so that it is the same on each start and the spectra are, to the bit.
#include "hear/spectrum.h"

#include <fftw3.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#if defined(__clang__)
#if __has_warning("-Wfunction-effects")
// fftwf_execute() is arithmetic over memory that was had before.
#pragma clang diagnostic ignored "-Wfunction-effects"
#endif
#endif

struct spectrum {
    struct spectrum_options options;
    uint32_t at;    ///< where the next frame goes
    uint32_t until; ///< frames until the next spectrum
    double delay;
    float *shape, *past, *in, *magnitudes;
    fftwf_complex *bins;
    fftwf_plan plan;
};

static bool are_valid(const struct spectrum_options *options)
{
    const uint32_t size = options->size;
    return size >= 2 && size <= SPECTRUM_SIZE_MAX && (size & (size - 1)) == 0 && options->window >= 2 &&
           options->window <= size && options->fall >= 1 && options->fall < options->window && options->hop >= 1;
}

static void shape_window(struct spectrum *spectrum)
{
    const uint32_t window = spectrum->options.window;
    const uint32_t rise = window - spectrum->options.fall;
    double sum = 0.0;
    double moment = 0.0;
    for (uint32_t i = 0; i < window; i++) {
        const double phase = i < rise ? (i + 0.5) / rise : (window - i - 0.5) / spectrum->options.fall;
        const double value = 0.5 - 0.5 * cos(M_PI * phase);
        spectrum->shape[i] = (float)value;
        sum += value;
        moment += value * (window - 1 - i);
    }
    for (uint32_t i = 0; i < window; i++) {
        spectrum->shape[i] = (float)(spectrum->shape[i] * 2.0 / sum);
    }
    spectrum->delay = moment / sum;
}

// FFTW's planner is one for the whole process.
static pthread_mutex_t planner = PTHREAD_MUTEX_INITIALIZER;

static fftwf_plan plan(const struct spectrum *spectrum)
{
    (void)pthread_mutex_lock(&planner);
    const fftwf_plan made =
        fftwf_plan_dft_r2c_1d((int)spectrum->options.size, spectrum->in, spectrum->bins, FFTW_ESTIMATE);
    (void)pthread_mutex_unlock(&planner);
    return made;
}

struct spectrum *spectrum_new(const struct spectrum_options *options)
{
    struct spectrum *spectrum = are_valid(options) ? calloc(1, sizeof *spectrum) : NULL;
    if (!spectrum) {
        return NULL;
    }
    spectrum->options = *options;
    spectrum->until = options->first ? options->first : options->hop;
    spectrum->shape = fftwf_alloc_real(options->window);
    spectrum->past = fftwf_alloc_real(2 * (size_t)options->window);
    spectrum->in = fftwf_alloc_real(options->size);
    spectrum->bins = fftwf_alloc_complex(options->size / 2 + 1);
    spectrum->magnitudes = fftwf_alloc_real(options->size / 2 + 1);
    if (!spectrum->shape || !spectrum->past || !spectrum->in || !spectrum->bins || !spectrum->magnitudes ||
        !(spectrum->plan = plan(spectrum))) {
        spectrum_free(spectrum);
        return NULL;
    }
    memset(spectrum->past, 0, 2 * options->window * sizeof(float));
    memset(spectrum->in, 0, options->size * sizeof(float));
    memset(spectrum->bins, 0, (options->size / 2 + 1) * sizeof *spectrum->bins);
    memset(spectrum->magnitudes, 0, (options->size / 2 + 1) * sizeof(float));
    shape_window(spectrum);
    return spectrum;
}

void spectrum_free(struct spectrum *spectrum)
{
    if (spectrum) {
        if (spectrum->plan) {
            (void)pthread_mutex_lock(&planner);
            fftwf_destroy_plan(spectrum->plan);
            (void)pthread_mutex_unlock(&planner);
        }
        fftwf_free(spectrum->shape);
        fftwf_free(spectrum->past);
        fftwf_free(spectrum->in);
        fftwf_free(spectrum->bins);
        fftwf_free(spectrum->magnitudes);
        free(spectrum);
    }
}

static void transform(struct spectrum *spectrum) REALTIME;

static void transform(struct spectrum *spectrum)
{
    const float *past = spectrum->past + spectrum->at;
    for (uint32_t i = 0; i < spectrum->options.window; i++) {
        spectrum->in[i] = past[i] * spectrum->shape[i];
    }
    fftwf_execute(spectrum->plan);
    for (uint32_t i = 0; i <= spectrum->options.size / 2; i++) {
        const float real = spectrum->bins[i][0];
        const float imaginary = spectrum->bins[i][1];
        spectrum->magnitudes[i] = sqrtf(real * real + imaginary * imaginary);
    }
}

size_t spectrum_push(struct spectrum *spectrum, const float *frames, size_t count, bool *made)
{
    const uint32_t window = spectrum->options.window;
    const size_t some = count < spectrum->until ? count : spectrum->until;
    for (size_t i = 0; i < some; i++) {
        spectrum->past[spectrum->at] = spectrum->past[spectrum->at + window] = frames[i];
        spectrum->at = spectrum->at + 1 < window ? spectrum->at + 1 : 0;
    }
    spectrum->until -= (uint32_t)some;
    *made = spectrum->until == 0;
    if (*made) {
        spectrum->until = spectrum->options.hop;
        transform(spectrum);
    }
    return some;
}

const float *spectrum_magnitudes(const struct spectrum *spectrum)
{
    return spectrum->magnitudes;
}

const float (*spectrum_bins(const struct spectrum *spectrum))[2]
{
    return (const float(*)[2])spectrum->bins;
}

uint32_t spectrum_bin_count(const struct spectrum *spectrum)
{
    return spectrum->options.size / 2 + 1;
}

double spectrum_delay(const struct spectrum *spectrum)
{
    return spectrum->delay;
}

double spectrum_fill(double age, double rise, double fall)
{
    const double in_fall = fmin(fmax(age, 0.0), fall);
    const double in_rise = fmin(fmax(age - fall, 0.0), rise);
    const double area = in_fall / 2.0 - fall / (2.0 * M_PI) * sin(M_PI * in_fall / fall) + in_rise / 2.0 +
                        rise / (2.0 * M_PI) * sin(M_PI * in_rise / rise);
    return area / ((fall + rise) / 2.0);
}
