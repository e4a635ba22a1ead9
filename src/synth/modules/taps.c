// SPDX-License-Identifier: GPL-3.0-or-later
// The weights of each place sum to one, so that a constant stays what it is.
#include "synth/modules/taps.h"

#include <math.h>

static const double pi = 3.14159265358979323846;

// Of the Kaiser window: where the sidelobes are 90 dB down.
static const double beta = 9;

/// The Bessel function of order zero.
static double bessel(double x)
{
    double sum = 1;
    double term = 1;
    for (int k = 1; k < 40; k++) {
        term *= (x / (2 * k)) * (x / (2 * k));
        sum += term;
    }
    return sum;
}

/// The weight of a frame \p away from the place.
static double weight(double away)
{
    const double edge = away * 2 / TAPS;
    if (fabs(edge) >= 1) {
        return 0;
    }
    const double sinc = fabs(away) < 1e-9 ? 1 : sin(pi * away) / (pi * away);
    return sinc * bessel(beta * sqrt(1 - edge * edge)) / bessel(beta);
}

void taps_fill(float *table)
{
    for (int phase = 0; phase <= TAPS_PHASES; phase++) {
        double weights[TAPS];
        double sum = 0;
        for (int k = 0; k < TAPS; k++) {
            weights[k] = weight(k - TAPS_BEFORE - (double)phase / TAPS_PHASES);
            sum += weights[k];
        }
        for (int k = 0; k < TAPS; k++) {
            table[phase * TAPS + k] = (float)(weights[k] / sum);
        }
    }
}
