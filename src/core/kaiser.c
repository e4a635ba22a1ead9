// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/kaiser.h"

#include <math.h>

enum { TERMS = 40 }; // more add nothing to a double

/// The modified Bessel function of order zero.
static double bessel(double x)
{
    double sum = 1;
    double term = 1;
    for (int k = 1; k < TERMS; k++) {
        term *= (x / (2 * k)) * (x / (2 * k));
        sum += term;
    }
    return sum;
}

double kaiser(double place, double beta)
{
    return bessel(beta * sqrt(fmax(0, 1 - place * place))) / bessel(beta);
}
