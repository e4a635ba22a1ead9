// SPDX-License-Identifier: GPL-3.0-or-later
// A cycle is made from its overtones: for each level as many of them as it may have go through an inverse Fourier
// transform of the level's length. Those of a file come from a transform of what it holds; for a length that is no
// power of two, term by term.
#include "synth/modules/cycles.h"

#include "synth/modules/sound_file.h"

#include <complex.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const double pi = 3.14159265358979323846;

/// Amplitudes and phases of overtones 1 to CYCLES_OVERTONES - 1, as sines; [0] is not used.
typedef double complex overtones[CYCLES_OVERTONES];

/// The sum over \p x of turns of e^(2 pi i), in place; \p bits of the length. Not divided by anything.
static void transform(double complex *x, uint32_t bits)
{
    const uint32_t size = 1U << bits;
    for (uint32_t i = 1, j = 0; i < size; i++) {
        uint32_t bit = size >> 1;
        for (; j & bit; bit >>= 1) {
            j ^= bit;
        }
        j ^= bit;
        if (i < j) {
            const double complex other = x[i];
            x[i] = x[j];
            x[j] = other;
        }
    }
    for (uint32_t half = 1; half < size; half *= 2) {
        for (uint32_t k = 0; k < half; k++) {
            const double complex turn = cos(pi * k / half) + I * sin(pi * k / half);
            for (uint32_t i = k; i < size; i += 2 * half) {
                const double complex odd = x[i + half] * turn;
                x[i + half] = x[i] - odd;
                x[i] += odd;
            }
        }
    }
}

/// One level of a cycle, with its ends, from \p tones. \p work holds 2^CYCLES_BITS numbers.
static void make_level(const overtones tones, uint32_t level, double scale, double complex *work, float *out)
{
    const uint32_t bits = cycles_bits(level);
    const uint32_t size = 1U << bits;
    memset(work, 0, size * sizeof work[0]);
    const uint32_t most = (uint32_t)CYCLES_OVERTONES >> level;
    for (uint32_t k = 1; k <= most && k < CYCLES_OVERTONES; k++) {
        work[k] = tones[k];
    }
    transform(work, bits);
    for (int i = -CYCLES_PAD; i < (int)size + CYCLES_PAD; i++) {
        out[i] = (float)(cimag(work[(uint32_t)i & (size - 1)]) * scale);
    }
}

static double peak_of(const float *samples, uint32_t count)
{
    double peak = 0;
    for (uint32_t i = 0; i < count; i++) {
        peak = fmax(peak, fabs((double)samples[i]));
    }
    return peak;
}

/// All levels of a cycle, as loud as \p tones are or, where \p is_even, to a peak of 1.
static void make_cycle(const overtones tones, bool is_even, double complex *work, float *cycle)
{
    double scale = 1;
    if (is_even) {
        make_level(tones, 0, 1, work, cycle + cycles_offset(0));
        scale = 1 / fmax(peak_of(cycle + cycles_offset(0), 1U << CYCLES_BITS), 1e-9);
    }
    for (uint32_t level = 0; level < CYCLES_LEVELS; level++) {
        make_level(tones, level, scale, work, cycle + cycles_offset(level));
    }
}

// A little softer towards the top, so that a jump does not ring.
static double taper(int k)
{
    return 0.5 + 0.5 * cos(pi * k / CYCLES_OVERTONES);
}

static double complex basic(int cycle, int k)
{
    switch (cycle) {
    case 0:
        return k == 1 ? 1 : 0;
    case 1:
        return k % 2 ? (k % 4 == 1 ? 1.0 : -1.0) / ((double)k * k) : 0;
    case 2:
        // As the saw oscillator: rising through 0.
        return taper(k) * (k % 2 ? 1.0 : -1.0) / k;
    default:
        return k % 2 ? taper(k) / k : 0;
    }
}

static double complex pulse(int cycle, int k)
{
    const double width = 0.5 - 0.03 * cycle;
    // A pulse around the begin of the cycle is made of cosines.
    return I * taper(k) * sin(pi * k * width) / k;
}

static double complex bright(int cycle, int k)
{
    return taper(k) * exp(-k / pow(2, 0.2 + cycle * 0.65)) / k;
}

static double complex organ(int cycle, int k)
{
    // The drawbars of a tonewheel organ at 8 feet and above, one more with each cycle.
    static const int bars[] = {1, 2, 3, 4, 6, 8, 10, 12, 16};
    for (int i = 0; i <= cycle; i++) {
        if (bars[i] == k) {
            return 1 / sqrt(k);
        }
    }
    return 0;
}

