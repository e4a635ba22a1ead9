// SPDX-License-Identifier: GPL-3.0-or-later
#include "measure.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static const double TURN = 6.283185307179586;

double measure_db(double ratio)
{
    return 20 * log10(ratio);
}

/// The magnitude of the spectrum of \p x at \p omega radians a frame, by a rotating phase.
static double spectrum_at(const float *x, int frames, double omega)
{
    const double step_real = cos(omega);
    const double step_imaginary = sin(omega);
    double phase_real = 1;
    double phase_imaginary = 0;
    double real = 0;
    double imaginary = 0;
    for (int i = 0; i < frames; i++) {
        real += (double)x[i] * phase_real;
        imaginary += (double)x[i] * phase_imaginary;
        const double next = phase_real * step_real - phase_imaginary * step_imaginary;
        phase_imaginary = phase_real * step_imaginary + phase_imaginary * step_real;
        phase_real = next;
    }
    return hypot(real, imaginary);
}

double measure_tone(const float *x, int frames, double hz, double rate)
{
    return 2 * spectrum_at(x, frames, TURN * hz / rate) / frames;
}

void measure_response(struct stand *stand, const char *input, const char *output, double height, int frames,
                      double rate, const double *hz, double *db, int count)
{
    float *in = calloc((size_t)frames, sizeof *in);
    float *out = calloc((size_t)frames, sizeof *out);
    if (!in || !out) {
        abort();
    }
    in[0] = (float)height;
    stand_plug(stand, input, -1, in);
    stand_run(stand, (uint32_t)frames, MODULE_BLOCK, output, 0, out);
    stand_plug(stand, input, -1, NULL);
    for (int i = 0; i < count; i++) {
        db[i] = measure_db(spectrum_at(out, frames, TURN * hz[i] / rate) / height);
    }
    free(in);
    free(out);
}

void measure_spread(double *hz, int count)
{
    for (int i = 0; i < count; i++) {
        hz[i] = 20 * pow(1000, (double)i / (count - 1));
    }
}

void measure_sine(float *x, int frames, double hz, double rate, double amplitude)
{
    for (int i = 0; i < frames; i++) {
        x[i] = (float)(amplitude * sin(TURN * fmod(hz * i / rate, 1)));
    }
}

void measure_noise(float *x, int frames, unsigned seed)
{
    uint32_t state = seed * 2654435761U + 1;
    for (int i = 0; i < frames; i++) {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        x[i] = (float)(int32_t)state * 0x1p-31F;
    }
}

double measure_peak(const float *x, int frames)
{
    double peak = 0;
    for (int i = 0; i < frames; i++) {
        if (!isfinite(x[i])) {
            return (double)INFINITY;
        }
        peak = fmax(peak, fabs((double)x[i]));
    }
    return peak;
}

void measure_near(double value, double wanted, double within)
{
    if (!(fabs(value - wanted) <= within)) {
        fail_msg("%.9g is not %.9g within %g", value, wanted, within);
    }
}
