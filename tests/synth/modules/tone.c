// SPDX-License-Identifier: GPL-3.0-or-later
#include "tone.h"

#include <fftw3.h>
#include <math.h>
#include <stdbool.h>

// A line of the spectrum is as wide as the window makes it: seven bins to each side.
enum { LINE = 8 };

static const double pi = 3.14159265358979323846;

// The seven-term window of Blackman and Harris.
static double window_at(int i)
{
    static const double terms[] = {0.27105140069342, -0.43329793923448, 0.21812299954311, -0.06592544638803,
                                   0.01081174209837, -0.00077658482522, 0.00001388721735};
    double sum = 0;
    for (int k = 0; k < 7; k++) {
        sum += terms[k] * cos(2 * pi * k * i / TONE_FRAMES);
    }
    return sum;
}

void tone_spectrum(const float *samples, double power[TONE_FRAMES / 2 + 1])
{
    double *in = fftw_malloc(sizeof(double) * TONE_FRAMES);
    fftw_complex *out = fftw_malloc(sizeof(fftw_complex) * (TONE_FRAMES / 2 + 1));
    double square = 0;
    for (int i = 0; i < TONE_FRAMES; i++) {
        const double window = window_at(i);
        square += window * window;
        in[i] = samples[i] * window;
    }
    fftw_plan plan = fftw_plan_dft_r2c_1d(TONE_FRAMES, in, out, FFTW_ESTIMATE);
    fftw_execute(plan);
    for (int i = 0; i <= TONE_FRAMES / 2; i++) {
        power[i] = (out[i][0] * out[i][0] + out[i][1] * out[i][1]) * 4 / (square * TONE_FRAMES);
    }
    fftw_destroy_plan(plan);
    fftw_free(out);
    fftw_free(in);
}

double tone_band(const double *power, double rate, double low, double high)
{
    double sum = 0;
    for (int i = (int)ceil(low * TONE_FRAMES / rate); i <= (int)(high * TONE_FRAMES / rate); i++) {
        sum += power[i];
    }
    return sum;
}

double tone_power(const double *power, double rate, double hz)
{
    const double line = LINE * rate / TONE_FRAMES;
    return tone_band(power, rate, hz - line, hz + line);
}

double tone_strange(const double *power, double rate, double hz)
{
    double sum = 0;
    for (int i = (int)ceil(20 * TONE_FRAMES / rate); i <= (int)(20000 * TONE_FRAMES / rate); i++) {
        const double at = i * rate / TONE_FRAMES;
        const double away = fabs(at - hz * round(at / hz)) * TONE_FRAMES / rate;
        // Around 0 Hz there is a line too where the wave has a mean.
        sum += away > LINE ? power[i] : 0;
    }
    return 10 * log10(sum / tone_power(power, rate, hz) + 1e-30);
}
