// SPDX-License-Identifier: GPL-3.0-or-later
// Two renders of one note read the same samples, one of them faster by a ratio 1 + e. In every bin of the short-time
// cross-spectrum of the two the phase then turns by 2 pi f e in a second, for a flute and for a cymbal alike, and
// whatever vibrato or sweep the note has stands in both and cancels. So e is the value that turns the products of
// cross-spectra `hop` frames apart back to real numbers in all the strong bins at once:
//
//     S(e) = sum over bins of Re(A(bin) exp(-j 2 pi f(bin) e hop / rate)),
//     A(bin) = sum over time of C(t + hop) conj(C(t)),   C = Y conj(X)
//
// This is the maximum-likelihood estimate of a delay that grows with time (Knapp and Carter, "The generalized
// correlation method for estimation of time delay", 1976). A long hop is exact and a short one is not off by
// whole turns, so each of three hops searches about what the one before found. Where even the first may be (a high tone
// alone turns often), the strongest partials of the two say which turn it is. Magnitudes are compressed to their square
// root: the strongest partial alone would decide otherwise.
//
// The frequency of what sounds in a bin is not that of the bin: it is taken from how the phase of X itself advances.
//
// A window must be shorter than the sound, or all windows show the same: it is a quarter of the time in which nearly
// all of the energy comes. A sweep that comes late has another pitch at each moment, so the two are aligned first, by
// their correlation at the onset.
#include "note_pitch.h"

#include "spectrum.h"

#include <complex.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    WINDOW_MAX = 4096,
    WINDOW_MIN = 128,
    BINS_MAX = WINDOW_MAX / 2 + 1,
    OVERLAP = 8, ///< windows begin that part of their length apart
    WINDOWS_MAX = 1024,
    STRONG = 64,
    HOPS = 3,
    CLIMB = 400,
    LAG = 132,
    ALIGNED = 4096,
    SIDES = 2,
    RENDERS = 2,
};

static const double LOW_HZ = 20;
static const double HIGH_HZ = 16000;
static const double NEARLY_ALL = 0.99;
static const double DOUBT = 0.3; ///< part of the most that S can be, lost at the far end of a search

/// How far and how finely each hop is searched, in cents, with windows of WINDOW_MAX; coarser with shorter ones.
static const struct {
    size_t windows;
    double range, step;
} hops[HOPS] = {{1, 300, 1}, {4, 10, 0.2}, {16, 2.5, 0.05}};

/// The cross-spectra of all windows, in their strongest bins.
struct cross {
    size_t window, step;
    size_t windows;
    size_t bins[STRONG];
    double turns[STRONG]; ///< in a step, of what sounds there
    double rough;         ///< cents between the strongest partials of the two
    double complex values[SIDES][WINDOWS_MAX][STRONG];
};

/// Of ALIGNED frames of \p a from \p from on with as many of \p b, \p lag later; -1 to 1.
static double correlation(const struct note *a, const struct note *b, size_t from, int lag)
{
    double product = 0;
    double energies[2] = {0};
    for (size_t i = lag < 0 && from < (size_t)-lag ? (size_t)-lag - from : 0; i < ALIGNED; i++) {
        const size_t at = from + i;
        const size_t other = (size_t)((long)at + lag);
        const double first = (double)(a->left[at] + a->right[at]);
        const double second = (double)(b->left[other] + b->right[other]);
        product += first * second;
        energies[0] += first * first;
        energies[1] += second * second;
    }
    return energies[0] > 0 && energies[1] > 0 ? product / sqrt(energies[0] * energies[1]) : 0;
}

/// Frames by which \p tested is late; of lags that are as good, as in a steady tone, the least.
static int align(const struct note *reference, const struct note *tested, size_t onset)
{
    if (onset + ALIGNED + LAG > reference->held) {
        return 0;
    }
    int best = 0;
    double best_sum = correlation(reference, tested, onset, 0);
    for (int distance = 1; distance <= LAG; distance++) {
        for (int sign = -1; sign <= 1; sign += 2) {
            const double sum = correlation(reference, tested, onset, sign * distance);
            if (sum > best_sum + 1e-3) {
                best_sum = sum;
                best = sign * distance;
            }
        }
    }
    return best;
}

static double complex compressed(double complex value)
{
    const double magnitude = cabs(value);
    return magnitude > 0 ? value / sqrt(magnitude) : 0;
}

static bool audible(size_t bin, size_t window)
{
    const double hertz = (double)bin * NOTE_RATE / (double)window;
    return hertz >= LOW_HZ && hertz <= HIGH_HZ;
}

