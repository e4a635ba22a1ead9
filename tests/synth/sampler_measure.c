// SPDX-License-Identifier: GPL-3.0-or-later
// A tone's frequency follows from how far its phase has come between the two halves of the frames, each seen through a
// Hann window; its amplitude and what is left over follow from least squares over all of them.
#include "sampler_measure.h"

#include <complex.h>
#include <math.h>

static const double TURN = 6.283185307179586;

static double complex demodulate(const float *frames, size_t count, double omega)
{
    double complex sum = 0;
    double weights = 0;
    for (size_t i = 0; i < count; i++) {
        const double weight = 0.5 - 0.5 * cos(TURN * ((double)i + 0.5) / (double)count);
        sum += weight * frames[i] * cexp(-I * omega * (double)i);
        weights += weight;
    }
    return 2 * sum / weights;
}

double measure_part(const float *frames, size_t count, double rate, double hz)
{
    return cabs(demodulate(frames, count, TURN * hz / rate));
}

/// The amplitude of the best sine of \p omega, and the power of what it leaves in \p rest.
static double fit(const float *frames, size_t count, double omega, double *rest)
{
    double cc = 0;
    double ss = 0;
    double cs = 0;
    double xc = 0;
    double xs = 0;
    for (size_t i = 0; i < count; i++) {
        const double c = cos(omega * (double)i);
        const double s = sin(omega * (double)i);
        cc += c * c;
        ss += s * s;
        cs += c * s;
        xc += frames[i] * c;
        xs += frames[i] * s;
    }
    const double determinant = cc * ss - cs * cs;
    const double a = (xc * ss - xs * cs) / determinant;
    const double b = (xs * cc - xc * cs) / determinant;
    *rest = 0;
    for (size_t i = 0; i < count; i++) {
        const double left = frames[i] - a * cos(omega * (double)i) - b * sin(omega * (double)i);
        *rest += left * left;
    }
    *rest /= (double)count;
    return sqrt(a * a + b * b);
}

struct tone measure_tone(const float *frames, size_t count, double rate, double hz)
{
    const size_t half = count / 2;
    double omega = TURN * hz / rate;
    for (int i = 0; i < 3; i++) {
        const double complex first = demodulate(frames, half, omega);
        const double complex second = demodulate(frames + half, half, omega) * cexp(-I * omega * (double)half);
        omega += carg(second / first) / (double)half;
    }
    double rest = 0;
    const double amplitude = fit(frames, count, omega, &rest);
    return (struct tone){.hz = omega * rate / TURN,
                         .amplitude = amplitude,
                         .purity = 10 * log10(amplitude * amplitude / 2 / (rest + 1e-30))};
}

double measure_rms(const float *frames, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += (double)frames[i] * frames[i];
    }
    return sqrt(sum / (double)count);
}

double measure_step(const float *frames, size_t count)
{
    double step = 0;
    for (size_t i = 1; i < count; i++) {
        step = fmax(step, fabs((double)frames[i] - frames[i - 1]));
    }
    return step;
}

double measure_peak(const float *frames, size_t count)
{
    double peak = 0;
    for (size_t i = 0; i < count; i++) {
        peak = fmax(peak, fabs((double)frames[i]));
    }
    return peak;
}

size_t measure_onset(const float *frames, size_t count, double level)
{
    size_t i = 0;
    while (i < count && fabs((double)frames[i]) <= level) {
        i++;
    }
    return i;
}

size_t measure_end(const float *frames, size_t count, double level)
{
    while (count > 0 && fabs((double)frames[count - 1]) <= level) {
        count--;
    }
    return count;
}

double decibels(double ratio)
{
    return 20 * log10(ratio);
}

double cents(double hz, double other)
{
    return 1200 * log2(other / hz);
}
