// SPDX-License-Identifier: GPL-3.0-or-later
// The envelope is the RMS of both sides under a Hann window of 10 ms, every half millisecond, and the times in it are
// interpolated between those points. The attack is looked for from the front (the first time that the envelope is as
// high) and the release from the back (the last time that it is): a beat or a low note's own wave crosses a level many
// times, and only these two crossings are sure to be the same ones in two renders.
#include "note_measure.h"

#include "spectrum.h"

#include <complex.h>
#include <math.h>
#include <string.h>

enum { HOP = 22, SPAN = 21, POINTS = NOTE_FRAMES / HOP, WINDOW = 4096, STEP = 1024 };

static const double SILENT_DB = -200;
static const double SILENT_PEAK = 1e-5;
static const double LOW_HZ = 20;
static const double HIGH_HZ = 16000;
static const double SLACK = 1.0233;   ///< 0.1 dB
static const double SETTLED_S = 0.05; ///< the level at note-off is that of the last so many seconds

struct envelope {
    size_t count;
    double values[POINTS]; ///< power
};

void note_clear(struct note *note)
{
    memset(note, 0, sizeof *note);
}

bool note_silent(const struct note *note)
{
    for (size_t i = 0; i < note->count; i++) {
        if (fabs((double)note->left[i]) > SILENT_PEAK || fabs((double)note->right[i]) > SILENT_PEAK) {
            return false;
        }
    }
    return true;
}

static double decibels(double power)
{
    return power > 1e-20 ? 10 * log10(power) : SILENT_DB;
}

static double mean_power(const float *samples, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += (double)samples[i] * (double)samples[i];
    }
    return sum / (double)count;
}

static void take_envelope(const struct note *note, struct envelope *envelope)
{
    static double energy[POINTS];
    envelope->count = note->count / HOP;
    for (size_t i = 0; i < envelope->count; i++) {
        energy[i] = 0.5 * (mean_power(note->left + i * HOP, HOP) + mean_power(note->right + i * HOP, HOP));
    }
    for (size_t i = 0; i < envelope->count; i++) {
        double sum = 0;
        for (size_t j = 0; j < SPAN; j++) {
            const size_t at = i + j;
            const double weight = (1 - cos(2 * M_PI * ((double)j + 0.5) / SPAN)) / SPAN;
            sum += at >= SPAN / 2 && at - SPAN / 2 < envelope->count ? weight * energy[at - SPAN / 2] : 0;
        }
        envelope->values[i] = sum;
    }
}

static double seconds(double point)
{
    return (point + 0.5) * HOP / (double)NOTE_RATE;
}

/// Where between points \p i and \p i + 1 the amplitude is that of \p power.
static double between(const struct envelope *envelope, size_t i, double power)
{
    const double first = sqrt(envelope->values[i]);
    const double second = sqrt(envelope->values[i + 1]);
    return (double)i + (first == second ? 0 : (sqrt(power) - first) / (second - first));
}

/// The first time that the envelope is as high as \p power, from \p from on.
static double rise(const struct envelope *envelope, double power)
{
    size_t i = 0;
    while (i < envelope->count && envelope->values[i] < power) {
        i++;
    }
    return i == 0 ? 0 : seconds(between(envelope, i - 1, power));
}

/// The last time that the envelope is as high as \p power; NAN where it is at the end.
static double fall(const struct envelope *envelope, double power)
{
    size_t i = envelope->count;
    while (i > 0 && envelope->values[i - 1] < power) {
        i--;
    }
    if (i == envelope->count) {
        return NAN;
    }
    return i == 0 ? 0 : seconds(between(envelope, i - 1, power));
}

static size_t find_peak(const struct envelope *envelope, size_t end)
{
    size_t peak = 0;
    for (size_t i = 0; i < end && i < envelope->count; i++) {
        peak = envelope->values[i] > envelope->values[peak] ? i : peak;
    }
    return peak;
}

/// The envelope's mean power over the last part of what is held. The half window at the end already hears the release.
static double level_at_end(const struct envelope *envelope, size_t held)
{
    const size_t end = held / HOP - SPAN / 2;
    const size_t start = end - (size_t)(SETTLED_S * NOTE_RATE / HOP);
    double sum = 0;
    for (size_t i = start; i < end && i < envelope->count; i++) {
        sum += envelope->values[i];
    }
    return sum / (double)(end - start);
}

/// When the envelope has risen to, or fallen from, \p power, from \p origin on.
static struct note_time time_of(const struct envelope *envelope, double (*cross)(const struct envelope *, double),
                                double power, double origin)
{
    const double times[] = {cross(envelope, power) - origin, cross(envelope, power / SLACK) - origin,
                            cross(envelope, power * SLACK) - origin};
    return (struct note_time){.at = times[0], .early = fmin(times[1], times[2]), .late = fmax(times[1], times[2])};
}

static void measure_times(const struct note *note, struct note_features *out)
{
    static struct envelope envelope;
    take_envelope(note, &envelope);
    const size_t peak = find_peak(&envelope, note->held / HOP);
    const double peak_power = envelope.values[peak];
    out->onset = time_of(&envelope, rise, 0.01 * peak_power, 0);
    const struct note_time risen = time_of(&envelope, rise, 0.81 * peak_power, 0);
    out->attack = (struct note_time){
        .at = risen.at - out->onset.at, .early = risen.early - out->onset.late, .late = risen.late - out->onset.early};
    const double end_power = level_at_end(&envelope, note->held);
    out->ended = end_power < 1e-6 * peak_power;
    const double origin = out->ended ? seconds((double)peak) : (double)note->held / NOTE_RATE;
    for (int i = 0; i < NOTE_FALLS; i++) {
        const double down = pow(10, -0.1 * (i + 1) * NOTE_FALL_STEP);
        out->falls[i] = time_of(&envelope, fall, down * (out->ended ? peak_power : end_power), origin);
    }
}

static double measure_centroid(const struct note *note)
{
    struct spectrum *spectrum = spectrum_new(WINDOW);
    static double complex bins[2][WINDOW / 2 + 1];
    double weighted = 0;
    double sum = 0;
    const double hertz = (double)NOTE_RATE / WINDOW;
    for (size_t at = 0; at + WINDOW <= note->held; at += STEP) {
        spectrum_take(spectrum, note->left + at, bins[0]);
        spectrum_take(spectrum, note->right + at, bins[1]);
        for (size_t i = (size_t)ceil(LOW_HZ / hertz); (double)i * hertz <= HIGH_HZ; i++) {
            const double power = creal(bins[0][i] * conj(bins[0][i])) + creal(bins[1][i] * conj(bins[1][i]));
            weighted += power * (double)i * hertz;
            sum += power;
        }
    }
    spectrum_free(spectrum);
    return sum > 0 ? weighted / sum : 0;
}

void note_measure(const struct note *note, struct note_features *out)
{
    const double left = mean_power(note->left, note->held);
    const double right = mean_power(note->right, note->held);
    *out = (struct note_features){
        .level = decibels(0.5 * (left + right)), .left = decibels(left), .right = decibels(right)};
    if (note_silent(note)) {
        for (int i = 0; i < NOTE_FALLS; i++) {
            out->falls[i].at = NAN;
        }
        return;
    }
    measure_times(note, out);
    out->centroid = measure_centroid(note);
}
