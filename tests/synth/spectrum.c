// SPDX-License-Identifier: GPL-3.0-or-later
#include "spectrum.h"

#include <fftw3.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct spectrum {
    size_t size;
    double *window;
    double *in;
    fftw_complex *out;
    fftw_plan plan;
};

struct spectrum *spectrum_new(size_t size)
{
    struct spectrum *spectrum = calloc(1, sizeof *spectrum);
    double *window = calloc(size, sizeof *window);
    if (!spectrum || !window) {
        abort();
    }
    // The window's mean is 1/2 and a real sine has half its amplitude in a bin.
    for (size_t i = 0; i < size; i++) {
        window[i] = (2 - 2 * cos(2 * M_PI * (double)i / (double)size)) / (double)size;
    }
    spectrum->size = size;
    spectrum->window = window;
    spectrum->in = fftw_alloc_real(size);
    spectrum->out = fftw_alloc_complex(size / 2 + 1);
    spectrum->plan = fftw_plan_dft_r2c_1d((int)size, spectrum->in, spectrum->out, FFTW_ESTIMATE);
    if (!spectrum->plan) {
        abort();
    }
    return spectrum;
}

void spectrum_take(struct spectrum *spectrum, const float *samples, double complex *bins)
{
    for (size_t i = 0; i < spectrum->size; i++) {
        spectrum->in[i] = spectrum->window[i] * (double)samples[i];
    }
    fftw_execute(spectrum->plan);
    memcpy(bins, spectrum->out, (spectrum->size / 2 + 1) * sizeof *bins);
}

void spectrum_free(struct spectrum *spectrum)
{
    if (spectrum) {
        fftw_destroy_plan(spectrum->plan);
        fftw_free(spectrum->in);
        fftw_free(spectrum->out);
        free(spectrum->window);
        free(spectrum);
    }
}