static double complex vowels(int cycle, int k)
{
    // The first three formants of a, e, i, o, u in hertz, as of a voice at 110 Hz.
    static const double formants[][3] = {
        {730, 1090, 2440}, {530, 1840, 2480}, {270, 2290, 3010}, {570, 840, 2410}, {300, 870, 2240}};
    static const double levels[] = {1, 0.5, 0.25};
    double sum = 0.02;
    for (int i = 0; i < 3; i++) {
        const double away = (k * 110 - formants[cycle][i]) / (60 + 0.06 * formants[cycle][i]);
        sum += levels[i] / (1 + away * away);
    }
    // Phases as they come of a quadratic, so that the cycle is not one spike.
    return taper(k) * sum / sqrt(k) * cexp(I * 0.35 * k * k);
}

static const struct {
    int count;
    double complex (*overtone)(int cycle, int k);
} tables[] = {{4, basic}, {16, pulse}, {16, bright}, {9, organ}, {5, vowels}};

const char *const cycles_names[] = {"basic", "pulse", "bright", "organ", "vowels", NULL};

/// What making cycles needs.
struct workshop {
    overtones tones;
    double complex work[1 << CYCLES_BITS];
};

static enum status cycles_allocate(uint32_t count, struct cycles *out, struct workshop **workshop)
{
    out->count = count;
    out->samples = calloc((size_t)count * cycles_stride(), sizeof(float));
    *workshop = calloc(1, sizeof **workshop);
    if (!out->samples || !*workshop) {
        free(out->samples);
        free(*workshop);
        *out = (struct cycles){0};
        return STATUS_NO_MEMORY;
    }
    return STATUS_OK;
}

enum status cycles_make(uint32_t index, struct cycles *out)
{
    struct workshop *shop = NULL;
    const enum status status = cycles_allocate((uint32_t)tables[index].count, out, &shop);
    if (status) {
        return status;
    }
    for (uint32_t cycle = 0; cycle < out->count; cycle++) {
        for (int k = 1; k < CYCLES_OVERTONES; k++) {
            shop->tones[k] = tables[index].overtone((int)cycle, k);
        }
        make_cycle(shop->tones, true, shop->work, out->samples + (size_t)cycle * cycles_stride());
    }
    free(shop);
    return STATUS_OK;
}

/// The overtones of \p length frames, a power of two up to 2^CYCLES_BITS.
static void analyse_fast(const float *frames, uint32_t length, struct workshop *shop)
{
    uint32_t bits = 0;
    while (1U << bits < length) {
        bits++;
    }
    for (uint32_t i = 0; i < length; i++) {
        shop->work[i] = frames[i];
    }
    transform(shop->work, bits);
    for (uint32_t k = 1; k < CYCLES_OVERTONES; k++) {
        // Of x = sum of imag(tone e^(i k t)) the transform with e^(+i k t) is conj(tone) i length / 2.
        shop->tones[k] = 2 * k < length ? conj(shop->work[k] * 2 / (I * (double)length)) : 0;
    }
}

/// The same of any length.
static void analyse_slowly(const float *frames, uint32_t length, struct workshop *shop)
{
    for (uint32_t k = 1; k < CYCLES_OVERTONES; k++) {
        const double complex step = cos(2 * pi * k / length) + I * sin(2 * pi * k / length);
        double complex turn = 1;
        double complex sum = 0;
        for (uint32_t i = 0; i < length && 2 * k < length; i++) {
            sum += frames[i] * turn;
            turn *= step;
        }
        shop->tones[k] = conj(sum * 2 / (I * (double)length));
    }
}

static enum status cycles_take(const struct sound_file *file, uint32_t length, struct cycles *out)
{
    struct workshop *shop = NULL;
    const enum status status = cycles_allocate(file->frames / length, out, &shop);
    if (status) {
        return status;
    }
    const bool is_fast = length <= 1U << CYCLES_BITS && (length & (length - 1)) == 0;
    for (uint32_t cycle = 0; cycle < out->count; cycle++) {
        const float *frames = file->samples[0] + (size_t)cycle * length;
        (is_fast ? analyse_fast : analyse_slowly)(frames, length, shop);
        make_cycle(shop->tones, false, shop->work, out->samples + (size_t)cycle * cycles_stride());
    }
    free(shop);
    return STATUS_OK;
}

enum status cycles_read(const char *path, const char *shown, struct cycles *out, struct complaint *complaint)
{
    struct sound_file file;
    enum status status = sound_file_read(path, shown, &file, complaint);
    if (status) {
        return status;
    }
    const bool is_row = file.frames % CYCLES_LENGTH == 0 && file.frames / CYCLES_LENGTH <= CYCLES_MAX;
    if (!is_row && file.frames > 4 * CYCLES_LENGTH) {
        status =
            complain(complaint, STATUS_UNSUPPORTED,
                     "\"%s\" has %u frames: a wavetable is up to %d cycles of %d frames, or one cycle of at most %d",
                     shown, file.frames, CYCLES_MAX, CYCLES_LENGTH, 4 * CYCLES_LENGTH);
    } else {
        status = cycles_take(&file, is_row ? CYCLES_LENGTH : file.frames, out);
        if (status) {
            status = complain(complaint, status, "no memory for the wavetable \"%s\"", shown);
        }
    }
    free(file.memory);
    return status;
}
