// SPDX-License-Identifier: GPL-3.0-or-later
// The weights of each place sum to one, so that a constant stays what it is.
#include "synth/modules/taps.h"

#include "core/kaiser.h"

#include <math.h>

static const double pi = 3.14159265358979323846;

// Of the Kaiser window: where the sidelobes are 90 dB down.
static const double beta = 9;

/// The weight of a frame \p away from the place.
static double weight(double away)
{
    const double edge = away * 2 / TAPS;
    if (fabs(edge) >= 1) {
        return 0;
    }
    const double sinc = fabs(away) < 1e-9 ? 1 : sin(pi * away) / (pi * away);
    return sinc * kaiser(edge, beta);
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
