// SPDX-License-Identifier: GPL-3.0-or-later
// A pitch of n + d semitones points in the direction 2 pi d, whatever n. In-tune music points one way; drums and noise
// point everywhere and cancel out. The estimate is taken anew once a step, since it needs an arc tangent.
#include "hear/tuning.h"

#include <math.h>

/// The weight with which a listener that has heard nothing believes in 440 Hz; a strong peak weighs about 1.
static const double PRIOR = 10.0;

/// How far from 440 Hz the estimate goes before it changes sides.
static const double FARTHEST = 0.6;

void tuning_init(struct tuning *tuning, double steps_per_second, double seconds)
{
    *tuning = (struct tuning){.keep = exp(-1.0 / (steps_per_second * seconds)), .real = PRIOR, .weight = PRIOR};
}

void tuning_add(struct tuning *tuning, double pitch, double weight)
{
    const double turn = 2.0 * M_PI * (pitch - floor(pitch));
    tuning->real += weight * cos(turn);
    tuning->imaginary += weight * sin(turn);
    tuning->weight += weight;
    tuning->heard = true;
}

void tuning_step(struct tuning *tuning)
{
    if (!tuning->heard) {
        return;
    }
    tuning->heard = false;
    tuning->real *= tuning->keep;
    tuning->imaginary *= tuning->keep;
    tuning->weight *= tuning->keep;
    if (tuning->weight > 1e-6) {
        const double heard = atan2(tuning->imaginary, tuning->real) / (2.0 * M_PI);
        const double near = heard + rint(tuning->semitones - heard);
        tuning->semitones = fabs(near) < FARTHEST ? near : heard;
    }
}

double tuning_semitones(const struct tuning *tuning)
{
    return tuning->semitones;
}

double tuning_confidence(const struct tuning *tuning)
{
    return tuning->weight > 1e-6 ? hypot(tuning->real, tuning->imaginary) / tuning->weight : 0.0;
}