/// A power of two.
static size_t choose_window(const struct note *note)
{
    double energy[2] = {0};
    size_t frames[2] = {0};
    for (size_t i = 0; i < note->held; i++) {
        energy[0] += (double)(note->left[i] * note->left[i]) + (double)(note->right[i] * note->right[i]);
    }
    while (energy[1] < NEARLY_ALL * energy[0]) {
        const size_t i = frames[1]++;
        const double power = (double)(note->left[i] * note->left[i]) + (double)(note->right[i] * note->right[i]);
        frames[0] += power == 0 && energy[1] == 0;
        energy[1] += power;
    }
    size_t window = WINDOW_MIN;
    while (window < WINDOW_MAX && 2 * window <= (frames[1] - frames[0]) / 4) {
        window *= 2;
    }
    return window;
}

/// The spectrum from frame \p at on, which may lie before the first.
static void take(struct spectrum *spectrum, size_t window, const float *samples, long at, double complex *bins)
{
    float part[WINDOW_MAX];
    for (size_t i = 0; i < window; i++) {
        const long from = at + (long)i;
        part[i] = from >= 0 ? samples[from] : 0;
    }
    spectrum_take(spectrum, part, bins);
}

static void find_strong(double *magnitudes, size_t window, size_t *bins)
{
    for (size_t i = 0; i < STRONG; i++) {
        size_t best = 0;
        for (size_t j = 0; j <= window / 2; j++) {
            best = magnitudes[j] > magnitudes[best] ? j : best;
        }
        bins[i] = best;
        magnitudes[best] = -1;
    }
}

/// Turns in a step of what sounds in \p bin of X: as many as the bin's own frequency makes, and a part more or less.
static double measure_turns(size_t bin, double complex advance)
{
    const double expected = (double)bin / OVERLAP;
    const double found = carg(advance) / (2 * M_PI);
    return expected + remainder(found - expected, 1);
}

/// What is added up over all windows, by bin.
struct sums {
    double both[BINS_MAX];                         ///< magnitudes of the cross-spectrum
    double each[RENDERS][BINS_MAX];                ///< magnitudes of the renders
    double complex advances[RENDERS][BINS_MAX];    ///< from one window to the next
    double complex last[RENDERS][SIDES][BINS_MAX]; ///< the spectra of the window before
    double complex crosses[SIDES][WINDOWS_MAX][BINS_MAX];
};

/// The strongest bin from \p low to \p high, as turns in a step.
static double strongest(const struct sums *sums, int render, size_t low, size_t high)
{
    size_t best = low;
    for (size_t i = low; i <= high; i++) {
        best = sums->each[render][i] > sums->each[render][best] ? i : best;
    }
    return measure_turns(best, sums->advances[render][best]);
}

static double compare_strongest(const struct sums *sums, size_t window)
{
    const double first = strongest(sums, 0, 1, window / 2);
    const double reach = exp2(hops[0].range / 1200);
    const double high = fmin(floor(first * OVERLAP * reach), (double)window / 2);
    const double low = fmin(fmax(ceil(first * OVERLAP / reach), 1), high);
    const double second = strongest(sums, 1, (size_t)low, (size_t)high);
    const double cents = 1200 * log2(second / first);
    return isfinite(cents) && fabs(cents) < hops[0].range ? cents : 0;
}

static void add_window(struct sums *sums, size_t window, int side, size_t t, double complex (*spectra)[BINS_MAX])
{
    for (size_t i = 0; i <= window / 2; i++) {
        if (audible(i, window)) {
            sums->crosses[side][t][i] = spectra[1][i] * conj(spectra[0][i]);
            sums->both[i] += cabs(sums->crosses[side][t][i]);
            for (int render = 0; render < RENDERS; render++) {
                sums->each[render][i] += cabs(spectra[render][i]);
                sums->advances[render][i] += spectra[render][i] * conj(sums->last[render][side][i]);
                sums->last[render][side][i] = spectra[render][i];
            }
        }
    }
}

static void keep_strong(struct cross *cross, struct sums *sums)
{
    cross->rough = compare_strongest(sums, cross->window);
    find_strong(sums->both, cross->window, cross->bins);
    for (size_t i = 0; i < STRONG; i++) {
        const size_t bin = cross->bins[i];
        cross->turns[i] = measure_turns(bin, sums->advances[0][bin]);
        for (int side = 0; side < SIDES; side++) {
            for (size_t t = 0; t < cross->windows; t++) {
                cross->values[side][t][i] = compressed(sums->crosses[side][t][bin]);
            }
        }
    }
}

