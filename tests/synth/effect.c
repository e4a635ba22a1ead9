// SPDX-License-Identifier: GPL-3.0-or-later
#include "effect.h"

#include "core/random.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

static const double TURN = 6.283185307179586;

void sides_free(struct sides *sides)
{
    free(sides->left);
    free(sides->right);
    *sides = (struct sides){0};
}

double sides_difference(const struct sides *a, const struct sides *b)
{
    double difference = 0;
    double power = 0;
    for (size_t i = 0; i < b->frames; i++) {
        const double left = (double)a->left[i] - (double)b->left[i];
        const double right = (double)a->right[i] - (double)b->right[i];
        difference += left * left + right * right;
        power += (double)b->left[i] * (double)b->left[i] + (double)b->right[i] * (double)b->right[i];
    }
    return sqrt(difference / power);
}

size_t effect_blocks(double frames)
{
    return (size_t)ceil(frames / KERNEL_BLOCK) * KERNEL_BLOCK;
}

void effect_run(effect_step *step, void *state, const float *in, size_t frames, struct sides *heard)
{
    assert(frames % KERNEL_BLOCK == 0);
    sides_free(heard);
    *heard = (struct sides){calloc(frames, sizeof(float)), calloc(frames, sizeof(float)), frames};
    for (size_t i = 0; i < frames; i += KERNEL_BLOCK) {
        step(state, in + i, heard->left + i, heard->right + i);
    }
}

void effect_impulse(effect_step *step, void *state, float height, size_t frames, struct sides *heard)
{
    float *in = calloc(frames, sizeof *in);
    in[0] = height;
    effect_run(step, state, in, frames, heard);
    free(in);
}

struct biquad {
    double b[3];
    double a[3];
    double past[4];
};

/// Bristow-Johnson's low-pass and band-pass.
static struct biquad biquad_at(double frequency, double q, int is_band)
{
    const double omega = TURN * frequency;
    const double alpha = sin(omega) / (2 * q);
    const double low = (1 - cos(omega)) / 2;
    struct biquad filter = {.a = {1 + alpha, -2 * cos(omega), 1 - alpha}, .b = {low, 2 * low, low}};
    if (is_band) {
        filter.b[0] = alpha;
        filter.b[1] = 0;
        filter.b[2] = -alpha;
    }
    return filter;
}

static double biquad_step(struct biquad *filter, double in)
{
    double *past = filter->past;
    const double sum = filter->b[0] * in + filter->b[1] * past[0] + filter->b[2] * past[1] - filter->a[1] * past[2] -
                       filter->a[2] * past[3];
    past[1] = past[0];
    past[0] = in;
    past[3] = past[2];
    past[2] = sum / filter->a[0];
    return past[2];
}

void fill_noise(float *out, size_t frames, double rate, float amplitude)
{
    // A Butterworth low-pass of the twelfth order.
    static const double q[] = {0.504, 0.541, 0.630, 0.821, 1.306, 3.830};
    struct biquad filters[6];
    struct random random;
    random_init(&random, 1, 0);
    const int is_limited = rate > 50000;
    for (size_t j = 0; j < 6 && is_limited; j++) {
        filters[j] = biquad_at(20000 / rate, q[j], 0);
    }
    for (size_t i = 0; i < frames; i++) {
        double value = 2 * random_unit(&random) - 1;
        for (size_t j = 0; j < 6 && is_limited; j++) {
            value = biquad_step(&filters[j], value);
        }
        out[i] = amplitude * (float)value;
    }
}

float peak(const float *samples, size_t frames)
{
    float greatest = 0;
    for (size_t i = 0; i < frames; i++) {
        // Written so that NaN stays.
        greatest = fabsf(samples[i]) <= greatest ? greatest : fabsf(samples[i]);
        if (isnan(greatest)) {
            return greatest;
        }
    }
    return greatest;
}

double mean_power(const float *samples, size_t frames)
{
    double sum = 0;
    for (size_t i = 0; i < frames; i++) {
        sum += (double)samples[i] * (double)samples[i];
    }
    return sum / (double)frames;
}

double correlation(const float *a, const float *b, size_t frames)
{
    double sum = 0;
    for (size_t i = 0; i < frames; i++) {
        sum += (double)a[i] * (double)b[i];
    }
    return sum / (double)frames / sqrt(mean_power(a, frames) * mean_power(b, frames));
}

double sample_kurtosis(const float *samples, size_t frames)
{
    double sum = 0;
    for (size_t i = 0; i < frames; i++) {
        sum += pow((double)samples[i], 4);
    }
    return sum / (double)frames / pow(mean_power(samples, frames), 2);
}

double decay_time(const float *samples, size_t frames, double rate, double hertz)
{
    struct biquad filters[] = {biquad_at(hertz / rate, 6, 1), biquad_at(hertz / rate, 6, 1)};
    double *energy = calloc(frames + 1, sizeof *energy);
    for (size_t i = 0; i < frames; i++) {
        energy[i] = pow(biquad_step(&filters[1], biquad_step(&filters[0], (double)samples[i])), 2);
    }
    for (size_t i = frames; i-- > 0;) {
        energy[i] += energy[i + 1];
    }
    double n = 0;
    double x = 0;
    double y = 0;
    double xx = 0;
    double xy = 0;
    for (size_t i = 0; i < frames; i++) {
        const double decibels = 10 * log10(energy[i] / energy[0]);
        const double seconds = (double)i / rate;
        if (decibels <= -5 && decibels >= -35) {
            n++;
            x += seconds;
            y += decibels;
            xx += seconds * seconds;
            xy += seconds * decibels;
        }
    }
    free(energy);
    return -60 / ((n * xy - x * y) / (n * xx - x * x));
}

/// The sums of the powers, and of their squares, of the lines of the spectrum between two frequencies. Gives how many.
static size_t sum_lines(const float *samples, size_t frames, double low, double high, double *power, double *square)
{
    double *windowed = calloc(frames, sizeof *windowed);
    for (size_t i = 0; i < frames; i++) {
        windowed[i] = (double)samples[i] * (0.5 - 0.5 * cos(TURN * (double)i / (double)frames));
    }
    *power = 0;
    *square = 0;
    const size_t first = (size_t)(low * (double)frames);
    const size_t last = (size_t)(high * (double)frames);
    // A few hundred lines say enough.
    const size_t step = (last - first) / 400 + 1;
    size_t lines = 0;
    for (size_t line = first; line < last; line += step) {
        const double turn = 2 * cos(TURN * (double)line / (double)frames);
        double now = 0;
        double before = 0;
        for (size_t i = 0; i < frames; i++) { // Goertzel
            const double next = windowed[i] + turn * now - before;
            before = now;
            now = next;
        }
        const double value = now * now + before * before - turn * now * before;
        *power += value;
        *square += value * value;
        lines++;
    }
    free(windowed);
    *power *= (double)step;
    *square *= (double)step * (double)step;
    return lines;
}

double spectrum_power(const float *samples, size_t frames, double low, double high)
{
    double power = 0;
    double square = 0;
    (void)sum_lines(samples, frames, low, high, &power, &square);
    return power;
}

double spectrum_peakedness(const float *samples, size_t frames, double low, double high)
{
    double power = 0;
    double square = 0;
    const size_t lines = sum_lines(samples, frames, low, high, &power, &square);
    return square * (double)lines / (power * power);
}