static void take_cross(const struct note *reference, const struct note *tested, int lag, struct cross *cross)
{
    cross->window = choose_window(reference);
    cross->step = cross->window / OVERLAP;
    struct spectrum *spectrum = spectrum_new(cross->window);
    struct sums *sums = calloc(1, sizeof *sums);
    if (!sums) {
        abort();
    }
    const long end = (long)reference->held - (long)cross->window - LAG;
    for (long at = (long)cross->step - (long)cross->window; at <= end && cross->windows < WINDOWS_MAX;
         at += (long)cross->step) {
        for (int side = 0; side < SIDES; side++) {
            double complex spectra[RENDERS][BINS_MAX];
            take(spectrum, cross->window, side ? reference->right : reference->left, at, spectra[0]);
            take(spectrum, cross->window, side ? tested->right : tested->left, at + lag, spectra[1]);
            add_window(sums, cross->window, side, cross->windows, spectra);
        }
        cross->windows++;
    }
    keep_strong(cross, sums);
    free(sums);
    spectrum_free(spectrum);
}

/// Sums A(bin) over time and both sides; returns the sum of all magnitudes, which S can reach at most.
static double take_advance(const struct cross *cross, size_t windows, double complex *advance)
{
    double sum = 0;
    for (size_t i = 0; i < STRONG; i++) {
        advance[i] = 0;
        for (int side = 0; side < SIDES; side++) {
            for (size_t t = 0; t + windows < cross->windows; t++) {
                const double complex product =
                    compressed(cross->values[side][t + windows][i] * conj(cross->values[side][t][i]));
                advance[i] += product;
                sum += cabs(product);
            }
        }
    }
    return sum;
}

/// S(e), for e in cents.
static double score(const struct cross *cross, const double complex *advance, size_t windows, double cents)
{
    const double ratio = exp2(cents / 1200) - 1;
    double sum = 0;
    for (size_t i = 0; i < STRONG; i++) {
        const double turn = 2 * M_PI * cross->turns[i] * (double)windows * ratio;
        sum += creal(advance[i]) * cos(turn) + cimag(advance[i]) * sin(turn);
    }
    return sum;
}

/// The nearest place where S has a maximum: on the grid of \p step, then between its points by a parabola.
static double climb(const struct cross *cross, const double complex *advance, size_t windows, double cents, double step)
{
    double here = score(cross, advance, windows, cents);
    double before = score(cross, advance, windows, cents - step);
    double after = score(cross, advance, windows, cents + step);
    for (int i = 0; i < CLIMB && fmax(before, after) > here; i++) {
        const bool up = after > before;
        cents += up ? step : -step;
        *(up ? &before : &after) = here;
        here = up ? after : before;
        *(up ? &after : &before) = score(cross, advance, windows, cents + (up ? step : -step));
    }
    const double bend = before - 2 * here + after;
    return bend < 0 ? cents + 0.5 * step * (before - after) / bend : cents;
}

/// The greatest S about \p center. To be away from there has its cost, since all maxima of a high tone are alike; the
/// one that is chosen is then climbed without.
static double search(const struct cross *cross, const double complex *advance, size_t windows, double center,
                     double range, double step, double most)
{
    const int steps = (int)lround(range / step);
    double best = center;
    double best_score = -INFINITY;
    for (int i = -steps; i <= steps; i++) {
        const double cents = center + i * step;
        const double found = score(cross, advance, windows, cents) - DOUBT * most * fabs((double)i / steps);
        if (found > best_score) {
            best = cents;
            best_score = found;
        }
    }
    return climb(cross, advance, windows, best, step);
}

struct note_pitch note_pitch(const struct note *reference, const struct note *tested, double onset)
{
    struct note_pitch pitch = {0};
    if (note_silent(reference) || note_silent(tested)) {
        return pitch;
    }
    struct cross *cross = calloc(1, sizeof *cross);
    if (!cross) {
        abort();
    }
    take_cross(reference, tested, align(reference, tested, (size_t)(onset * NOTE_RATE)), cross);
    pitch.cents = cross->rough;
    double first_sum = 0;
    for (int i = 0; i < HOPS; i++) {
        double complex advance[STRONG];
        const double sum = take_advance(cross, hops[i].windows, advance);
        first_sum = i == 0 ? sum : first_sum;
        // A sound that is over before the long hop has nothing to say there.
        if (sum > 1e-3 * first_sum) {
            const double scale = i == 0 ? 1 : WINDOW_MAX / (double)cross->window;
            const double range = fmin(hops[i].range * scale, hops[0].range);
            pitch.cents = search(cross, advance, hops[i].windows, pitch.cents, range, hops[i].step * scale, sum);
            pitch.coherence = score(cross, advance, hops[i].windows, pitch.cents) / sum;
        }
    }
    free(cross);
    return pitch;
}
